import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readConfig } from "../../../src/config/read-config.ts";
import { type Harness, start } from "../../../src/index.ts";
import { TestSocket } from "../../session/tcp-fixture.ts";

const FILE = `
ports: ephemeral
services:
  echo:
    rules:
      - { when: { data: "ping*" }, reply: "pong\\n" }
      - { fault: { truncate: 2 } }
  discard:
    rules:
      - { fault: close }
  daytime:
    rules:
      - { reply: { text: half past, end: "" } }
  qotd:
    rules:
      - { sequence: [ { reply: first }, { reply: second } ] }
  chargen:
    rules:
      - { reply: { octets: 5 } }
  time:
    rules:
      - { reply: "1900-01-01T00:00:01Z" }
  ssh:
    rules:
      - { when: { phase: greeting, nth: 2 }, reply: Exceeded MaxStartups }
      - { when: { softwareVersion: "old*" }, reply: { reason: TOO_MANY_CONNECTIONS, description: Later. } }
`;

let folder: string;
let harness: Harness;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rules-"));
  const file = join(folder, "portwright.yaml");
  writeFileSync(file, FILE);
  harness = await start((await readConfig(file)).value as object);
});
afterAll(async () => {
  await harness?.stop();
  rmSync(folder, { recursive: true });
});

it.each([
  ["echo", "ping\n", "pong\n"],
  ["echo", "hello\n", "he"],
  ["discard", "hello\n", ""],
  ["daytime", "", "half past"],
  ["qotd", "", "first\r\n"],
  ["qotd", "", "second\r\n"],
  ["chargen", "", ' !"#$'],
  ["time", "", "\0\0\0\x01"],
  ["ssh", "SSH-2.0-old\r\n", expect.stringMatching(/\x0c\0{3}\x06Later\./)],
  ["ssh", "", "Exceeded MaxStartups\r\n"],
])("%s answers %j by the rules of the file", async (name, says, answer) => {
  const client = await TestSocket.connect("127.0.0.1", harness.service(name).port);
  client.socket.end(says);
  await client.ended();
  expect(client.text).toEqual(answer);
});
