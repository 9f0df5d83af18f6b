import { afterAll, beforeAll, expect, it } from "vitest";
import { unframe } from "../../../services/dns/frames.ts";
import { decode, encode } from "../../../services/dns/message.ts";
import { type RunningHarness, start } from "../../../src/index.ts";
import { converse, lastAnswer } from "./clients.ts";
import { LARGE_ZONE } from "./large-zone.ts";
import { query } from "./world.ts";

let harness: RunningHarness<readonly ["dns"]>;
let last: Uint8Array;

beforeAll(async () => {
  harness = await start({ services: { dns: { zones: LARGE_ZONE } }, host: "127.0.0.1" });
  last = await lastAnswer(harness.dns.port);
});
afterAll(() => harness.stop());

/** The messages that come over TCP, and then another one is answered on the same connection. */
async function ask(text: string) {
  const { octets, ending } = await converse(harness.dns.port, [query(text)], { last });
  expect(ending).toBeUndefined();
  const messages = unframe(octets);
  expect(messages.reduce((sum, { length }) => sum + 2 + length, 0)).toBe(octets.length);
  return messages.map((bytes) => ({ bytes, decoded: decode(bytes) }));
}

it.each<[question: string, octets: number, answers: number, truncated: boolean]>([
  ["t.big.test TXT", 65_535, 2, false],
  // An OPT record makes it 11 octets longer.
  ["t.big.test TXT +edns=1232", 39, 0, true],
  ["u.big.test TXT", 28, 0, true],
  ["m.big.test A", 65_532, 4094, false],
  ["n.big.test A", 28, 0, true],
])("over TCP, %s is answered with %i octets, %i records, and TC %s", async (question, octets, answers, truncated) => {
  const [message, ...others] = await ask(question);
  expect(others).toEqual([]);
  expect(message?.bytes).toHaveLength(octets);
  expect(message?.decoded?.problem).toBeUndefined();
  expect(message?.decoded?.message).toMatchObject({ truncated, rcode: 0 });
  expect(message?.decoded?.message.answers).toHaveLength(answers);
});

it("reads what it wrote, octet for octet", async () => {
  const [message] = await ask("t.big.test TXT");
  if (!message?.decoded) throw new Error("no answer");
  expect(Buffer.compare(encode(message.decoded.message), message.bytes)).toBe(0);
});

it("transfers a zone with such records in messages that fit", async () => {
  const messages = await ask("big.test AXFR");
  expect(messages.every(({ bytes, decoded }) => bytes.length <= 65_535 && decoded?.problem === undefined)).toBe(true);
  const records = messages.flatMap(({ decoded }) => decoded?.message.answers ?? []);
  // SOA, NS, the server's address, four TXT, the rest, and the SOA again.
  expect(records).toHaveLength(1 + 1 + 1 + 4 + 4094 + 4095 + 1);
});
