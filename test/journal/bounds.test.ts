import { performance } from "node:perf_hooks";
import { describe, expect, it } from "vitest";
import { Journal } from "../../src/journal/journal.ts";
import { exchange, journalOf, PEER, receive, sessionOf } from "./fixture.ts";

describe("the bounds of the journal", () => {
  it.each([
    { maxEntries: 1, appended: 3, held: [3], forgotten: 2 },
    { maxEntries: 3, appended: 2, held: [1, 2], forgotten: 0 },
    { maxEntries: 3, appended: 3, held: [1, 2, 3], forgotten: 0 },
    { maxEntries: 3, appended: 8, held: [6, 7, 8], forgotten: 5 },
  ])("with room for $maxEntries entries, $appended leave $held", ({ maxEntries, appended, held, forgotten }) => {
    const journal = journalOf({ maxEntries });
    const session = sessionOf(journal);
    for (let at = 1; at <= appended; at += 1) exchange(journal, session, `C${at}`);
    expect(journal.find().map(({ seq }) => seq)).toEqual(held);
    expect(journal.size).toBe(held.length);
    expect(journal.forgotten).toBe(forgotten);
  });

  it("forgets the oldest entries when their octets are too many", () => {
    const journal = journalOf({ maxOctets: 1000 });
    const session = sessionOf(journal);
    for (let at = 0; at < 100; at += 1) receive(journal, session, "x".repeat(100));
    expect(journal.octets).toBeLessThanOrEqual(1000);
    expect(journal.octets).toBeGreaterThanOrEqual(500);
    expect(journal.find().at(-1)?.seq).toBe(100);
  });

  it("counts the octets of datagrams, both ways", () => {
    const journal = journalOf({ maxOctets: 10_000 });
    const binding = { service: "dns", name: "dns", local: PEER, decode: () => ({ request: {}, reply: {} }) };
    for (let at = 0; at < 100; at += 1) journal.datagram(binding, 0, PEER, new Uint8Array(100), new Uint8Array(400));
    expect(journal.octets).toBeLessThanOrEqual(10_000);
    expect(journal.size).toBe(Math.floor(10_000 / 564));
  });

  it("counts what the fields of an exchange take, and not the body that they hold by reference", () => {
    const journal = journalOf({ maxOctets: 1_000_000 });
    const session = sessionOf(journal);
    for (let at = 0; at < 100; at += 1) journal.exchange(session, 0, { at }, {}, 5000);
    expect(journal.size).toBe(Math.floor(1_000_000 / (4 * 5000 + 64)));
    journal.exchange(session, 0, { message: "large" }, {}, 25_000_000);
    expect(journal.size).toBeGreaterThan(40);
  });

  it("keeps the newest entry even if it alone is over the bound", () => {
    const journal = journalOf({ maxOctets: 1000 });
    const session = sessionOf(journal);
    exchange(journal, session, "EHLO");
    receive(journal, session, "x".repeat(5000));
    expect(journal.find()).toHaveLength(1);
    exchange(journal, session, "QUIT");
    expect(journal.find()).toMatchObject([{ kind: "exchange", request: { command: "QUIT" } }]);
    expect(journal.octets).toBe(0);
  });

  it("keeps octets by reference", () => {
    const journal = journalOf();
    const bytes = new Uint8Array(10);
    journal.sent(sessionOf(journal), 0, bytes);
    const [entry] = journal.find({ kind: "sent" });
    expect(entry?.kind === "sent" && entry.bytes.buffer).toBe(bytes.buffer);
  });

  it.each(["full", "cleared while it counts on"] as const)("appends at the same price when it is %s", (when) => {
    const journal = journalOf({ maxEntries: 50_000 });
    const session = sessionOf(journal);
    const time = (count: number) => {
      const start = performance.now();
      for (let at = 0; at < count; at += 1) exchange(journal, session, "NOOP");
      return performance.now() - start;
    };
    time(200_000);
    if (when !== "full") journal.clear();
    const runs = Array.from({ length: 5 }, () => time(100_000));
    // A microsecond is ten times what it takes; O(n) would take a thousand times as long.
    expect(Math.min(...runs) / 100_000).toBeLessThan(0.005);
  });

  it("is empty after a clear, and goes on counting unless numbering restarts", () => {
    const journal = journalOf({ maxEntries: 2 });
    const session = sessionOf(journal);
    for (const command of ["A", "B", "C"]) exchange(journal, session, command);
    journal.clear();
    expect(journal).toMatchObject({ size: 0, forgotten: 0, octets: 0 });
    exchange(journal, session, "D");
    expect(journal.find().map(({ seq }) => seq)).toEqual([4]);
    journal.clear({ restart: true });
    expect(sessionOf(journal).id).toBe(1);
    exchange(journal, session, "E");
    expect(journal.find().map(({ seq }) => seq)).toEqual([1]);
  });

  it("has its own default bounds", () => {
    const journal = new Journal(() => 0);
    const session = sessionOf(journal);
    for (let at = 0; at < 50_001; at += 1) exchange(journal, session, "NOOP");
    expect(journal).toMatchObject({ size: 50_000, forgotten: 1 });
  });
});
