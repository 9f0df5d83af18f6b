import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frame, unframe } from "../../../services/dns/frames.ts";
import { dns } from "../../../services/dns/index.ts";
import { DnsMachine } from "../../../services/dns/machine.ts";
import { DnsResponder } from "../../../services/dns/responder.ts";
import type { Fields, Output } from "../../../src/contract/machine.ts";
import type { DatagramRules, Rules } from "../../../src/contract/rules.ts";
import type { Service } from "../../../src/contract/service.ts";
import { RuleSet } from "../../../src/stub/rule-set.ts";
import { concat, toHex } from "../../../src/wire/bytes.ts";
import { ManualClock } from "../../../src/world/clock.ts";
import { contextOf, PEER, print, query } from "./world.ts";

type Reply = NonNullable<Parameters<typeof dns.machine & {}>[1]> extends Rules<infer R> ? R : never;

function rulesOf(...rules: readonly object[]): RuleSet {
  const set = new RuleSet({
    service: dns as unknown as Service,
    name: "dns",
    clock: new ManualClock(0),
    random: () => 0.5,
    triggers: false,
    written: [],
    locate: undefined,
  });
  for (const rule of rules) set.add(rule);
  return set;
}

/** A responder, and how often it asked its rules. */
function responderOf(set: RuleSet) {
  const rules = set.forDatagrams(() => undefined) as DatagramRules<Reply>;
  const asked: Fields[] = [];
  const counting: DatagramRules<Reply> = {
    get any() {
      return rules.any;
    },
    get version() {
      return rules.version;
    },
    couldMatch: rules.couldMatch,
    ask: (request, peer) => {
      asked.push(request);
      return rules.ask(request, peer);
    },
  };
  const responder = new DnsResponder(contextOf(), counting);
  return { asked, ask: (text: string, peer = PEER) => responder.respond(query(text), peer) };
}

function answer(rule: object, question: string): string {
  return print(responderOf(rulesOf(rule)).ask(question));
}

class Connection {
  readonly #machine: DnsMachine;
  readonly outputs: Output[] = [];

