import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frame, unframe } from "../../../services/dns/frames.ts";
import { DnsMachine } from "../../../services/dns/machine.ts";
import { DnsResponder } from "../../../services/dns/responder.ts";
import { concat } from "../../../src/wire/bytes.ts";
import { contextOf, PEER, print, query } from "./world.ts";

const ZONE =
  "@ 1h IN SOA ns hostmaster 1 1h 15m 4w 5m\n@ NS ns\nns A 192.0.2.1\nwww 300 A 192.0.2.2\nalias CNAME www\n";
const SOA = "x.test. 0 IN SOA ns.x.test. hostmaster.x.test.";
const SOA_LINE = / IN SOA \S+ \S+ (\d+) /;

const begin = () => contextOf({ zones: { "x.test": ZONE } });
type World = ReturnType<typeof begin>;

/** The records of a transfer, in their order. */
function transfer(context: World, text: string): string[] {
  const machine = new DnsMachine(context);
  const inputs = [
    { type: "open", now: 0, local: PEER, peer: PEER },
    { type: "data", now: 0, bytes: frame(query(text)) },
  ] as const;
  const outputs = inputs.flatMap((input) => machine.handle(input));
  const stream = concat([
    new Uint8Array(0),
    ...outputs.flatMap((output) => (output.do === "send" ? [output.bytes] : [])),
  ]);
  const lines = unframe(stream).flatMap((message) => print(message).split("\n"));
  const records = lines.filter((line) => line.startsWith("answer ")).map((line) => line.slice("answer ".length));
  // RFC 4343: a record that goes and comes back in another case has not changed.
  return records.map((record) => record.replace(/^\S+/, (owner) => owner.toLowerCase()));
}

const update = (context: World, ...changes: readonly string[]) =>
  print(
    new DnsResponder(context).respond(
      query(`x.test SOA opcode=UPDATE ${changes.map((change) => `| update ${change}`).join(" ")}`),
      PEER,
      0,
    ),
  );

const whole = (context: World) => new Set(transfer(context, "x.test AXFR"));
const since = (context: World, serial: number) =>
  transfer(context, `x.test IXFR | update ${SOA} ${serial} 3600 900 2419200 300`);

/** What a copy of the zone becomes by an incremental transfer, as RFC 1995 section 4 has it. */
function changed(copy: ReadonlySet<string>, [latest, ...records]: readonly string[]): Set<string> {
  const zone = new Set(copy);
  let isRemoving = false;
  for (const record of records.slice(0, -1)) {
    if (SOA_LINE.test(record)) isRemoving = !isRemoving;
    if (isRemoving) expect(zone.delete(record)).toBe(true);
    else {
      expect(zone.has(record)).toBe(false);
      zone.add(record);
    }
  }
  expect(records.at(-1)).toBe(latest);
  return zone;
}

describe("an incremental transfer", () => {
  const name = fc.constantFrom("x.test.", "www.x.test.", "WWW.x.test.", "new.x.test.", "a.b.x.test.", "alias.x.test.");
  const data = fc.constantFrom(
    "A 192.0.2.1",
    "A 192.0.2.2",
    'TXT "t"',
    "MX 5 www.x.test.",
    "CNAME www.x.test.",
    "NS ns.x.test.",
  );
  const change = fc.oneof(
    fc.tuple(name, fc.constantFrom(60, 300), data).map(([owner, ttl, rdata]) => `${owner} ${ttl} IN ${rdata}`),
    fc.tuple(name, data).map(([owner, rdata]) => `${owner} 0 NONE ${rdata}`),
    fc.tuple(name, fc.constantFrom("A", "ANY", "CNAME", "NS", "SOA")).map(([owner, type]) => `${owner} 0 ANY ${type}`),
  );

  it("makes of any earlier copy what a whole transfer brings", () => {
    fc.assert(
      fc.property(fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { maxLength: 6 }), (updates) => {
        const context = begin();
        const copies = [whole(context)];
        for (const changes of updates) {
          expect(update(context, ...changes)).toMatch(/^NOERROR/);
          copies.push(whole(context));
        }
        const serialOf = (copy: ReadonlySet<string>) => Number(SOA_LINE.exec([...copy].join("\n"))?.[1]);
        const latest = copies.at(-1) as Set<string>;
        for (const copy of copies) {
          const brought = since(context, serialOf(copy));
          if (serialOf(copy) === serialOf(latest)) expect(brought).toHaveLength(1);
          else expect(changed(copy, brought)).toEqual(latest);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is a whole one if a test has changed the zone, if too much has changed, or after a reset", () => {
    const context = begin();
    update(context, "new.x.test. 60 IN A 192.0.2.9");
    expect(since(context, 1)).toHaveLength(5);
    context.world.zones.set("x.test", `${ZONE.replace(" 1 1h", " 5 1h")}more A 192.0.2.3`);
    expect(since(context, 2)).toHaveLength(7);
    for (let at = 0; at < 101; at += 1) update(context, `n${at}.x.test. 60 IN A 192.0.2.9`);
    expect(since(context, 5)).toHaveLength(7 + 101);
    expect(since(context, 6)).toHaveLength(2 + 3 * 100);
    context.world.reset();
    update(context, "other.x.test. 60 IN A 192.0.2.9");
    expect(since(context, 1)).toHaveLength(5);
  });
});
