import { expect, it } from "vitest";
import { describeExchange } from "../../../services/dns/exchange.ts";
import { dns } from "../../../services/dns/index.ts";
import { DnsResponder } from "../../../services/dns/responder.ts";
import { contextOf, PEER, query } from "./world.ts";

const context = contextOf();
const responder = new DnsResponder(context);

/** The line that a person sees of a query and its answer. */
function lineOf(text: string): string | undefined {
  const octets = query(text);
  const { request, reply } = describeExchange(octets, responder.respond(octets, PEER, 0), "udp");
  return dns.summary?.(request, reply);
}

it.each([
  [
    "www.example.test A +edns=1232",
    "www.example.test. IN A -> NOERROR, flags: aa, ANSWER: 2: www.example.test. 3600 IN CNAME web.example.test.; web.example.test. 3600 IN A 127.0.0.1",
  ],
  [
    "WEB.example.test AAAA rd=0 cd=1",
    "WEB.example.test. IN AAAA +norecurse +cdflag +noedns -> NOERROR, flags: aa, ANSWER: 1: WEB.example.test. 3600 IN AAAA ::1",
  ],
  [
    "nobody.example.test A +edns=1232 +do",
    "nobody.example.test. IN A +dnssec -> NXDOMAIN, flags: aa, AUTHORITY: 1: example.test. 300 IN SOA ns1.example.test. hostmaster.exampl...",
  ],
  ["long.example.test TXT", "long.example.test. IN TXT +noedns -> NOERROR, flags: aa tc"],
  [". NS +edns=1232", ". IN NS -> REFUSED"],
  ["example.test SOA opcode=NOTIFY +edns=1232", expect.stringMatching(/^example\.test\. IN SOA \+opcode=NOTIFY -> /)],
  ["hex:0001", "no question (the header has 12 octets; there are 2) -> no answer"],
  ["hex:0001010000010000000000000377", "no question (the message ends within a label) -> FORMERR"],
  [
    "example.test SOA opcode=UPDATE | update new.example.test. 60 IN A 192.0.2.1",
    "example.test. IN SOA +opcode=UPDATE +noedns UPDATE: new.example.test. 60 IN A 192.0.2.1 -> NOERROR",
  ],
  ["\\027[2J.test A +edns=1232", "\\027[2J.test. IN A -> REFUSED"],
])("shows %s as %s", (asked, line) => {
  expect(lineOf(asked)).toEqual(line);
});

it("shows no answer, records that were cut short, and several messages", () => {
  const request = { asked: "example.test", type: "AXFR", class: "IN", opcode: "QUERY", edns: 1232 };
  const answers = ["@ 1 IN A 192.0.2.1", "@ 1 IN A 192.0.2.2", "@ 1 IN A 192.0.2.3", "@ 1 IN A 192.0.2.4"];
  expect(dns.summary?.(request, {})).toBe("example.test. IN AXFR -> no answer");
  expect(dns.summary?.(request, { rcode: "NOERROR", authoritative: true, answers, messages: 3 })).toBe(
    "example.test. IN AXFR -> NOERROR, flags: aa, ANSWER: 4: @ 1 IN A 192.0.2.1; @ 1 IN A 192.0.2.2; @ 1 IN A 192.0.2.3; ..., 3 messages",
  );
  expect(dns.summary?.(request, { rcode: "NOERROR", problem: "the message ends early" })).toBe(
    "example.test. IN AXFR -> NOERROR, malformed: the message ends early",
  );
});