  constructor(set: RuleSet) {
    const rules = set.forSession({ transport: "tcp", peer: PEER }, () => undefined) as Rules<Reply>;
    this.#machine = new DnsMachine(contextOf(), rules);
    this.outputs.push(...this.#machine.handle({ type: "open", now: 0, local: PEER, peer: PEER }));
  }

  data(bytes: Uint8Array): void {
    this.outputs.push(...this.#machine.handle({ type: "data", now: 0, bytes }));
  }

  tell(type: "end" | "idle" | "pull"): void {
    this.outputs.push(...this.#machine.handle({ type, now: 0 }));
  }

  of<What extends Output["do"]>(what: What) {
    return this.outputs.filter((output): output is Extract<Output, { do: What }> => output.do === what);
  }

  get sent(): Uint8Array {
    return concat([new Uint8Array(0), ...this.of("send").map(({ bytes }) => bytes)]);
  }

  get ids(): (number | undefined)[] {
    return unframe(this.sent).map((message) => ((message[0] ?? 0) << 8) | (message[1] ?? 0));
  }
}

describe("what a rule answers", () => {
  const SOA =
    "authority example.test. 300 IN SOA ns1.example.test. hostmaster.example.test. 2026010101 3600 900 2419200 300";
  it.each<[reply: unknown, question: string, lines: readonly string[]]>([
    ["SERVFAIL", "web.example.test A", ["SERVFAIL rd id=1"]],
    ["servfail", "web.example.test A", ["SERVFAIL rd id=1"]],
    ["RCODE12", "web.example.test A", ["RCODE12 rd id=1"]],
    ["NXDOMAIN", "web.example.test A", ["NXDOMAIN aa rd id=1", SOA]],
    ["NXDOMAIN", "elsewhere.test A", ["NXDOMAIN aa rd id=1"]],
    ["NODATA", "web.example.test A", ["NOERROR aa rd id=1", SOA]],
    ["192.0.2.1", "X.test A", ["NOERROR aa rd id=1", "answer X.test. 300 IN A 192.0.2.1"]],
    ["192.0.2.1", "x.test ANY", ["NOERROR aa rd id=1", "answer x.test. 300 IN A 192.0.2.1"]],
    ["192.0.2.1", "x.test AAAA", ["NOERROR aa rd id=1"]],
    ["2001:db8::1", "x.test AAAA", ["NOERROR aa rd id=1", "answer x.test. 300 IN AAAA 2001:db8::1"]],
    [
      [["192.0.2.1", "2001:db8::1", "192.0.2.2"]],
      "x.test A",
      ["NOERROR aa rd id=1", "answer x.test. 300 IN A 192.0.2.1", "answer x.test. 300 IN A 192.0.2.2"],
    ],
    ["A 192.0.2.1", "x.test MX", ["NOERROR aa rd id=1", "answer x.test. 300 IN A 192.0.2.1"]],
    ["IN A 192.0.2.1", "x.test A", ["NOERROR aa rd id=1", "answer x.test. 300 IN A 192.0.2.1"]],
    ["@ 60 IN A 192.0.2.1", "x.test A", ["NOERROR aa rd id=1", "answer x.test. 60 IN A 192.0.2.1"]],
    ["www 1h A 192.0.2.1", "x.test A", ["NOERROR aa rd id=1", "answer www.x.test. 3600 IN A 192.0.2.1"]],
    ["www.x.test. A 192.0.2.1", "x.test A", ["NOERROR aa rd id=1", "answer www.x.test. 300 IN A 192.0.2.1"]],
    ["MX 10 mail", "x.test MX", ["NOERROR aa rd id=1", "answer x.test. 300 IN MX 10 mail.x.test."]],
    // An owner that is called like a type.
    ["MX MX 10 mail", "x.test MX", ["NOERROR aa rd id=1", "answer MX.x.test. 300 IN MX 10 mail.x.test."]],
    ['CH TXT "9.9"', "version.bind TXT class=CH", ["NOERROR aa rd id=1", 'answer version.bind. 300 CH TXT "9.9"']],
    [
      { answers: "A 192.0.2.1\n  TXT hello ; both", ttl: 7 },
      "x.test A",
      ["NOERROR aa rd id=1", "answer x.test. 7 IN A 192.0.2.1", 'answer x.test. 7 IN TXT "hello"'],
    ],
    [{ rcode: "NXDOMAIN", authority: [] }, "web.example.test A", ["NXDOMAIN aa rd id=1"]],
    [
      { authority: "NS ns.x.test.", additional: "ns.x.test. A 192.0.2.1", authoritative: false },
      "x.test A",
      ["NOERROR rd id=1", "authority x.test. 300 IN NS ns.x.test.", "additional ns.x.test. 300 IN A 192.0.2.1"],
    ],
    [
      { recursionAvailable: true, authenticData: true, recursionDesired: false, opcode: "NOTIFY" },
      "brief.example.test A",
      ["NOERROR opcode=NOTIFY aa ra ad id=1", "answer brief.example.test. 0 IN A 127.0.0.1"],
    ],
    [{ ttl: 9 }, "brief.example.test A", ["NOERROR aa rd id=1", "answer brief.example.test. 9 IN A 127.0.0.1"]],
    [{ id: 5 }, "brief.example.test A", ["NOERROR aa rd id=5", "answer brief.example.test. 0 IN A 127.0.0.1"]],
  ])("%j, to %s", (reply, question, lines) => {
    const [head = "", ...rest] = lines;
    const [name = "", type = "", ...more] = question.split(" ");
    const class_ = more.find((word) => word.startsWith("class="))?.slice(6) ?? "IN";
    expect(answer({ reply }, question)).toBe([head, `question ${name}. ${class_} ${type}`, ...rest].join("\n"));
  });

  it("is cut to what the client can take, with TC, as any answer", () => {
    const reply = `TXT ${`${"x".repeat(200)} `.repeat(4)}`;
    expect(answer({ reply }, "x.test TXT")).toBe("NOERROR aa tc rd id=1\nquestion x.test. IN TXT");
    expect(answer({ reply }, "x.test TXT +edns=1232")).toMatch(/^NOERROR aa rd id=1\n.*\nanswer x\.test\. 300 IN TXT/);
    expect(answer({ reply: { answers: reply, maxOctets: 4096 } }, "x.test TXT")).toContain("\nanswer ");
  });

  it("has the rcode's upper bits in an OPT record, asked for or not", () => {
    expect(answer({ reply: "BADVERS" }, "x.test A")).toMatch(/^BADVERS rd id=1\n.*\nopt size=1232 version=0$/);
  });

  it("leaves out what there is no room for below a long name", () => {
    const name = `${"a".repeat(62)}.`.repeat(4);
    expect(answer({ reply: "mail A 192.0.2.1" }, `${name.slice(0, 252)} A`)).toMatch(/^NOERROR aa rd id=1\n/);
  });

  it("answers what has no header, if that is wanted, and never a response", () => {
    expect(answer({ reply: "REFUSED" }, "hex:0102")).toBe("REFUSED id=0");
    expect(answer({ fault: { delay: 5 } }, "hex:0102")).toBe("(silence)");
    expect(print(responderOf(rulesOf({ reply: "REFUSED" })).ask("hex:000181230000000000000000"))).toBe("(silence)");
  });
});

describe("a reply that cannot be sent is refused when the rule is made:", () => {
  it.each<[reply: unknown, message: string]>([
    [
      "SERVFIAL",
      'dns.stub.reply: expected an rcode, an address, or a record such as "A 192.0.2.1"; did you mean "SERVFAIL"?',
    ],
    ["A 1.2.3", 'A: expected address (an IPv4 address), not "1.2.3"'],
    ["", "dns.stub.reply: expected an rcode, an address, or a record"],
    ['TXT "a', 'expected a second " on this line'],
    ["x OPT", "a record"],
    [{ rcode: "NOPE" }, "dns.stub.reply.rcode: expected an rcode such as SERVFAIL or RCODE12, got"],
    [{ rcode: "NXDOMIAN" }, 'dns.stub.reply.rcode: expected an rcode, did you mean "NXDOMAIN"?'],
    [
      { answers: ["192.0.2.1", "MX ten mail"] },
      "dns.stub.reply.answers[1]: expected a record; MX: expected preference",
    ],
    [{ authority: "NS" }, "dns.stub.reply.authority: expected a record; "],
    [
      { answers: Array(3).fill(`TXT ${`${"x".repeat(255)} `.repeat(100)}`) },
      "expected records of at most 64935 octets",
    ],
    [{ answer: "192.0.2.1" }, "dns.stub.reply.answer: unknown key"],
    [{ edns: { coookie: "good" } }, "dns.stub.reply.edns.coookie: unknown key"],
    [{ edns: { owner: "a..b" } }, "dns.stub.reply.edns.owner: "],
    [{ edns: true }, "dns.stub.reply.edns: expected false, or a map"],
    [{ soa: { owner: "a..b" } }, "dns.stub.reply.soa.owner: expected a label between the dots"],
    [{ ttl: 2 ** 32 }, "dns.stub.reply.ttl: expected at most 4294967295"],
    [{ rcode: "SERVFAIL", ttl: 5 }, "dns.stub.reply.ttl: expected no TTL, for there are no records"],
    [{ id: "right" }, 'dns.stub.reply.id: expected an ID, or "wrong"'],
    [{ opcode: "X" }, "dns.stub.reply.opcode: expected an opcode such as NOTIFY or OPCODE12"],
    [{ counts: { answers: -1 } }, "dns.stub.reply.counts.answers: expected at least 0"],
    [{}, "dns.stub.reply: expected an rcode, records, or what is to be different"],
    [5, 'dns.stub.reply: expected an rcode such as "SERVFAIL", an address, records, or a map'],
  ])("%j", (reply, message) => {
    expect(() => rulesOf({ reply })).toThrow(message);
  });

  it.each<[when: object, message: string]>([
    [{ type: "AAA" }, 'dns.stub.when.type: no request has "AAA" here; did you mean "AAAA"?'],
    [{ class: "INN" }, 'no request has "INN" here; did you mean "IN"?'],
    [{ opcode: "UPDAT" }, 'did you mean "UPDATE"?'],
    [{ qname: "x.test" }, "dns.stub.when.qname: unknown field of dns's requests"],
    [{ transport: "sctp" }, "dns.stub.when.transport: "],
  ])("for requests with %j", (when, message) => {
    expect(() => rulesOf({ when, reply: "SERVFAIL" })).toThrow(message);
  });
});

describe("which requests a rule means", () => {
  it.each<[when: object, question: string]>([
    [{ name: "WWW.Example.test." }, "www.EXAMPLE.test A"],
    [{ name: "*.example.test" }, "a.b.example.test A"],
    [{ name: "." }, ". NS"],
    [{ asked: "wEb.example.test" }, "wEb.example.test A"],
    [{ type: "aaaa" }, "x.test AAAA"],
    [{ type: "TYPE1" }, "x.test A"],
    [{ type: { regex: "^TYPE65280$" } }, "x.test TYPE65280"],
    [{ class: "ch" }, "id.server TXT class=CH"],
    [{ opcode: "notify" }, "x.test SOA opcode=NOTIFY"],
    [{ opcode: "OPCODE9" }, "x.test SOA opcode=OPCODE9"],
    [{ id: 7 }, "x.test A id=7"],
    [{ transport: "udp" }, "x.test A"],
    [{ recursionDesired: false }, "x.test A rd=0"],
    [{ edns: { min: 1000 } }, "x.test A +edns=1232"],
    [{ dnssecOk: true }, "x.test A +edns +do"],
    [{ ednsOptions: 10 }, "x.test A +edns +option=10:0102030405060708"],
    [{ problem: { contains: "octets are left" } }, "hex:000901000001000000000000016100000100010d0a"],
    [{ problem: { present: true } }, "hex:00"],
  ])("%j means %s", (when, question) => {
    const other = "other.test MX class=HS id=9";
    expect(answer({ when, reply: "YXRRSET" }, question)).toMatch(/^YXRRSET/);
    expect(answer({ when: { ...when, peer: "192.0.2.1" }, reply: "YXRRSET" }, question)).not.toMatch(/^YXRRSET/);
    if (!("transport" in when)) expect(answer({ when, reply: "YXRRSET" }, other)).not.toMatch(/^YXRRSET/);
  });
});

describe("an answer over UDP is remembered", () => {
  it("while no rule could be about it, a thousand of others or not", () => {
    const others = Array.from({ length: 1000 }, (_, at) => ({ when: { name: `n${at}.test` }, reply: "SERVFAIL" }));
    const responder = responderOf(rulesOf(...others));
    for (let id = 0; id < 10; id += 1) responder.ask(`web.example.test A id=${id}`);
    expect(responder.asked).toEqual([]);
  });

  it.each<[rule: object]>([
    [{ when: { name: "web.example.test" }, reply: "SERVFAIL", every: 3 }],
    [{ when: { name: "*.example.test", peer: "192.0.2.1" }, reply: "SERVFAIL" }],
    [{ when: { id: 9999 }, reply: "SERVFAIL" }],
    [{ when: { type: "A" }, reply: "SERVFAIL", chance: 0.1 }],
  ])("never while %j may be", (rule) => {
    const responder = responderOf(rulesOf(rule));
    for (let id = 0; id < 5; id += 1) responder.ask(`web.example.test A id=${id}`);
    expect(responder.asked).toHaveLength(5);
  });

  it("with the ID that the query has, whatever a rule says", () => {
    const replies = ["192.0.2.1", { id: "wrong" }, { id: 77 }, { truncated: true }, { trailing: "x" }, { cut: 100 }];
    const kept = responderOf(rulesOf({ reply: replies, repeat: true }));
    for (let id = 1; id <= 4 * replies.length; id += 1) {
      const reply = replies[(id - 1) % replies.length];
      const fresh = responderOf(rulesOf({ reply })).ask(`web.example.test A id=${id}`);
      expect(print(kept.ask(`web.example.test A id=${id}`))).toBe(print(fresh));
    }
    expect(kept.asked.map(({ id }) => id)).toEqual(Array.from({ length: 4 * replies.length }, (_, at) => at + 1));
  });

  it("no longer than until a rule is made, and never as a rule's answer", () => {
    const set = rulesOf();
    const responder = responderOf(set);
    const rcode = () => /^\w+/.exec(print(responder.ask("web.example.test A")))?.[0];
    expect([rcode(), rcode()]).toEqual(["NOERROR", "NOERROR"]);
    set.add({ when: { name: "web.example.test" }, reply: "SERVFAIL", times: 2 });
    expect([rcode(), rcode(), rcode(), rcode()]).toEqual(["SERVFAIL", "SERVFAIL", "NOERROR", "NOERROR"]);
    const rule = set.add({ when: { name: "web.example.test" }, reply: "REFUSED" });
    expect(rcode()).toBe("REFUSED");
    set.remove(rule);
    expect(rcode()).toBe("NOERROR");
  });
});

describe("over TCP", () => {
  it("a fault comes before its answer, and the exchange behind it, with the request that was asked with", () => {
    const set = rulesOf({ when: { name: "web.example.test" }, fault: { delay: 5 } });
    const connection = new Connection(set);
    connection.data(frame(query("web.example.test A")));
    expect(connection.outputs.map(({ do: what }) => what)).toEqual(["idle", "fault", "send", "exchange"]);
    expect(connection.of("exchange")[0]?.request).toBe(set.all[0]?.seen[0]);
  });

  it("what takes the place of an answer leaves nothing to send, and the next query is answered", () => {
    const connection = new Connection(rulesOf({ fault: "silence", times: 1 }));
    connection.data(concat([frame(query("web.example.test A id=1")), frame(query("web.example.test A id=2"))]));
    expect(connection.outputs.map(({ do: what }) => what)).toEqual(["idle", "fault", "exchange", "send", "exchange"]);
    expect(connection.of("exchange")[0]?.reply).toEqual({});
  });

  it("what has no header can be answered; otherwise it ends the connection", () => {
    const connection = new Connection(rulesOf({ reply: "REFUSED", times: 1 }));
    connection.data(frame(Uint8Array.of(1, 2)));
    expect(print(unframe(connection.sent)[0])).toBe("REFUSED id=0");
    connection.data(frame(Uint8Array.of(1, 2)));
    expect(connection.of("close")).toHaveLength(1);
  });

  it("a response is no query, whatever the rules are", () => {
    const connection = new Connection(rulesOf({ reply: "REFUSED" }));
    connection.data(frame(query("hex:000181000000000000000000")));
    expect(connection.of("note").map(({ event }) => event)).toEqual(["violation"]);
    expect(connection.of("send")).toEqual([]);
  });

  it("answers leave behind later ones, and at the latest when the connection ends", () => {
    const connection = new Connection(
      rulesOf({ when: { id: 1 }, reply: { behind: 2 } }, { when: { id: [2, 5] }, reply: { behind: 1 } }),
    );
    connection.data(concat([1, 2, 3, 4, 5].map((id) => frame(query(`web.example.test A id=${id}`)))));
    expect(connection.ids).toEqual([3, 1, 2, 4]);
    connection.tell("end");
    expect(connection.ids).toEqual([3, 1, 2, 4, 5]);
    expect(connection.of("exchange").map(({ request }) => request.id)).toEqual([3, 1, 2, 4, 5]);
  });

  it("a zone transfer that a rule changes is one exchange, and each of its messages is changed", () => {
    const connection = new Connection(rulesOf({ when: { type: "AXFR" }, reply: { id: "wrong", soa: { serial: 5 } } }));
    connection.data(frame(query("example.test AXFR id=1")));
    while (connection.of("exchange").length === 0) connection.tell("pull");
    expect(connection.ids.every((id) => id === 0xfffe)).toBe(true);
    expect(connection.of("exchange")[0]).toMatchObject({ request: { type: "AXFR" }, reply: { messages: 1 } });
    expect(print(unframe(connection.sent)[0]).match(/SOA .* 5 3600/g)).toHaveLength(2);
  });

  it("the same is said, in whatever pieces the octets come", () => {
    const rules = () =>
      rulesOf(
        { when: { name: "www.example.test" }, reply: "SERVFAIL", every: 2 },
        { when: { type: "MX" }, fault: "drop", times: 3 },
        { when: { type: "TXT" }, reply: { behind: 1, trailing: "x" } },
        { when: { problem: { present: true } }, reply: "REFUSED", every: 3 },
      );
    const piece = fc.oneof(
      fc
        .constantFrom("www.example.test A", "example.test MX", "long.example.test TXT", "127.in-addr.arpa AXFR")
        .map((text) => frame(query(text))),
      fc.uint8Array({ maxLength: 20 }).map((octets) => frame(octets)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.integer({ min: 1, max: 50 }), (parts, size) => {
        const stream = concat([new Uint8Array(0), ...parts]);
        const whole = new Connection(rules());
        whole.data(stream);
        whole.tell("end");
        const pieces = new Connection(rules());
        for (let at = 0; at < stream.length; at += size) pieces.data(stream.subarray(at, at + size));
        pieces.tell("end");
        expect(toHex(pieces.sent)).toBe(toHex(whole.sent));
        expect(pieces.of("exchange")).toEqual(whole.of("exchange"));
      }),
      { numRuns: 200 },
    );
  });
});
