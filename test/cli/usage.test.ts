import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { services } from "../../services/registry.ts";
import { hold } from "../ports/holder.ts";
import { bundle, runToEnd } from "./process.ts";

let built: Awaited<ReturnType<typeof bundle>>;
const folder = mkdtempSync(join(tmpdir(), "portwright-usage-"));
beforeAll(async () => {
  built = await bundle("usage");
});
afterAll(() => {
  built.remove();
  rmSync(folder, { recursive: true });
});

const run = (...args: string[]) => runToEnd(process.execPath, [built.cli, ...args], { cwd: folder });

describe("bad usage", () => {
  const SERVICES = Object.keys(services).join(", ");

  it.each<[string[], string | RegExp]>([
    [[], "Which command? `portwright up` starts every service.\n  try: portwright --help"],
    [["upp"], "Did you mean up?\n  try: portwright --help"],
    [
      ["smtp", "--seed", "5"],
      "smtp is a service, and no command\n  try: portwright up smtp --seed 5\n  try: portwright --help",
    ],
    [["up", "--prots", "auto"], "Unknown argument: prots\n  try: portwright --help"],
    [["up", "smpt"], 'services.smpt: there is no service "smpt"; did you mean "smtp"?'],
    [["up", "mx=gopher"], `services.mx.service: there is no service "gopher"; there are ${SERVICES}`],
    [
      ["up", "smtp:x"],
      '"smtp:x" is not a service; write [NAME=]SERVICE[:PORT], such as backup=smtp:2526\n  try: portwright --help',
    ],
    [["up", "smtp:99999"], "services.smtp.port: expected at most 65535, got 99999"],
    [
      ["up", "smtp", "smtp:2525"],
      "smtp is named twice; name the second one, such as smtp2=smtp\n  try: portwright --help",
    ],
    [
      ["up", "--ports", "atuo"],
      'ports: "atuo" is not a port scheme: did you mean auto? Schemes are auto, well-known, ephemeral and offset:N',
    ],
    [["up", "--seed", "abc"], "seed: expected a number, got NaN"],
    [["up", "--seed", "1", "--seed", "2"], "--seed is given twice\n  try: portwright --help"],
    // With nobody named it would answer everybody.
    [["up", "--allow", "--expose"], "Not enough arguments following: allow\n  try: portwright --help"],
    [["up", "--port-file"], "Not enough arguments following: port-file\n  try: portwright --help"],
    [["up", "--seed"], "Not enough arguments following: seed\n  try: portwright --help"],
    [["up", "--config", "a", "--config", "b"], "--config is given twice\n  try: portwright --help"],
    [
      ["up", "--for", "10"],
      "--for 10: expected a time such as 10s, 5m or 500ms, at most 596h\n  try: portwright --help",
    ],
    [
      ["up", "--for", "999999h"],
      "--for 999999h: expected a time such as 10s, 5m or 500ms, at most 596h\n  try: portwright --help",
    ],
    [
      ["ports", "smtp", "backup=smtp", "--ports", "well-known"],
      /^services\.backup\.port: port 25 is wanted by smtp and by backup/,
    ],
    [["up", "--", "smtp"], '"smtp" means nothing behind --\n  try: portwright --help'],
    [["up", "--allow", "here"], 'allow: "here" is not a CIDR block such as 192.0.2.0/24: "here" is not an IP address'],
    [
      ["up", "--host", "0.0.0.0"],
      "host: 0.0.0.0 can be reached by other machines, which must be asked for\n  try: --expose\n  try: expose: true",
    ],
    [["up", "--config", "absent.yaml"], /^absent\.yaml: ENOENT: no such file or directory/],
    [
      ["up", "echo:7000", "time:7000"],
      /^services\.time\.port: port 7000 is wanted by echo and by time\n {2}try: / as never,
    ],
    [
      ["up", "echo", "--ports", "ephemeral", "--port-file", "no/where.json"],
      /^no\/where\.json: cannot be written: ENOENT/ as never,
    ],
    [["who", "0/udp/x"], /^who: "0\/udp\/x" is not a port such as 25, 53\/udp or 443\/tcp/],
    [["explain", "smpt"], /^IANA knows no service "smpt"; did you mean smtp/],
    [["schema", "more"], "Unknown argument: more\n  try: portwright --help"],
  ])("%j is told so in one message, with exit code 2, and nothing is started", async (args, message) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect(stderr.startsWith("portwright: ")).toBe(true);
    const said = stderr.slice("portwright: ".length).trimEnd();
    if (typeof message === "string") expect(said).toBe(message);
    else expect(said).toMatch(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  });

  it("in a configuration is told with its line, and what the command line says is not blamed on the file", async () => {
    writeFileSync(join(folder, "wrong.yaml"), "seed: 1\nports: atuo\n");
    const wrong = await run("up", "--config", "wrong.yaml");
    expect(wrong.stderr).toMatch(/^portwright: ports: "atuo" is not a port scheme.*\(wrong\.yaml:2\)\n$/);
    const both = await run("up", "--config", "wrong.yaml", "--ports", "auot");
    expect(both.stderr).toMatch(/^portwright: ports: "auot" is not a port scheme[^(]*\n$/);
    const port = await run("up", "smtp:99999", "--config", "wrong.yaml", "--ports", "auto");
    expect(port.stderr).toBe("portwright: services.smtp.port: expected at most 65535, got 99999\n");
    expect([wrong.exitCode, both.exitCode, port.exitCode]).toEqual([2, 2, 2]);
  });

  it("of a module that is no configuration is told, and its error has no stack", async () => {
    writeFileSync(join(folder, "broken.ts"), "export default {\n  seed: ;\n");
    const { exitCode, stderr } = await run("up", "--config", "broken.ts");
    expect(stderr).toBe("portwright: broken.ts:2:8: ParseError: Unexpected token\n");
    expect(exitCode).toBe(2);
  });
});

describe("the other commands", () => {
  it.each([["--version"], ["-V"], ["up", "--version"]])("%j answers with the version alone", async (...args) => {
    expect(await run(...args.flat())).toEqual({ exitCode: 0, stdout: `${manifest.version}\n`, stderr: "" });
  });

  it("answer --version in a blink", async () => {
    const time = async (...args: string[]) => {
      const before = performance.now();
      await runToEnd(process.execPath, args);
      return performance.now() - before;
    };
    const ratios: number[] = [];
    for (let round = 0; round < 5; round += 1)
      ratios.push((await time(built.cli, "--version")) / (await time("-e", "0")));
    expect(Math.min(...ratios)).toBeLessThan(1.5);
  });

  it.each([["--help"], ["up", "--help"], ["ports", "-h"]])("%j tells how they are used", async (...args) => {
    const { exitCode, stdout, stderr } = await run(...args.flat());
    expect(stdout).toContain("Options:");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  });

  it("ports shows the plan, as JSON when piped", async () => {
    const { exitCode, stdout } = await run(
      "ports",
      "smtp",
      "dns:5353",
      "--ports",
      "offset:20000",
      "--host",
      "127.0.0.1",
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { name: "smtp", wellKnown: 25, transport: "tcp", host: "127.0.0.1", port: 20_025, why: "25 + 20000." },
      { name: "dns", transport: "udp", port: 5353, why: "Asked for." },
      { name: "dns", transport: "tcp", port: 5353 },
    ]);
  });

  it("ports and who name the holder of a port", async () => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" });
    const ports = await run("ports", `smtp:${holder.port}`, "--host", "127.0.0.1");
    const remedies = expect.arrayContaining([expect.stringContaining("portwright up")]);
    expect(JSON.parse(ports.stdout)).toMatchObject([{ status: "taken", owner: { pid: holder.pid }, remedies }]);
    const who = await run("who", String(holder.port));
    expect(JSON.parse(who.stdout)).toMatchObject([
      { port: holder.port, transport: "tcp", owners: [{ pid: holder.pid, address: "127.0.0.1" }] },
      { port: holder.port, transport: "udp", owners: [] },
    ]);
    const people = await run("who", `${holder.port}/tcp`, "--no-json");
    expect(people.stdout).toContain(String(holder.pid));
  });

  it("who says that nobody holds a port", async () => {
    const { port } = await hold({ transport: "tcp", host: "127.0.0.1" }).then(async (holder) => {
      await holder[Symbol.asyncDispose]();
      return holder;
    });
    expect((await run("who", `${port}/tcp`, "--no-json")).stdout).toBe(`Nobody holds ${port}/tcp.\n`);
  });

  it.each([
    ["25", /^Port 25, a system port .*\n {2}IANA: smtp over tcp.*\n {2}Portwright serves it: smtp .*\n {2}You may/],
    ["imaps", /^Port 993, a system port .*\n {2}IANA: imaps over tcp/],
    ["50000", /^Port 50000, a dynamic port/],
    [
      "10025",
      /^Port 10025, a user port .*\n {2}IANA .*\n {2}Portwright's smtp comes here where it may not have port 25\.\n/,
    ],
  ])("explain %s says what it is", async (what, text) => {
    expect((await run("explain", what, "--no-json")).stdout).toMatch(text);
    expect(JSON.parse((await run("explain", what)).stdout)).toMatchObject({ ports: [{ port: expect.any(Number) }] });
  });

  it("schema prints JSON Schema", async () => {
    const { stdout } = await run("schema");
    expect(JSON.parse(stdout)).toMatchObject({ title: "Portwright configuration", properties: { services: {} } });
  });

  it("end quietly when their reader has seen enough", async () => {
    const { exitCode, stdout, stderr } = await runToEnd("sh", [
      "-c",
      `"${process.execPath}" "${built.cli}" schema | head -1`,
    ]);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: "{\n", stderr: "" });
  });
});
