import { describe, expect, it } from "vitest";
import { PortwrightError } from "../../src/errors.ts";
import type { Entry } from "../../src/journal/entry.ts";
import type { Query } from "../../src/journal/query.ts";
import { exchange, journalOf, receive, sessionOf } from "./fixture.ts";

/** What a wait in vain says. */
async function messageOf(wait: Promise<unknown>): Promise<string> {
  const error: unknown = await wait.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PortwrightError);
  expect((error as PortwrightError).code).toBe("WAIT_TIMEOUT");
  return (error as Error).message;
}

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

  it.each<[string, Query, string]>([
    [
      "the exchanges of the service",
      { service: "smtp", request: { command: "QUIT" } },
      'no entry matched {"service":"smtp","request":{"command":"QUIT"}}: 5 ms have passed; ' +
        "the last of 7 that did not match:\n" +
        [3, 4, 5, 6, 7].map((n) => `  smtp exchange {"request":{"command":"C${n}"},"reply":{"code":250}}`).join("\n"),
    ],
    [
      "the notes, if a note is wanted",
      { event: "crash" },
      'no entry matched {"event":"crash"}: 5 ms have passed; the last of 1 that did not match:\n' +
        '  smtp note {"event":"long-line","detail":{"octets":9}}',
    ],
    [
      "other entries of the service, if none of the kind came",
      { service: "pop3", kind: "exchange" },
      'no entry matched {"service":"pop3","kind":"exchange"}: 5 ms have passed; the last of 1 that did not match:\n' +
        '  pop3 received {"octets":4}',
    ],
    [
      "patterns and tests as they are written",
      { service: "pop3", text: /^a"b/i, where: (entry: Entry) => entry.seq > 3 },
      'no entry matched {"service":"pop3","text":"/^a\\"b/i","where":"(entry) => entry.seq > 3"}: 5 ms have passed; ' +
        'the last of 1 that did not match:\n  pop3 received {"octets":4}',
    ],
  ])("says after its time what came nearest: %s", async (_, query, message) => {
    const journal = journalOf();
    const session = sessionOf(journal);
    for (let at = 1; at <= 7; at += 1) exchange(journal, session, `C${at}`);
    journal.note(session, "long-line", { octets: 9 });
    receive(journal, sessionOf(journal, "pop3"), "USER");
    expect(await messageOf(journal.waitFor(query, { timeout: 5 }))).toBe(message);
  });

  it("says that nothing came", async () => {
    expect(await messageOf(journalOf().waitFor({ kind: "open" }, { timeout: 1 }))).toBe(
      'no entry matched {"kind":"open"}: 1 ms have passed; nothing came',
    );
  });

  it("shows only the beginning of what is long", async () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    journal.exchange(session, 0, { body: new Uint8Array(1_000_000) }, { text: "y".repeat(1_000_000) });
    const message = await messageOf(journal.waitFor({ event: "never" }, { timeout: 1 }));
    expect(message.length).toBeLessThan(600);
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
