import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readConfig } from "../../../src/config/read-config.ts";
import { type Harness, start } from "../../../src/index.ts";
import { Watched } from "./fault-client.ts";

const FILE = `services:
  ftp:
    rules:
      - { when: { phase: greeting, nth: 2 }, reply: 421 Come back later. }
      - { when: { command: [epsv, mlsd] }, reply: 502 }
      - { when: { command: USER, argument: "guest*" }, reply: { code: 230, text: [Welcome., Go on.] } }
      - { when: { command: SIZE, path: /big/** }, reply: { code: 213, text: "99999999999" } }
      - { when: { command: RETR, path: "/pub/*" }, reply: { code: 426, after: 5 }, times: 1 }
`;

let folder: string;
let harness: Harness;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ftp-rules-"));
  const file = join(folder, "portwright.yaml");
  writeFileSync(file, FILE);
  harness = await start((await readConfig(file)).value as object);
});
afterAll(async () => {
  await harness?.stop({ graceMs: 0 });
  rmSync(folder, { recursive: true });
});

it("the rules of a file are in force from the beginning", async () => {
  const control = new Watched(harness.service("ftp").port);
  const ask = async (line: string) => {
    const { length } = await control.replies(0);
    control.say(line);
    return (await control.replies(length + 1))[length]?.text ?? "";
  };
  await control.replies(1);
  expect(await ask("USER guest1")).toBe("230-Welcome.\n230 Go on.");
  expect(await ask("EPSV")).toMatch(/^502 /);
  expect(await ask("SIZE /big/a/b")).toBe("213 99999999999");
  for (const [octets, final] of [
    ["Hello", "426"],
    ["Hello from example.test.\r\n", "226"],
  ] as const) {
    const [high = 0, low = 0] = (await ask("PASV")).match(/\d+/g)?.slice(-2).map(Number) ?? [];
    const data = new Watched(high * 256 + low);
    await data.connected();
    expect(await ask("RETR /pub/hello.txt")).toMatch(/^150 /);
    await data.ended();
    expect(data.text).toBe(octets);
    await control.until(final, () => control.text.includes(`\r\n${final} `));
  }
  const second = new Watched(harness.service("ftp").port);
  await second.ended();
  expect(second.text).toBe("421 Come back later.\r\n");
  control.socket.destroy();
});
