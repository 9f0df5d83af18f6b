import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { services } from "../../services/registry.ts";
import { trialBind } from "../../src/ports/trial-bind.ts";
import { hold, isLinux, isRoot, NOBODY } from "../ports/holder.ts";
import { TestSocket } from "../session/tcp-fixture.ts";
import { bundle, Running, runToEnd } from "./process.ts";

const ALL = Object.values(services);

interface Listed {
  readonly name: string;
  readonly wellKnown: number;
  readonly transport: "tcp" | "udp";
  readonly host: string;
  readonly port: number;
  readonly status: string;
}

let built: Awaited<ReturnType<typeof bundle>>;
const home = mkdtempSync(join(tmpdir(), "portwright-nobody-"));
beforeAll(async () => {
  built = await bundle("privilege");
  chmodSync(home, 0o755);
  if (isRoot) chownSync(home, NOBODY, NOBODY);
});
afterAll(() => {
  built.remove();
  rmSync(home, { recursive: true });
});

/** Whether all these numbers are free on the loopback: others on this machine may have them. */
async function areFree(ports: readonly number[]): Promise<boolean> {
  const outcomes = await Promise.all(
    ports.flatMap((port) => (["tcp", "udp"] as const).map((transport) => trialBind("127.0.0.1", port, transport))),
  );
  return outcomes.every((error) => error === undefined || error.code === "EACCES");
}

/** Whether nobody can read this repository: it may be in somebody's home. */
async function canNobodyRead(): Promise<boolean> {
  if (!isRoot || !isLinux) return false;
  const read = `require("node:fs").readFileSync(${JSON.stringify(import.meta.filename)})`;
  const reading = runToEnd(process.execPath, ["-e", read], { cwd: "/", uid: NOBODY });
  return reading.then(
    ({ exitCode }) => exitCode === 0,
    () => false,
  );
}

const isNobodyAble = await canNobodyRead();
const areHighFree = await areFree(ALL.map(({ port }) => port + 10_000));
const areWellKnownFree = await areFree(ALL.map(({ port }) => port));

const start = (args: readonly string[], uid?: number) =>
  new Running(process.execPath, [built.cli, "up", "--host", "127.0.0.1", ...args], {
    cwd: home,
    env: { HOME: home },
    ...(uid === undefined ? {} : { uid }),
  });

describe.skipIf(!isNobodyAble)("an unprivileged user", () => {
  it.skipIf(!areHighFree)("is served on the well-known ports + 10000, and told so", async () => {
    await using running = start([], NOBODY);
    const { endpoints } = (await running.event("ready")) as unknown as { endpoints: Listed[] };
    expect(endpoints.filter(({ status }) => status === "failed")).toEqual([]);
    for (const { port, wellKnown } of endpoints) expect(port).toBe(wellKnown + 10_000);
  });

  it.skipIf(!areHighFree)("has 10025 taken: the taker is named, and the rest is served", async () => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1", port: 10_025 }, NOBODY);
    await using running = start(["smtp", "echo:0"], NOBODY);
    const { endpoints } = (await running.event("ready")) as unknown as { endpoints: Listed[] };
    expect(endpoints.find(({ name }) => name === "smtp")).toMatchObject({
      status: "failed",
      port: 10_025,
      reason: expect.stringMatching(
        new RegExp(`^smtp cannot listen on 127\\.0\\.0\\.1:10025 \\(tcp\\): .*${holder.pid}`),
      ),
      owner: { pid: holder.pid },
      remedies: expect.arrayContaining([expect.stringMatching(/^portwright up smtp:\d+$/)]),
    });
    const echo = endpoints.find(({ name, transport }) => name === "echo" && transport === "tcp") as Listed;
    const client = await TestSocket.connect(echo.host, echo.port);
    client.socket.end("hello");
    await client.ended();
    expect(client.text).toBe("hello");
  });

  it("asks in vain for well-known ports, and is told the ways to have them", async () => {
    await using running = start(["smtp", "--ports", "well-known"], NOBODY);
    expect(await running.ended()).toBe(1);
    expect(running.events[0]?.endpoints).toMatchObject([
      {
        status: "failed",
        code: "PORT_FORBIDDEN",
        remedies: expect.arrayContaining([
          expect.stringMatching(/^sudo sysctl net\.ipv4\.ip_unprivileged_port_start=/),
        ]),
      },
    ]);
  });
});

describe.skipIf(!isRoot)("root", () => {
  it.skipIf(!areWellKnownFree)("is served on the well-known ports", async () => {
    await using running = start([]);
    const { endpoints } = (await running.event("ready")) as unknown as { endpoints: Listed[] };
    expect(endpoints.filter(({ status }) => status === "failed")).toEqual([]);
    for (const { port, wellKnown } of endpoints) expect(port).toBe(wellKnown);
    running.child.kill("SIGINT");
    expect(await running.ended()).toBe(0);
  });

  it.skipIf(!areWellKnownFree)("binds first and is another user then, who still serves", async () => {
    await using running = start(["echo", "--ports", "well-known", "--user", "nobody"]);
    await running.event("ready");
    const client = await TestSocket.connect("127.0.0.1", 7);
    client.socket.end("hello");
    await client.ended();
    expect(client.text).toBe("hello");
    if (isLinux) {
      const { readFileSync } = await import("node:fs");
      const status = readFileSync(`/proc/${running.child.pid}/status`, "utf8");
      expect(status).toMatch(new RegExp(`^Uid:\\t${NOBODY}\\t${NOBODY}\\t${NOBODY}\\t`, "m"));
    }
  });

  it.each([
    ["nosuchuser", /^portwright: user: there is no user nosuchuser\n/],
    ["root", /^portwright: user: root is root/],
  ])("cannot become %s", async (user, message) => {
    const { exitCode, stderr, stdout } = await runToEnd(process.execPath, [
      built.cli,
      "up",
      "echo",
      "--ports",
      "ephemeral",
      "--user",
      user,
    ]);
    expect(stderr).toMatch(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  });
});
