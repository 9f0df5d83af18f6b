import { describe, expect, it } from "vitest";
import type { DnsReply } from "../../../services/dns/dns-reply.ts";
import { DnsResponder } from "../../../services/dns/responder.ts";
import type { DatagramRules } from "../../../src/contract/rules.ts";
import { start } from "../../../src/index.ts";
import { toLatin1 } from "../../../src/wire/bytes.ts";
import { UdpClient } from "./clients.ts";
import { rulesOf } from "./ruled.ts";
import { contextOf, PEER, print, query } from "./world.ts";

const SOA = "@ 1h IN SOA ns hostmaster 1 1h 15m 4w 5m\n@ NS ns\n";
const ADD = "example.test SOA opcode=UPDATE rd=0 | update new.example.test. 60 IN A 192.0.2.9";
const NEW = "new.example.test A";

/** A server of the default world; `ask` returns the rcode, `whole` the answer. */
function serve(options: object = {}, rules?: object) {
  const context = contextOf(options);
  const asked = rules && (rulesOf(rules).forDatagrams(() => undefined) as DatagramRules<DnsReply>);
  const responder = new DnsResponder(context, asked);
  const whole = (text: string, peer = PEER) => print(responder.respond(query(text), peer, 0));
  return { context, responder, whole, ask: (text: string, peer = PEER) => /^\w+/.exec(whole(text, peer))?.[0] };
}

describe("an update", () => {
  it("is seen at once, also in answers that were kept, and by everybody who serves the world", () => {
    const { context, ask } = serve();
    const other = new DnsResponder({ ...context });
    expect(ask(NEW)).toBe("NXDOMAIN");
    expect(ask(ADD)).toBe("NOERROR");
    expect(ask(NEW)).toBe("NOERROR");
    expect(print(other.respond(query(NEW), PEER, 0))).toContain("answer new.example.test. 60 IN A 192.0.2.9");
  });

  it("is gone after a reset, in zones of the world and of the options", () => {
    const { context, ask, whole } = serve({ zones: { "own.test": SOA } });
    const add = "own.test SOA opcode=UPDATE | update new.own.test. 60 IN A 192.0.2.9";
    expect([ask(ADD), ask(add), ask(NEW), ask("new.own.test A")]).toEqual(Array(4).fill("NOERROR"));
    expect(whole("own.test SOA")).toContain(" 2 3600 900 2419200 300");
    context.world.reset();
    expect([ask(NEW), ask("new.own.test A")]).toEqual(["NXDOMAIN", "NXDOMAIN"]);
    expect(ask(add)).toBe("NOERROR");
  });

  it("leaves text to which a test can add", () => {
    const { context, ask } = serve();
    ask(ADD);
    context.world.zones.add("example.test", "more 60 A 192.0.2.10");
    expect([ask(NEW), ask("more.example.test A"), ask("kinds.example.test TYPE65280")]).toEqual(
      Array(3).fill("NOERROR"),
    );
  });

  it.each([
    ["loopback", "127.0.0.1", "NOERROR"],
    ["loopback", "::ffff:127.0.0.9", "NOERROR"],
    ["loopback", "192.0.2.1", "REFUSED"],
    ["any", "192.0.2.1", "NOERROR"],
    ["none", "127.0.0.1", "REFUSED"],
  ])("with the option %s from %s is %s", (update, address, rcode) => {
    const { ask } = serve({ update });
    expect(ask(ADD, { address, port: 40_000 })).toBe(rcode);
    expect(ask(NEW)).toBe(rcode === "NOERROR" ? "NOERROR" : "NXDOMAIN");
  });

  it("that a rule answers is not made, one that a rule only changes is", () => {
    const when = { opcode: "UPDATE" };
    const refusing = serve({}, { when, reply: "SERVFAIL" });
    expect([refusing.ask(ADD), refusing.ask(NEW)]).toEqual(["SERVFAIL", "NXDOMAIN"]);
    const silent = serve({}, { when, fault: "drop" });
    expect(silent.responder.respond(query(ADD), PEER, 0)).toBeUndefined();
    expect(silent.ask(NEW)).toBe("NXDOMAIN");
    const odd = serve({}, { when, reply: { id: 7 } });
    expect(odd.whole(ADD)).toContain("NOERROR opcode=UPDATE id=7");
    expect(odd.ask(NEW)).toBe("NOERROR");
  });

  it.each([
    // An address of three octets.
    [
      "example.test SOA opcode=UPDATE | update x.example.test. 60 IN A \\# 4 C0000201",
      "\xc0\x00\x02\x01",
      "\xc0\x00\x02",
    ],
    // A character-string that is longer than the RDATA.
    ['example.test SOA opcode=UPDATE | update x.example.test. 60 IN TXT "abc"', "\x03abc", "\x09abc"],
  ])("%s with RDATA that no such type has is FORMERR", (text, right, wrong) => {
    const { responder } = serve();
    const octets = toLatin1(query(text));
    const length = (rdata: string) => String.fromCharCode(0, rdata.length) + rdata;
    const spoilt = Buffer.from(octets.replace(length(right), length(wrong)), "latin1");
    expect(print(responder.respond(spoilt, PEER, 0))).toContain("FORMERR");
  });

  it("of a zone with broken text is SERVFAIL", () => {
    const { context, ask } = serve();
    context.world.zones.set("broken.test", "www A 1.2.3");
    expect(ask("broken.test SOA opcode=UPDATE")).toBe("SERVFAIL");
  });

  it("stands in the journal with what it was to change", async () => {
    await using harness = await start({ services: ["dns"], host: "127.0.0.1" });
    await using client = new UdpClient(harness.dns.port);
    const change = "| prerequisite www.example.test. 0 ANY CNAME | update web.example.test. 0 NONE A 127.0.0.1";
    await client.ask(query(`example.test SOA opcode=UPDATE ${change}`));
    const { request, reply } = await harness.dns.waitFor({ opcode: "UPDATE" });
    expect(request).toMatchObject({
      name: "example.test",
      prerequisites: ["www.example.test. 0 ANY CNAME"],
      updates: ["web.example.test. 0 NONE A 127.0.0.1"],
    });
    expect(reply).toMatchObject({ rcode: "NOERROR" });
    await harness.reset();
  });
});
