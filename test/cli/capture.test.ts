import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readJsonLines, replay, start } from "../../src/index.ts";
import { expectSound, told } from "../capture/fixture.ts";
import { bundle, Running, runToEnd } from "./process.ts";

let cli: string;
let remove: () => void;
let folder: string;
beforeAll(async () => {
  ({ cli, remove } = await bundle("capture"));
  folder = mkdtempSync(join(tmpdir(), "capture-"));
}, 60_000);
afterAll(() => {
  remove();
  rmSync(folder, { recursive: true });
});

const up = (...args: readonly string[]) => [
  cli,
  "up",
  "--ports",
  "ephemeral",
  "--host",
  "127.0.0.1",
  "--json",
  ...args,
];
const path = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(path(name));

/** One request on a connection of its own, of which the harness has told the end. */
async function ask(running: Running): Promise<void> {
  const { endpoints } = (await running.event("ready")) as unknown as { readonly endpoints: readonly { url: string }[] };
  await new Promise((resolve, reject) => {
    get(`${endpoints[0]?.url}/pub/hello.txt`, { agent: false }, (response) => response.resume().on("end", resolve)).on(
      "error",
      reject,
    );
  });
  await running.event("close");
}

/** What is in the file of each form after a request. */
const CONTENT: { readonly [ending: string]: (file: Buffer) => unknown } = {
  pcapng: (file) => {
    expectSound(file);
    expect(
      told(file)
        .filter((line) => /SYN|FIN/.test(line))
        .slice(0, 4),
    ).toEqual(["> SYN", "< SYN,ACK", "< FIN,ACK", "> FIN,ACK"]);
  },
  har: (file) => expect(JSON.parse(file.toString()).log.entries.length).toBeGreaterThanOrEqual(1),
  jsonl: (file) => expect(readJsonLines(file.toString()).map(({ kind }) => kind)).toContain("close"),
  txt: async (file) => {
    await using harness = await start({ services: ["http"] });
    await replay(harness, file.toString());
  },
};

describe("up --capture", () => {
  it.each(Object.entries(CONTENT))(
    "writes .%s, which is whole even when the process is killed",
    async (ending, check) => {
      const file = path(`killed.${ending}`);
      writeFileSync(file, "what was there before".repeat(1000));
      await using running = new Running(process.execPath, up("http", "--capture", file));
      await ask(running);
      running.child.kill("SIGKILL");
      await running.ended();
      await check(readFileSync(file));
    },
  );

  it("ends the file when it stops", async () => {
    await using running = new Running(process.execPath, up("http", "--capture", path("b.har")));
    await ask(running);
    running.child.kill("SIGTERM");
    expect(await running.ended()).toBe(0);
    expect(JSON.parse(read("b.har").toString()).log.entries).toHaveLength(1);
  });

  it("refuses a file of no known form before anything is started", async () => {
    const { exitCode, stdout, stderr } = await runToEnd(process.execPath, up("http", "--capture", path("x.cap")));
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/x\.cap: a capture's name ends in \.pcapng, \.har, \.jsonl, \.txt/);
    expect(existsSync(path("x.cap"))).toBe(false);
  });

  it("says that the file cannot be written, and how it can", async () => {
    const { exitCode, stderr } = await runToEnd(process.execPath, up("http", "--capture", path("absent/x.pcapng")));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/absent\/x\.pcapng: cannot be written: ENOENT/);
    expect(stderr).toContain(`try: mkdir -p ${path("absent")}\n`);
  });

  it.runIf(existsSync("/dev/full"))("goes on without it when there is no room left", async () => {
    symlinkSync("/dev/full", path("full.pcapng"));
    await using running = new Running(process.execPath, up("http", "--capture", path("full.pcapng")));
    await ask(running);
    running.child.kill("SIGTERM");
    expect(await running.ended()).toBe(0);
    expect(running.stderr).toBe(
      `portwright: ${path("full.pcapng")}: cannot be written: ENOSPC: no space left on device, write; the capture ends here\n`,
    );
  });
});
