import { describe, expect, it } from "vitest";
import type { Journal } from "../../src/journal/journal.ts";
import type { Query } from "../../src/journal/query.ts";
import { fromLatin1 } from "../../src/wire/bytes.ts";
import { exchange, journalOf, LOCAL, PEER, sessionOf } from "./fixture.ts";

/** 1 to 10: two sessions of smtp, one of them an instance of another name, and a datagram. */
function sample(): Journal {
  const journal = journalOf();
  const smtp = sessionOf(journal);
  const backup = sessionOf(journal, "smtp", "backup");
  journal.opened(smtp);
  journal.received(smtp, 0, fromLatin1("EHLO client\r\n"));
  journal.sent(smtp, 0, fromLatin1("250 \xfcber\r\n"));
  journal.exchange(smtp, 0, { command: "EHLO", argument: "client" }, { code: 250 });
  journal.exchange(
    backup,
    0,
    { command: "RCPT", to: ["alice@example.test", "bob@example.test"], size: 7, mail: { from: "x@y" } },
    { code: 550, enhanced: "5.1.1", octets: fromLatin1("\x00\xff") },
  );
  journal.note(backup, "long-line", { octets: 5000 });
  journal.channel(smtp, "data", LOCAL, PEER);
  journal.received(smtp, 0, fromLatin1("data"), "data");
  journal.ended(smtp, "peer");
  journal.closed(smtp, "reset", "read ECONNRESET");
  return journal;
}

