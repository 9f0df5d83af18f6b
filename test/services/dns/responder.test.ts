import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dns } from "../../../services/dns/index.ts";
import { decode } from "../../../services/dns/message.ts";
import { DnsResponder } from "../../../services/dns/responder.ts";
import { toHex } from "../../../src/wire/bytes.ts";
import { contextOf, PEER, print, query } from "./world.ts";

const SOA = "@ 1h IN SOA ns hostmaster 1 1h 15m 4w 5m\n";

const randomCase = (text: string, bits: number) =>
  [...text].map((char, at) => ((bits >> (at % 30)) & 1 ? char.toUpperCase() : char)).join("");

describe("an answer that was given before", () => {
  const names = fc.constantFrom(
    "example.test",
    "www.example.test",
    "long.example.test",
    "x.wild.example.test",
    "www.child.example.test",
    "nobody.example.test",
    "elsewhere.test",
    "id.server",
  );
  const text = fc
    .record({
      name: fc.tuple(names, fc.nat()).map(([name, bits]) => randomCase(name, bits)),
      type: fc.constantFrom("A", "AAAA", "MX", "TXT", "NS", "SOA", "ANY", "TYPE65280"),
      id: fc.integer({ min: 0, max: 0xffff }),
      rest: fc.constantFrom(
        "",
        "rd=0",
        "cd=1",
        "+edns=1232",
        "+edns=700 +do",
        "+version=1",
        "class=CH",
        "opcode=STATUS",
        "+option=10:0102030405060708",
      ),
    })
    .map(({ name, type, id, rest }) => `${name} ${type} id=${id} ${rest}`);

  it("is the one that would be made anew", () => {
    const kept = new DnsResponder(contextOf());
    fc.assert(
      fc.property(text, (each) => {
        const fresh = new DnsResponder(contextOf());
        const expected = toHex(fresh.respond(query(each), PEER, 0) as Uint8Array);
        expect(toHex(kept.respond(query(each), PEER, 0) as Uint8Array)).toBe(expected);
        expect(toHex(kept.respond(query(each), PEER, 0) as Uint8Array)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("is nobody else's: changing one does not change the next", () => {
    const responder = new DnsResponder(contextOf());
    responder.respond(query("www.example.test A"), PEER, 0)?.fill(0);
    responder.respond(query("www.example.test A"), PEER, 0)?.fill(0);
    expect(print(responder.respond(query("www.example.test A id=9"), PEER, 0))).toContain("NOERROR aa rd id=9\n");
  });

  it("is forgotten when a zone changes", () => {
    const context = contextOf();
    const responder = new DnsResponder(context);
    expect(print(responder.respond(query("new.example.test A"), PEER, 0))).toContain("NXDOMAIN");
    context.world.zones.add("example.test", "new 300 IN A 192.0.2.1");
    expect(print(responder.respond(query("new.example.test A"), PEER, 0))).toContain(
      "new.example.test. 300 IN A 192.0.2.1",
    );
    context.world.reset();
    expect(print(responder.respond(query("new.example.test A"), PEER, 0))).toContain("NXDOMAIN");
  });

  it("does not pile up", () => {
    const responder = new DnsResponder(contextOf());
    for (let count = 0; count < 10_000; count += 1) responder.respond(query(`n${count}.wild.example.test A`), PEER, 0);
    expect(print(responder.respond(query("n1.wild.example.test A"), PEER, 0))).toContain("192.0.2.99");
  });
});

describe("the question", () => {
  it("comes back octet for octet, in the case it was asked", () => {
    fc.assert(
      fc.property(fc.nat(), (bits) => {
        const name = randomCase("www.example.test", bits);
        const octets = query(`${name} A`);
        const answer = new DnsResponder(contextOf()).respond(octets, PEER, 0) as Uint8Array;
        expect(toHex(answer.subarray(12, octets.length))).toBe(toHex(octets.subarray(12)));
        expect(decode(answer)?.message.answers[0]?.name).toBe(decode(octets)?.message.questions[0]?.name);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a datagram from a port of the small services", () => {
  it.each([7, 13, 17, 19, 37, 10_019])("such as %i is not answered, or the two would never end", (port) => {
    const responder = new DnsResponder(contextOf());
    expect(responder.respond(query("www.example.test A"), { address: "127.0.0.1", port }, 0)).toBeUndefined();
  });
});

describe("the size of an answer", () => {
  it.each([
    ["", {}, 512],
    ["+edns=100", {}, 512],
    ["+edns=600", {}, 600],
    ["+edns=1232", {}, 1232],
    ["+edns=4096", {}, 1232],
    ["+edns=4096", { maxUdpOctets: 4096 }, 4096],
    ["+edns=4096", { maxUdpOctets: 512 }, 512],
  ])("to a query with %j and the options %j is at most what both allow: %i", (flags, options, most) => {
    const records = Array.from({ length: 60 }, (_, at) => `n${at} 60 TXT "${"x".repeat(at)}"\nmany 60 A 192.0.2.${at}`);
    const texts = Array.from({ length: 40 }, (_, at) => `texts 60 TXT ${String(at).padStart(at * 2, "x")}`);
    const zones = { "x.test": SOA + [...records, ...texts].join("\n") };
    const responder = new DnsResponder(contextOf({ ...options, zones }));
    for (const name of [
      "many.x.test A",
      "texts.x.test TXT",
      ...Array.from({ length: 60 }, (_, at) => `n${at}.x.test TXT`),
    ]) {
      const answer = responder.respond(query(`${name} ${flags}`), PEER, 0) as Uint8Array;
      expect(answer.length).toBeLessThanOrEqual(most);
      const { message } = decode(answer) ?? {};
      // All of an RRset, or none of it and TC.
      expect(message?.truncated).toBe(message?.answers.length === 0);
      expect(message?.edns !== undefined).toBe(flags !== "");
    }
  });

  it("costs additional records first, and no TC", () => {
    const hosts = Array.from({ length: 30 }, (_, at) => `@ 60 MX ${at} m${at}\nm${at} 60 A 192.0.2.${at}`);
    const responder = new DnsResponder(contextOf({ zones: { "x.test": SOA + hosts.slice(0, 20).join("\n") } }));
    const { message } = decode(responder.respond(query("x.test MX"), PEER, 0) as Uint8Array) ?? {};
    expect(message?.answers).toHaveLength(20);
    expect(message?.additional.length).toBeLessThan(20);
    expect(message?.truncated).toBe(false);
  });

  it("costs TC where glue is missing (RFC 9471)", () => {
    const servers = Array.from(
      { length: 14 },
      (_, at) =>
        `sub 60 NS a-name-server-with-a-long-name-${at}.sub\na-name-server-with-a-long-name-${at}.sub 60 A 192.0.2.${at}`,
    );
    const responder = new DnsResponder(contextOf({ zones: { "x.test": SOA + servers.join("\n") } }));
    const cut = decode(responder.respond(query("www.sub.x.test A"), PEER, 0) as Uint8Array)?.message;
    expect(cut?.truncated).toBe(true);
    const whole = decode(responder.respond(query("www.sub.x.test A +edns=1232"), PEER, 0) as Uint8Array)?.message;
    expect(whole).toMatchObject({ truncated: false, authoritative: false });
    expect(whole?.additional).toHaveLength(14);
  });
});

describe("a zone that breaks at run time", () => {
  it("is answered with SERVFAIL and the reason, and no other zone is", () => {
    const context = contextOf();
    const responder = new DnsResponder(context);
    context.world.zones.set("broken.test", "www A 1.2.3");
    const answer = responder.respond(query("www.broken.test A +edns"), PEER, 0) as Uint8Array;
    expect(print(answer)).toMatch(/^SERVFAIL rd id=1\n/);
    // RFC 8914: INFO-CODE 24, Invalid Data.
    const [extendedError] = decode(answer)?.message.edns?.options ?? [];
    expect(extendedError?.code).toBe(15);
    expect(Buffer.from(extendedError?.data ?? []).toString()).toBe(
      '\0\x18zones["broken.test"]:1: A: expected address (an IPv4 address), not "1.2.3"',
    );
    expect(print(responder.respond(query("www.example.test A"), PEER, 0))).toContain("NOERROR aa");
    context.world.zones.set("broken.test", `${SOA}www 60 A 192.0.2.1`);
    expect(print(responder.respond(query("www.broken.test A"), PEER, 0))).toContain("192.0.2.1");
  });

  it("is of no account, if its origin is no name", () => {
    const context = contextOf();
    context.world.zones.set("x..test", "");
    expect(print(new DnsResponder(context).respond(query("www.example.test A"), PEER, 0))).toContain("NOERROR aa");
  });

  it("is refused as an option, with its place", () => {
    expect(() => contextOf({ zones: { "broken.test": "www A 1.2.3" } })).toThrow(
      'zones["broken.test"]:1: A: expected address',
    );
  });
});

describe("aliases", () => {
  it("are followed from zone to zone", () => {
    const zones = { "a.test": `${SOA}www 60 CNAME www.b.test.`, "b.test": `${SOA}www 60 CNAME c.a.test.` };
    const responder = new DnsResponder(contextOf({ zones }));
    expect(print(responder.respond(query("www.a.test A"), PEER, 0))).toBe(
      [
        "NXDOMAIN aa rd id=1",
        "question www.a.test. IN A",
        "answer www.a.test. 60 IN CNAME www.b.test.",
        "answer www.b.test. 60 IN CNAME c.a.test.",
        "authority a.test. 300 IN SOA ns.a.test. hostmaster.a.test. 1 3600 900 2419200 300",
      ].join("\n"),
    );
  });

  it("without end are followed 33 times", () => {
    const chain = Array.from({ length: 100 }, (_, at) => `c${at} 60 CNAME c${at + 1}`).join("\n");
    const responder = new DnsResponder(contextOf({ maxUdpOctets: 4096, zones: { "x.test": SOA + chain } }));
    expect(
      decode(responder.respond(query("c0.x.test A +edns=4096"), PEER, 0) as Uint8Array)?.message.answers,
    ).toHaveLength(33);
  });

  it("made by a DNAME that grow too long are YXDOMAIN (RFC 6672 section 2.2)", () => {
    const long = ["a", "b", "c"].map((letter) => letter.repeat(62)).join(".");
    const responder = new DnsResponder(contextOf({ zones: { "x.test": `${SOA}d 60 DNAME ${long}` } }));
    expect(print(responder.respond(query(`${"e".repeat(63)}.d.x.test A`), PEER, 0))).toContain("YXDOMAIN aa");
    expect(print(responder.respond(query("e.d.x.test A"), PEER, 0))).toContain("NXDOMAIN aa");
  });

  it("in a tree that points into itself end with the first", () => {
    const responder = new DnsResponder(contextOf({ zones: { "x.test": `${SOA}d 60 DNAME d.d` } }));
    expect(
      print(responder.respond(query("e.d.x.test A"), PEER, 0))
        .split("\n")
        .slice(2),
    ).toEqual(["answer d.x.test. 60 IN DNAME d.d.x.test.", "answer e.d.x.test. 60 IN CNAME e.d.d.x.test."]);
  });
});

describe("delegation", () => {
  const zones = {
    "x.test": `${SOA}sub 60 NS ns.sub\nsub 60 DS 1 8 2 AA\nns.sub 60 A 192.0.2.1\n`,
    "sub.x.test": `${SOA}@ 60 NS ns\nns 60 A 192.0.2.2`,
  };
  it.each([
    ["ns.sub.x.test A", zones, "answer ns.sub.x.test. 60 IN A 192.0.2.2"],
    ["ns.sub.x.test A", { "x.test": zones["x.test"] }, "additional ns.sub.x.test. 60 IN A 192.0.2.1"],
    ["sub.x.test DS", zones, "answer sub.x.test. 60 IN DS 1 8 2 AA"],
    ["sub.x.test DS", { "sub.x.test": zones["sub.x.test"] }, "authority sub.x.test. 300 IN SOA"],
  ])("answers %s from the zone that knows", (question, given, line) => {
    expect(print(new DnsResponder(contextOf({ zones: given })).respond(query(question), PEER, 0))).toContain(
      `\n${line}`,
    );
  });
});

describe("the journal's record of a datagram", () => {
  it("names what was asked and what was answered", () => {
    const octets = query("Alias.Example.test AAAA id=7 +edns=1232 +do +option=65001:");
    expect(dns.exchange?.(octets, new DnsResponder(contextOf()).respond(octets, PEER, 0))).toEqual({
      request: {
        name: "alias.example.test",
        asked: "Alias.Example.test",
        type: "AAAA",
        class: "IN",
        opcode: "QUERY",
        id: 7,
        transport: "udp",
        recursionDesired: true,
        checkingDisabled: false,
        edns: 1232,
        dnssecOk: true,
        ednsOptions: [65_001],
      },
      reply: {
        rcode: "NOERROR",
        authoritative: true,
        truncated: false,
        answers: [
          "Alias.Example.test. 3600 IN CNAME alias2.example.test.",
          "alias2.example.test. 3600 IN CNAME www.example.test.",
          "www.example.test. 3600 IN CNAME web.example.test.",
          "web.example.test. 3600 IN AAAA ::1",
        ],
        authority: [],
        additional: [],
        octets: expect.any(Number),
      },
    });
  });

  it.each([
    ["hex:00", { transport: "udp", problem: "the header has 12 octets; there are 1" }, {}],
    [
      "hex:000901000001000000000000016100000100010d0a",
      { name: "a", id: 9, problem: "2 octets are left after the last record" },
      { rcode: "FORMERR" },
    ],
    [
      "hex:000301000001000000000000c00c",
      { problem: "a compression pointer does not point backwards" },
      { rcode: "FORMERR" },
    ],
  ])("of %s says what is wrong with it", (text, request, reply) => {
    const octets = query(text);
    const record = dns.exchange?.(octets, dns.responder?.(contextOf()).respond(octets, PEER, 0));
    expect(record).toMatchObject({ request, reply });
  });
});
