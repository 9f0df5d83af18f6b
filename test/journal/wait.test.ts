import { describe, expect, it } from "vitest";
import { exchange, journalOf, messageOf, sessionOf } from "./fixture.ts";

describe("waitFor", () => {
  it("resolves to the first past entry that is meant", async () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    for (const command of ["EHLO", "NOOP", "NOOP"]) exchange(journal, session, command);
    expect(await journal.waitFor({ request: { command: "NOOP" } })).toMatchObject({ seq: 2 });
  });

  it("resolves to one that is still to come, and passes over others", async () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    const wait = journal.waitFor({ request: { command: "QUIT" } });
    for (const command of ["EHLO", "QUIT", "QUIT"]) exchange(journal, session, command);
    expect(await wait).toMatchObject({ seq: 2 });
  });

  it("waits for a new one after a place", async () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    exchange(journal, session, "NOOP");
    const wait = journal.waitFor({ request: { command: "NOOP" }, after: 1 });
    exchange(journal, session, "NOOP");
    expect(await wait).toMatchObject({ seq: 2 });
  });

  it("resolves to the third such, past ones counted", async () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    for (const command of ["NOOP", "EHLO", "NOOP"]) exchange(journal, session, command);
    const wait = journal.waitFor({ request: { command: "NOOP" } }, { count: 3 });
    for (const command of ["RSET", "NOOP", "NOOP"]) exchange(journal, session, command);
    expect(await wait).toMatchObject({ seq: 5 });
    expect(await journal.waitFor({ request: { command: "NOOP" } }, { count: 2 })).toMatchObject({ seq: 3 });
  });

  it("takes entries in their order, each after the one before", async () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    for (const command of ["NOOP", "EHLO", "NOOP"]) exchange(journal, session, command);
    const first = await journal.waitFor({ request: { command: "NOOP" } });
    const second = await journal.waitFor({ request: { command: "NOOP" } }, { after: first });
    const third = journal.waitFor({ request: { command: "NOOP" }, after: second });
    exchange(journal, session, "NOOP");
    expect([first.seq, second.seq, (await third).seq]).toEqual([1, 3, 4]);
  });

  it("rejects with the signal's reason, before or while it waits", async () => {
    const journal = journalOf();
    const reason = new Error("enough");
    const early = journal.waitFor({}, { signal: AbortSignal.abort(reason) });
    await expect(early).rejects.toBe(reason);
    const control = new AbortController();
    const late = journal.waitFor({}, { signal: control.signal, timeout: Number.POSITIVE_INFINITY });
    control.abort(reason);
    await expect(late).rejects.toBe(reason);
  });

  it.each([["2 seconds"], [-1], [Number.NaN]])("does not wait for %s", async (timeout) => {
    const wait = journalOf().waitFor({}, { timeout });
    await expect(wait).rejects.toThrow(/^timeout: expected .*"50ms", "2s" or "10m", got /);
  });

  it("takes a duration as it is written in rules", async () => {
    expect(await messageOf(journalOf().waitFor({}, { timeout: "1ms" }))).toContain("1 ms have passed");
  });

  it("ends when the journal is closed, and at once afterwards", async () => {
    const journal = journalOf();
    exchange(journal, sessionOf(journal), "EHLO");
    const wait = journal.waitFor({ request: { command: "QUIT" } });
    journal.close();
    expect(await messageOf(wait)).toContain("the harness was stopped");
    expect(await messageOf(journal.waitFor({ event: "x" }))).toContain("the harness was stopped");
    expect(await journal.waitFor({ request: { command: "EHLO" } })).toMatchObject({ seq: 1 });
  });

  it("rejects with what the query's own test throws, and the service that was recorded goes on", async () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    const wait = journal.waitFor({
      where: () => {
        throw new TypeError("a mistake in the test");
      },
    });
    exchange(journal, session, "EHLO");
    await expect(wait).rejects.toThrow("a mistake in the test");
    expect(journal.size).toBe(1);
  });

  it("serves many waits at one entry", async () => {
    const journal = journalOf();
    const waits = Array.from({ length: 100 }, () => journal.waitFor({ kind: "exchange" }));
    exchange(journal, sessionOf(journal), "EHLO");
    expect(new Set((await Promise.all(waits)).map(({ seq }) => seq))).toEqual(new Set([1]));
  });
});
