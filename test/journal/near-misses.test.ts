import { describe, expect, it } from "vitest";
import { PortwrightError } from "../../src/errors.ts";
import type { Entry } from "../../src/journal/entry.ts";
import type { Journal } from "../../src/journal/journal.ts";
import type { Query } from "../../src/journal/query.ts";
import { exchange, journalOf, messageOf, PEER, receive, sessionOf } from "./fixture.ts";

/** What a service called smtp declares. */
const TABLES = {
  request: {
    command: { type: "string", doc: "The verb.", values: ["RCPT", "DATA"] },
    to: { type: "string", doc: "The forward-path.", canonical: (text: string) => text.toLowerCase() },
    subject: { type: "string", doc: "The subject." },
    headers: { type: "map", doc: "The fields.", secret: ["authorization"] },
  },
  reply: { code: { type: "number", doc: "The code." } },
} as const;

/** Three exchanges of smtp, a note, and octets of pop3; `declared` if the journal knows what smtp declares. */
function sample(declared = false): Journal {
  const journal = journalOf({}, declared ? (name) => (name === "smtp" ? TABLES : undefined) : undefined);
  const session = sessionOf(journal);
  journal.exchange(session, 0, { command: "RCPT", to: "bob@example.test" }, { code: 250 });
  journal.exchange(session, 0, { command: "RCPT", to: "alice@example.test" }, { code: 550 });
  journal.exchange(session, 0, { command: "DATA", subject: "Hello" }, { code: 250 });
  journal.note(session, "long-line", { octets: 9 });
  receive(journal, sessionOf(journal, "pop3"), "USER");
  return journal;
}

