import { performance } from "node:perf_hooks";
import { expect, it } from "vitest";
import { frame, unframe } from "../../../services/dns/frames.ts";
import { DnsMachine } from "../../../services/dns/machine.ts";
import { decode } from "../../../services/dns/message.ts";
import { concat } from "../../../src/wire/bytes.ts";
import { contextOf, PEER, query } from "./world.ts";

/** As many as one message has room for, about. */
const RECORDS = 4000;
/** Several times what it takes; looking through the RRset for each of its records took three times as long as this. */
const MAX_MS = 5000;

const u16 = (value: number) => [value >> 8, value & 0xff];

/** An UPDATE (RFC 2136) of example.test that adds so many addresses at its apex. */
function update(records: number): Uint8Array {
  const header = [...u16(1), 0x28, 0, ...u16(1), ...u16(0), ...u16(records), ...u16(0)];
  const zone = [...Buffer.from("\x07example\x04test\x00", "latin1"), ...u16(6), ...u16(1)];
  const added = Array.from({ length: records }, (_, at) => [
    ...[0xc0, 12, ...u16(1), ...u16(1), 0, 0, 0, 60, ...u16(4)],
    ...[10, 0, ...u16(at)],
  ]);
  return Uint8Array.from([...header, ...zone, ...added.flat()]);
}

it("an update of four thousand records of one name is soon made, and so is the next", () => {
  const machine = new DnsMachine(contextOf());
  machine.handle({ type: "open", now: 0, local: PEER, peer: PEER });
  const ask = (message: Uint8Array) => {
    const outputs = [...machine.handle({ type: "data", now: 0, bytes: frame(message) })];
    if (outputs.some((output) => output.do === "pull")) outputs.push(...machine.handle({ type: "pull", now: 0 }));
    const sent = concat(outputs.flatMap((output) => (output.do === "send" ? [output.bytes] : [])));
    return unframe(sent).map((bytes) => decode(bytes)?.message);
  };
  const start = performance.now();
  expect(ask(update(RECORDS))).toMatchObject([{ rcode: 0 }]);
  // Nothing is new in it.
  expect(ask(update(RECORDS))).toMatchObject([{ rcode: 0 }]);
  expect(performance.now() - start).toBeLessThan(MAX_MS);
  // And the address that was there.
  expect(ask(query("example.test A"))[0]?.answers).toHaveLength(RECORDS + 1);
});