describe("find", () => {
  const journal = sample();

  it.each<[string, Query, number[]]>([
    ["everything", {}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ["of a service", { service: "smtp" }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ["of a service that said nothing", { service: "dns" }, []],
    ["of an instance", { name: "backup" }, [5, 6]],
    ["of a session", { session: 2 }, [5, 6]],
    ["of a kind", { kind: "received" }, [2, 8]],
    ["of an entry's session", { session: { ...sessionOf(journalOf()), id: 2 } }, [5, 6]],
    ["after an entry", { after: { seq: 8 } }, [9, 10]],
    ["since a time", { since: 3 }, [7, 9, 10]],
    ["until a time", { until: new Date(2) }, [1, 2, 3, 4, 5, 6, 8]],
    ["after a place", { after: 8 }, [9, 10]],
    ["after the last one", { after: 10 }, []],
    ["after a place before the first", { after: -5, kind: "open" }, [1]],
    ["a request's field", { request: { command: "EHLO" } }, [4]],
    ["two fields", { request: { command: "EHLO", argument: "server" } }, []],
    ["a field by its pattern", { request: { argument: /^cli/ } }, [4]],
    ["a field by a test", { reply: { code: (code) => Number(code) >= 500 } }, [5]],
    ["a number, not its text", { reply: { code: "250" } }, []],
    ["a number by a pattern", { reply: { code: /^2/ } }, [4]],
    ["an absent field", { request: { to: undefined } }, [4]],
    ["one item of a list", { request: { to: "bob@example.test" } }, [5]],
    ["one item of a list by its pattern", { request: { to: /^bob@/ } }, [5]],
    ["a whole list", { request: { to: ["alice@example.test", /^bob@/ as unknown as string] } }, [5]],
    ["half a list as a whole one", { request: { to: ["alice@example.test"] } }, []],
    ["a field within a map", { request: { mail: { from: /@y$/ } } }, [5]],
    ["octets", { reply: { octets: fromLatin1("\x00\xff") } }, [5]],
    ["octets by their pattern", { reply: { octets: /^\x00/ } }, [5]],
    ["octets by their text", { reply: { octets: { contains: "\x00" } } }, [5]],
    ["an absent field by its operator", { request: { to: { present: false } } }, [4]],
    ["a place-holder", { request: { argument: "cl*t" } }, [4]],
    ["what only looks like one", { request: { argument: { is: "cl*t" } } }, []],
    ["a range", { reply: { code: { min: 500, max: 599 } } }, [5]],
    ["one of several", { request: { command: ["HELO", "EHLO"] } }, [4]],
    ["what is not", { request: { command: { not: "EHLO" } } }, [5]],
    ["what is not, whatever it is", { request: { size: { not: 7 } } }, [4]],
    ["a field that only every object has", { request: { constructor: undefined } }, [4, 5]],
    ["a reply alone", { reply: { enhanced: "5.1.1" } }, [5]],
    ["an event", { event: "long-line" }, [6]],
    ["an event of another service", { event: "long-line", service: "dns" }, []],
    ["text in octets", { text: "EHLO client\r\n" }, [2]],
    ["text in octets, as Latin-1", { text: "\xfcber" }, [3]],
    ["text anywhere", { text: "EHLO" }, [2, 4]],
    ["text within a list", { text: /alice@/ }, [5]],
    ["text in a note", { text: "5000", kind: "note" }, [6]],
    ["text in a cause", { text: "ECONNRESET" }, [10]],
    ["a test of the entry", { where: (entry) => "channel" in entry && entry.channel === "data" }, [7, 8]],
  ])("knows %s", (_, query, expected) => {
    expect(journal.find(query).map(({ seq }) => seq)).toEqual(expected);
  });

  it.each([/EHLO/g, /EHLO/y])("is not misled by what %s found before", (pattern) => {
    const query: Query = { request: { command: pattern } };
    expect(journal.find(query)).toHaveLength(1);
    expect(journal.find(query)).toHaveLength(1);
  });

  it("leaves out what was forgotten", () => {
    const short = journalOf({ maxEntries: 2 });
    const session = sessionOf(short);
    for (const command of ["A", "B", "C"]) exchange(short, session, command);
    expect(short.find({ request: { command: "A" } })).toEqual([]);
    expect(short.find({ after: 1 }).map(({ seq }) => seq)).toEqual([2, 3]);
  });
});

it("finds entries that can be compared, copied and printed", () => {
  const entries = sample().find();
  for (const entry of entries) {
    expect({ ...entry }).toEqual(entry);
    expect(structuredClone(entry)).toMatchObject({ seq: entry.seq, session: entry.session, kind: entry.kind });
    expect(() => expect(entry).toEqual({ kind: "none" })).toThrow(/deeply equal/);
  }
});

it("finds octets as Buffers, whichever way they went and whatever they were", () => {
  const journal = journalOf();
  const session = sessionOf(journal);
  for (const bytes of [new Uint8Array([104, 105]), Buffer.from("hi"), new Uint8Array(20_000)]) {
    journal.received(session, 0, bytes);
    journal.sent(session, 0, bytes);
  }
  const texts = journal.find().map((entry) => ("bytes" in entry ? entry.bytes.toString() : ""));
  expect(texts.slice(0, 4)).toEqual(["hi", "hi", "hi", "hi"]);
  expect(texts.slice(4).map(({ length }) => length)).toEqual([20_000, 20_000]);
});

describe("exchanges", () => {
  it("has those of one service, or all, and those whose request is meant", () => {
    const journal = sample();
    exchange(journal, sessionOf(journal, "pop3"), "USER");
    expect(journal.exchanges().map(({ request }) => request.command)).toEqual(["EHLO", "RCPT", "USER"]);
    expect(journal.exchanges("pop3").map(({ request }) => request.command)).toEqual(["USER"]);
    expect(journal.exchanges("smtp", { command: /^E/ }).map(({ reply }) => reply.code)).toEqual([250]);
  });
});

describe("datagrams", () => {
  const datagram = () => {
    const journal = journalOf();
    let decoded = 0;
    const binding = {
      service: "dns",
      name: "dns",
      local: LOCAL,
      decode: (received: Uint8Array, sent: Uint8Array | undefined) => {
        decoded += 1;
        return { request: { octets: received.length }, reply: sent ? { octets: sent.length } : {} };
      },
    };
    journal.datagram(binding, 5, PEER, fromLatin1("query"), fromLatin1("response"));
    journal.datagram(binding, 6, PEER, fromLatin1("ignored"), undefined);
    return { journal, decoded: () => decoded };
  };

  it("are decoded only when somebody reads their fields", () => {
    const { journal, decoded } = datagram();
    expect(journal.find({ service: "dns", kind: "exchange" })).toHaveLength(2);
    expect(decoded()).toBe(0);
    expect(journal.exchanges("dns", { octets: 5 })).toHaveLength(1);
    expect(decoded()).toBe(2);
  });

  it("can be compared, copied and printed like any entry", () => {
    const { journal, decoded } = datagram();
    const [entry] = journal.exchanges("dns");
    expect({ ...entry }).toEqual(entry);
    expect(JSON.parse(JSON.stringify(entry))).toMatchObject({ request: { octets: 5 }, reply: { octets: 8 } });
    expect(structuredClone(entry)).toEqual(entry);
    expect(decoded()).toBe(1);
    expect(() => expect(entry).toEqual({ request: { octets: 6 } })).toThrow(/deeply equal/);
  });

  it("read like any exchange", () => {
    const { journal } = datagram();
    expect(journal.exchanges("dns")).toMatchObject([
      {
        seq: 1,
        time: 5,
        session: { id: 0, transport: "udp", peer: PEER },
        request: { octets: 5 },
        reply: { octets: 8 },
      },
      { seq: 2, time: 6, request: { octets: 7 }, reply: {} },
    ]);
  });

  it.each(["que", "resp"])("have the text %s in their octets", (text) => {
    expect(
      datagram()
        .journal.find({ text })
        .map(({ seq }) => seq),
    ).toEqual([1]);
  });
});
