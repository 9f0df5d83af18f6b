import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frame } from "../../../services/dns/frames.ts";
import type { RuleSet } from "../../../src/stub/rule-set.ts";
import { answer, Connection, responderOf, rulesOf } from "./ruled.ts";
import { query } from "./world.ts";

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
    expect(answer({ reply: "REFUSED" }, "hex:000181230000000000000000")).toBe("(silence)");
  });
});

describe("a reply that cannot be sent is refused when the rule is made:", () => {
  it.each<[reply: unknown, message: string]>([
    [
      "SERVFIAL",
      'dns.stub.reply: expected an rcode, an address, or a record such as "A 192.0.2.1" (did you mean "SERVFAIL"?), got "SERVFIAL"',
    ],
    ["A 1.2.3", 'A: expected address (an IPv4 address), not "1.2.3"'],
    ["", "dns.stub.reply: expected an rcode, an address, or a record"],
    ['TXT "a', 'expected a second " on this line'],
    ["x OPT", "a record"],
    [{ rcode: "NOPE" }, "dns.stub.reply.rcode: expected an rcode such as SERVFAIL or RCODE12, got"],
    [{ rcode: "NXDOMIAN" }, 'dns.stub.reply.rcode: expected an rcode (did you mean "NXDOMAIN"?), got "NXDOMIAN"'],
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

describe("whatever is written as a reply,", () => {
  const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 40, arbitrary: good }, { weight: 1, arbitrary: bad });
  const junk = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.double(), fc.boolean(), fc.constant(null));
  const optional = <T extends object>(fields: T) => fc.record(fields, { requiredKeys: [] });
  const u16 = mostly(fc.nat(65_535), fc.oneof(junk, fc.integer()));
  const rcode = mostly(fc.constantFrom("SERVFAIL", "nodata", "RCODE12", "BADVERS"), junk);
  const record = fc.constantFrom(
    "192.0.2.1",
    "::1",
    "A 192.0.2.1",
    "MX 10 mail",
    "@ 5 TXT x",
    "x. NS @",
    "SOA a b 1 2 3 4 5",
  );
  const records = mostly(fc.oneof(record, fc.array(record, { maxLength: 3 })), junk);
  const name = mostly(fc.constantFrom(".", "x.test.", "x"), junk);
  const edns = optional({
    ...{ udpOctets: u16, ede: fc.record({ code: u16, text: fc.string() }), nsid: fc.string(), owner: name },
    cookie: fc.constantFrom("good", "short", "changed"),
    ...{
      version: fc.nat(255),
      clientSubnetScope: fc.nat(128),
      echo: fc.boolean(),
      copies: fc.integer({ min: 1, max: 10 }),
    },
    options: fc.array(fc.record({ code: u16, hex: mostly(fc.constantFrom("", "aabb"), junk) }), { maxLength: 2 }),
  });
  const map = optional({
    ...{
      rcode,
      answers: records,
      authority: records,
      additional: records,
      truncated: fc.boolean(),
      response: fc.boolean(),
    },
    ...{ edns: mostly(fc.oneof(edns, fc.constant(false)), junk), soa: optional({ serial: u16, owner: name }) },
    ...{ maxOctets: fc.integer({ min: 12, max: 65_535 }), id: fc.oneof(fc.constant("wrong"), u16), rdlength: u16 },
    question: mostly(fc.constantFrom("wrong", "type", "case", "missing", "twice"), junk),
    counts: optional({ questions: u16, answers: u16 }),
    badName: fc.constantFrom("loop", "forward", "beyond", "long-label", "long-name"),
    ...{
      trailing: fc.string(),
      cut: fc.integer({ min: 1, max: 300 }),
      length: u16,
      behind: fc.integer({ min: 1, max: 3 }),
    },
  });
  const reply = fc.oneof({ weight: 8, arbitrary: map }, { weight: 1, arbitrary: fc.oneof(rcode, records, junk) });
  const questions = [
    "web.example.test A",
    "example.test AXFR",
    ". ANY +edns=512 +do +option=10:0102030405060708 +option=8:00011800c00002",
    "hex:00",
    "hex:000901000000000000000000",
    "hex:000901000001000000000000016100000100010d0a",
  ];

  it("either cannot be, and the error says where, or is sent", () => {
    let sent = 0;
    fc.assert(
      fc.property(reply, (each) => {
        let set: RuleSet;
        try {
          set = rulesOf({ reply: each });
        } catch (error) {
          expect(error).toMatchObject({ code: "RULE_INVALID", message: expect.stringMatching(/^dns\.stub/) });
          return;
        }
        sent += 1;
        const responder = responderOf(set);
        for (const question of questions) expect(responder.ask(question)?.length ?? 0).toBeLessThanOrEqual(65_507);
        const connection = new Connection(set);
        for (const question of questions) connection.data(frame(query(question)));
        while (connection.of("pull").length > 0 && connection.of("exchange").length < 2) connection.tell("pull");
        connection.tell("end");
      }),
      { numRuns: 1000 },
    );
    expect(sent).toBeGreaterThan(500);
  });
});