describe("a wait in vain", () => {
  it.each<[string, Query, string]>([
    [
      "the one that differs in the fewest fields first",
      { service: "smtp", request: { command: "RCPT", to: "carol@example.test" }, reply: { code: 250 } },
      'no exchange of smtp with { command: "RCPT", to: "carol@example.test" } and the reply { code: 250 }: 1 ms have passed; ' +
        `the nearest of 3 that came:
  #1 smtp session 1: RCPT to=bob@example.test -> 250
      to: wanted "carol@example.test", was "bob@example.test"
  #3 smtp session 1: DATA subject=Hello -> 250
      command: wanted "RCPT", was "DATA"
      to: wanted "carol@example.test", was absent
  #2 smtp session 1: RCPT to=alice@example.test -> 550
      to: wanted "carol@example.test", was "alice@example.test"
      reply.code: wanted 250, was 550`,
    ],
    [
      "a field that nothing has, and its nearest name",
      { request: { subjct: /code/ } },
      `no exchange with { subjct: /code/ }: 1 ms have passed; the nearest of 3 that came:
  no request that came has a field "subjct"; did you mean "subject"?
  #3 smtp session 1: DATA subject=Hello -> 250
      subjct: wanted /code/, was absent
  #2 smtp session 1: RCPT to=alice@example.test -> 550
      subjct: wanted /code/, was absent
  #1 smtp session 1: RCPT to=bob@example.test -> 250
      subjct: wanted /code/, was absent`,
    ],
    [
      "what would have matched, but for its place",
      { request: { command: "DATA" }, after: 3 },
      `no exchange after #3 with { command: "DATA" }: 1 ms have passed; the nearest of 3 that came:
  #3 smtp session 1: DATA subject=Hello -> 250
      wanted after #3
  #2 smtp session 1: RCPT to=alice@example.test -> 550
      wanted after #3
      command: wanted "DATA", was "RCPT"
  #1 smtp session 1: RCPT to=bob@example.test -> 250
      wanted after #3
      command: wanted "DATA", was "RCPT"`,
    ],
    [
      "a session, a time, a text and a test",
      { kind: "received", session: 1, since: 1, text: /^a"b/i, where: (entry: Entry) => entry.seq > 6 },
      'no received octets in session 1 since 1970-01-01T00:00:00.001Z with the text /^a"b/i ' +
        `where (entry) => entry.seq > 6: 1 ms have passed; the nearest of 1 that came:
  #5 pop3 session 2: received 4 octets
      session: wanted 1, was 2
      time: wanted since 1970-01-01T00:00:00.001Z, was 1970-01-01T00:00:00.000Z
      text: wanted /^a"b/i, was nowhere in it`,
    ],
    [
      "that a test of one's own said no, which is asked last",
      { request: { subject: "Hello" }, where: ({ seq }: Entry) => seq > 3 },
      `no exchange with { subject: "Hello" } where ({ seq }) => seq > 3: 1 ms have passed; the nearest of 3 that came:
  #3 smtp session 1: DATA subject=Hello -> 250
      where: the test said no
  #2 smtp session 1: RCPT to=alice@example.test -> 550
      subject: wanted "Hello", was absent
  #1 smtp session 1: RCPT to=bob@example.test -> 250
      subject: wanted "Hello", was absent`,
    ],
    [
      "the notes, if a note is wanted",
      { event: "crash" },
      `no note "crash": 1 ms have passed; the nearest of 1 that came:
  #4 smtp session 1: note long-line octets=9
      event: wanted "crash"`,
    ],
    [
      "other entries of the service, if none of the kind came",
      { service: "pop3", kind: "exchange" },
      `no exchange of pop3: 1 ms have passed; no exchange came, the last of 1 other entry:
  #5 pop3 session 2: received 4 octets`,
    ],
    [
      "entries of others, if none of the service came",
      { service: "dns", kind: "exchange" },
      `no exchange of dns: 1 ms have passed; no exchange of dns came, the last of 5 other entries:
  #1 smtp session 1: RCPT to=bob@example.test -> 250
  #2 smtp session 1: RCPT to=alice@example.test -> 550
  #3 smtp session 1: DATA subject=Hello -> 250
  #4 smtp session 1: note long-line octets=9
  #5 pop3 session 2: received 4 octets`,
    ],
  ])("shows %s", async (_, query, message) => {
    expect(await messageOf(sample().waitFor(query, { timeout: 1 }))).toBe(message);
  });

  it("shows the five nearest, the latest of equals first", async () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    for (let at = 1; at <= 7; at += 1) exchange(journal, session, `C${at}`);
    const message = await messageOf(journal.waitFor({ request: { command: "QUIT" } }, { timeout: 1 }));
    expect(message.match(/#\d+/g)).toEqual(["#7", "#6", "#5", "#4", "#3"]);
  });

  it("says how many of those wanted came", async () => {
    const message = await messageOf(sample().waitFor({ request: { command: "RCPT" } }, { timeout: 1, count: 3 }));
    expect(message).toContain("1 ms have passed; 2 of 3 came #1, #2; the nearest of 1 that came:\n  #3");
    expect(await messageOf(sample().waitFor({ kind: "note" }, { timeout: 1, count: 2 }))).toBe(
      "no note: 1 ms have passed; 1 of 2 came #4",
    );
  });

  it("says that nothing came", async () => {
    expect(await messageOf(journalOf().waitFor({ kind: "open" }, { timeout: 1 }))).toBe(
      "no opened session: 1 ms have passed; nothing came",
    );
  });

  it("names the peer of a datagram", async () => {
    const journal = journalOf();
    const decode = () => ({ request: { name: "a.test", type: "A" }, reply: {} });
    journal.datagram({ service: "dns", name: "dns", local: PEER, decode }, 0, PEER, new Uint8Array(1), undefined);
    const message = await messageOf(journal.waitFor({ request: { type: "AAAA" } }, { timeout: 1 }));
    expect(message).toContain("#1 dns from 127.0.0.1 port 40000: a.test type=A -> no answer\n");
    expect(message).toContain('type: wanted "AAAA", was "A"');
  });

  it("shows only the beginning of what is long", async () => {
    const journal = journalOf();
    const session = sessionOf(journal);
    journal.exchange(session, 0, { body: new Uint8Array(1_000_000) }, { text: "y".repeat(1_000_000) });
    const query = { request: { body: /z/ }, reply: { text: "z".repeat(1000) } };
    const message = await messageOf(journal.waitFor(query, { timeout: 1 }));
    expect(message.length).toBeLessThan(1500);
  });

  it("asks only the journal's own entries, however many there are, in no time", async () => {
    const journal = journalOf({ maxEntries: 50_000 });
    const session = sessionOf(journal);
    for (let at = 0; at < 50_000; at += 1) exchange(journal, session, `C${at}`);
    const start = performance.now();
    await messageOf(journal.waitFor({ request: { command: "QUIT", to: "x" } }, { timeout: 1 }));
    // It takes 50 ms; printing each of them would take seconds.
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe("a journal that knows what its services declare", () => {
  const wait = (request: NonNullable<Query["request"]>) => {
    return messageOf(sample(true).waitFor({ service: "smtp", request }, { timeout: 1 }));
  };

  it.each<[string, Query, string]>([
    ["an unknown field", { request: { subjct: "x" } }, 'request.subjct: unknown field, did you mean "subject"?'],
    ["one far from any", { reply: { zzz: 1 } }, "reply.zzz: unknown field, there are code"],
    [
      "an impossible value",
      { request: { command: "RCTP" } },
      'request.command: no request has "RCTP" here; did you mean "RCPT"?',
    ],
    ["a value of the wrong type", { reply: { code: "250" } }, 'reply.code: the field is a number, and "250" is none'],
  ])("refuses %s at once", async (_, query, message) => {
    const journal = sample(true);
    const wanted = { service: "smtp", ...query };
    const error: unknown = await journal.waitFor(wanted).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PortwrightError);
    expect(error).toMatchObject({ code: "QUERY_INVALID", message });
    expect(() => journal.find(wanted)).toThrow(message);
    expect(() => journal.explain(wanted)).toThrow(message);
  });

  it("brings what is wanted into the form in which requests have it", () => {
    expect(sample(true).exchanges("smtp", { to: "Alice@Example.TEST" })).toHaveLength(1);
  });

  it("shows no secrets, neither those wanted nor those that came", async () => {
    const journal = sample(true);
    const session = sessionOf(journal);
    journal.exchange(session, 0, { headers: { authorization: "Basic YTpi", host: "a" } }, {});
    const query = { service: "smtp", request: { headers: { authorization: "Basic Yjpj", host: "b" } } };
    const message = await messageOf(journal.waitFor(query, { timeout: 1 }));
    expect(message).toContain('{ headers: { authorization: "<redacted>", host: "b" } }');
    expect(message).toContain("headers.authorization: wanted <redacted>, was another <redacted>\n");
    expect(message).toContain('headers.host: wanted "b", was "a"');
    expect(message).not.toMatch(/Basic|YTpi|Yjpj/);
  });

  it("explains without waiting", () => {
    expect(sample(true).explain({ service: "smtp", request: { subject: "x" } })).toContain(
      'no exchange of smtp with { subject: "x" }; the nearest of 3 that came:\n  #3 ',
    );
  });

  it("takes a field that is declared for one that can come, even if it never did", async () => {
    expect(await wait({ headers: { host: "x" } })).toContain('headers.host: wanted "x", was absent');
  });
});
