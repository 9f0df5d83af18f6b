import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frame, unframe } from "../../../services/dns/frames.ts";
import { concat, toHex } from "../../../src/wire/bytes.ts";
import { answer, Connection, responderOf, rulesOf } from "./ruled.ts";
import { print, query } from "./world.ts";

describe("which requests a rule means", () => {
  it.each<[when: object, question: string]>([
    [{ type: "TYPE65280" }, "www.example.test TYPE65280"],
    [{ class: "CLASS42", type: "type999" }, "www.example.test TYPE999 class=CLASS42"],
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
