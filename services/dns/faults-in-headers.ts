import type { FaultCase } from "../../src/contract/service.ts";

const name = "web.example.test";
/** What a client sees of an answer of which only the way is different. */
const WHOLE = "NOERROR, 1 A";
/** Every rcode. */
export const RCODE_FAULTS: readonly FaultCase[] = [
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
  "YXDOMAIN",
  "YXRRSET",
  "NXRRSET",
  "NOTAUTH",
  "NOTZONE",
  "BADVERS",
  "BADKEY",
  "BADTIME",
  "BADCOOKIE",
].map((rcode) => ({
  name: rcode,
  rule: { when: { name }, reply: rcode },
  seen: rcode === "NXDOMAIN" ? "NXDOMAIN, authority: 1 SOA" : rcode,
}));

/** What negative answers have, and have not. */
export const REPLY_FAULTS: readonly FaultCase[] = [
  {
    name: "An extended error (RFC 8914)",
    rule: { when: { name }, reply: { rcode: "SERVFAIL", edns: { ede: { code: 9, text: "no DNSKEY" } } } },
    seen: 'SERVFAIL, EDE 9 "no DNSKEY"',
  },
  { name: "NODATA", rule: { when: { name }, reply: "NODATA" }, seen: "NOERROR, authority: 1 SOA" },
  { name: "NODATA without SOA", rule: { when: { name }, reply: { rcode: "NODATA", authority: [] } }, seen: "NOERROR" },
  {
    name: "NXDOMAIN with answers",
    rule: { when: { name }, reply: { rcode: "NXDOMAIN", answers: "192.0.2.1" } },
    seen: "NXDOMAIN, 1 A",
  },
];

/** What OPT records have, and have not. */
export const EDNS_FAULTS: readonly FaultCase[] = [
  {
    name: "EDNS: FORMERR",
    rule: { when: { name, edns: { min: 1 } }, reply: { rcode: "FORMERR", edns: false } },
    seen: "FORMERR, no OPT",
  },
  { name: "EDNS: no answer", rule: { when: { name, edns: { min: 1 } }, fault: "drop" }, seen: "no answer" },
  { name: "EDNS: ignored", rule: { when: { name }, reply: { edns: false } }, seen: `${WHOLE}, no OPT` },
  {
    name: "EDNS: another version",
    rule: { when: { name }, reply: { rcode: "BADVERS", edns: { version: 1 } } },
    seen: "BADVERS, EDNS version 1",
  },
  {
    name: "EDNS: unknown options come back",
    rule: { when: { name }, reply: { edns: { echo: true } } },
    seen: `${WHOLE}, cookie of 8 octets, option 65001`,
  },
  {
    name: "EDNS: an OPT record of another owner",
    rule: { when: { name }, reply: { edns: { owner: "example.test." } } },
    seen: "malformed: an OPT record stands where none may be",
  },
  {
    name: "EDNS: two OPT records",
    rule: { when: { name }, reply: { edns: { copies: 2 } } },
    seen: "malformed: an OPT record stands where none may be",
  },
  {
    name: "EDNS: too short a cookie",
    rule: { when: { name }, reply: { edns: { cookie: "short" } } },
    seen: `${WHOLE}, cookie of 11 octets`,
  },
  {
    name: "EDNS: somebody else's cookie",
    rule: { when: { name }, reply: { edns: { cookie: "changed" } } },
    seen: `${WHOLE}, another client's cookie of 24 octets`,
  },
  {
    name: "EDNS: the cookie is missing",
    rule: { when: { name }, reply: { edns: { cookie: "missing" } } },
    seen: `${WHOLE}, no cookie`,
  },
  {
    name: "EDNS: BADCOOKIE",
    rule: { when: { name }, reply: "BADCOOKIE", times: 1 },
    seen: `BADCOOKIE; ${WHOLE}`,
  },
  {
    name: "EDNS: DO is ignored",
    rule: { when: { name }, reply: { edns: { dnssecOk: false } } },
    seen: `${WHOLE}, DO=0`,
  },
  {
    name: "EDNS: a client subnet's scope (RFC 7871)",
    rule: { when: { name }, reply: { edns: { clientSubnetScope: 16 } } },
    seen: `${WHOLE}, scope /16`,
  },
  {
    name: "EDNS: an identity (RFC 5001)",
    rule: { when: { name }, reply: { edns: { nsid: "east-7" } } },
    seen: `${WHOLE}, NSID east-7`,
  },
];
