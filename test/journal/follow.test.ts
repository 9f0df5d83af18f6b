import { describe, expect, it } from "vitest";
import type { Entry } from "../../src/journal/entry.ts";
import { exchange, journalOf, sessionOf } from "./fixture.ts";

/** The numbers of the next entries of a loop. */
async function take(entries: AsyncIterable<Entry>, count: number): Promise<number[]> {
  const seen: number[] = [];
  for await (const { seq } of entries) if (seen.push(seq) === count) break;
  return seen;
}

describe("follow", () => {
  it.each([
    { past: true, expected: [1, 3, 5] },
    { past: false, expected: [3, 5, 7] },
  ])("has what is meant from the call on; with past $past: $expected", async ({ past, expected }) => {
    const journal = journalOf();
    const session = sessionOf(journal);
    for (const command of ["NOOP", "RSET"]) exchange(journal, session, command);
    const entries = journal.follow({ request: { command: "NOOP" } }, { past });
    for (const command of ["NOOP", "RSET", "NOOP", "RSET", "NOOP"]) exchange(journal, session, command);
    expect(await take(entries, 3)).toEqual(expected);
  });

  it("waits for what is still to come", async () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    const seen = take(journal.follow(), 2);
    exchange(journal, session, "NOOP");
    await Promise.resolve();
    exchange(journal, session, "NOOP");
    expect(await seen).toEqual([1, 2]);
  });

  it("ends when the journal is closed, after what was recorded before", async () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    const entries = journal.follow();
    const seen = take(entries, Number.POSITIVE_INFINITY);
    exchange(journal, session, "NOOP");
    journal.close();
    expect(await seen).toEqual([1]);
    expect(await take(journal.follow({}, { past: true }), 5)).toEqual([1]);
    expect(await take(journal.follow(), 5)).toEqual([]);
  });

  it("leaves out what was forgotten before it was read", async () => {
    const journal = journalOf({ maxEntries: 3 });
    const session = sessionOf(journal);
    const entries = journal.follow();
    for (let at = 0; at < 10; at += 1) exchange(journal, session, "NOOP");
    expect(await take(entries, 3)).toEqual([8, 9, 10]);
  });

  it.each([true, false])("goes on from the beginning after a clear, numbering restarted: %s", async (restart) => {
    const journal = journalOf();
    const session = sessionOf(journal);
    const entries = journal.follow();
    for (let at = 0; at < 4; at += 1) exchange(journal, session, "NOOP");
    const first = await entries.next();
    journal.clear({ restart });
    for (let at = 0; at < 6; at += 1) exchange(journal, session, "NOOP");
    const second = await entries.next();
    expect([first, second]).toMatchObject([{ value: { seq: 1 } }, { value: { seq: restart ? 1 : 5 } }]);
  });

  it("is ended by its signal with the signal's reason", async () => {
    const journal = journalOf();
    const control = new AbortController();
    const seen = take(journal.follow({}, { signal: control.signal }), 1);
    control.abort(new Error("enough"));
    await expect(seen).rejects.toThrow("enough");
    await expect(take(journal.follow({}, { signal: control.signal }), 1)).rejects.toThrow("enough");
  });

  it("can be left while it waits", async () => {
    const entries = journalOf().follow();
    const next = entries.next();
    await entries.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await entries.next()).toEqual({ done: true, value: undefined });
  });

  it("has two readers of one journal each see everything", async () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    const readers = [journal.follow(), journal.follow()];
    for (let at = 0; at < 3; at += 1) exchange(journal, session, "NOOP");
    expect(await Promise.all(readers.map((reader) => take(reader, 3)))).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });
});

describe("onEntry", () => {
  it("is told each entry in the same turn, until it is stopped", () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    const seen: number[] = [];
    const stop = journal.onEntry(({ seq }) => seen.push(seq));
    exchange(journal, session, "A");
    exchange(journal, session, "B");
    stop();
    exchange(journal, session, "C");
    expect(seen).toEqual([1, 2]);
  });

  it("may stop itself, or add others, while it is told", () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    const seen: string[] = [];
    const stop = journal.onEntry(() => {
      seen.push("first");
      stop();
      journal.onEntry(() => seen.push("second"));
    });
    exchange(journal, session, "A");
    exchange(journal, session, "B");
    expect(seen).toEqual(["first", "second"]);
  });
});
