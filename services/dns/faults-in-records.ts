import type { FaultCase } from "../../src/contract/service.ts";

const name = "web.example.test";
const tcp = { name, transport: "tcp" } as const;
/** What a client sees of an answer of which only the way is different. */
const WHOLE = "NOERROR, 1 A";
/** A chain of aliases, and what stands at its end. */
const aliases = (count: number, last: readonly string[]) => [
  "CNAME c1.x.test.",
  ...Array.from({ length: count - 1 }, (_, at) => `c${at + 1}.x.test. CNAME c${at + 2}.x.test.`),
  ...last,
];

/** What records say, and how they are written. */
export const CONTENT_FAULTS: readonly FaultCase[] = [
  {
    name: "A circle of aliases",
    rule: { when: { name }, reply: { answers: ["CNAME c1.x.test.", "c1.x.test. CNAME @"] } },
    seen: "NOERROR, 2 CNAME",
  },
  {
    name: "Twenty aliases",
    rule: { when: { name }, reply: { answers: aliases(20, ["c20.x.test. A 192.0.2.1"]) } },
    seen: "NOERROR, 20 CNAME 1 A",
  },
  {
    name: "An alias of a name that is not there",
    rule: { when: { name }, reply: { rcode: "NXDOMAIN", answers: "CNAME c1.x.test." } },
    seen: "NXDOMAIN, 1 CNAME",
  },
  {
    name: "An alias of a name without data",
    rule: { when: { name }, reply: "CNAME c1.x.test." },
    seen: "NOERROR, 1 CNAME",
  },
  {
    name: "An alias, and data of another type",
    rule: { when: { name }, reply: { answers: ["CNAME c1.x.test.", "c1.x.test. MX 10 mail.x.test."] } },
    seen: "NOERROR, 1 CNAME 1 MX",
  },
  {
    name: "An alias beside other records",
    rule: { when: { name }, reply: { answers: ["CNAME c1.x.test.", "A 192.0.2.1"] } },
    seen: "NOERROR, 1 CNAME 1 A",
  },
  {
    name: "A whole tree of aliases (DNAME)",
    rule: { when: { name }, reply: { answers: ["example.test. DNAME x.test.", "CNAME web.x.test."] } },
    seen: "NOERROR, 1 DNAME 1 CNAME",
  },
  { name: "TTL 0", rule: { when: { name }, reply: { ttl: 0 } }, seen: `${WHOLE}, TTL 0` },
  { name: "TTL 2^31", rule: { when: { name }, reply: { ttl: 2_147_483_648 } }, seen: `${WHOLE}, TTL 2147483648` },
  { name: "TTL -1", rule: { when: { name }, reply: { ttl: -1 } }, seen: `${WHOLE}, TTL 4294967295` },
  {
    name: "Addresses in turn",
    rule: { when: { name }, reply: ["192.0.2.1", "192.0.2.2"], repeat: true },
    seen: "192.0.2.1; 192.0.2.2; 192.0.2.1",
  },
  {
    name: "Rebinding: another address from the third query on",
    rule: { when: { name: "docs.example.test", nth: { min: 3 } }, reply: "127.0.0.1" },
    seen: "192.0.2.10; 192.0.2.10; 127.0.0.1; 127.0.0.1",
  },
  { name: "An empty TXT", rule: { when: { name }, reply: 'TXT ""' }, seen: 'NOERROR, 1 TXT: ""' },
  {
    name: "A TXT of 62 KiB",
    rule: { when: tcp, reply: `TXT ${`${"x".repeat(255)} `.repeat(248)}` },
    seen: "NOERROR, 1 TXT, 63534 octets",
  },
  {
    name: "A pointer to itself",
    rule: { when: { name }, reply: { badName: "loop" } },
    seen: "malformed: a compression pointer does not point backwards",
  },
  {
    name: "A pointer forwards",
    rule: { when: { name }, reply: { badName: "forward" } },
    seen: "malformed: a compression pointer does not point backwards",
  },
  {
    name: "A pointer out of the message",
    rule: { when: { name }, reply: { badName: "beyond" } },
    seen: "malformed: a compression pointer does not point backwards",
  },
  {
    name: "A label of 64 octets",
    rule: { when: { name }, reply: { badName: "long-label" } },
    seen: "malformed: a label begins with the octet 0x40, which has no meaning",
  },
  {
    name: "A name of 321 octets",
    rule: { when: { name }, reply: { badName: "long-name" } },
    seen: "malformed: a name has more than 255 octets",
  },
  {
    name: "Too long an RDLENGTH",
    rule: { when: { name }, reply: { rdlength: 40 } },
    seen: "malformed: the RDATA of a record has 40 octets, the message 4 more",
  },
  {
    name: "Too short an RDLENGTH",
    rule: { when: { name }, reply: { rdlength: 2 } },
    seen: "malformed: 2 octets are left after the last record",
  },
  {
    name: "More answers promised than there are",
    rule: { when: { name }, reply: { counts: { answers: 9 } } },
    seen: "malformed: the message ends within a name",
  },
  {
    name: "Fewer answers promised than there are",
    rule: { when: { name }, reply: { counts: { answers: 0 } } },
    seen: "malformed: 16 octets are left after the last record",
  },
  {
    name: "Octets behind the last record",
    rule: { when: { name }, reply: { trailing: "garbage" } },
    seen: "malformed: 7 octets are left after the last record",
  },
  { name: "Octets that are no message", rule: { when: { name }, fault: { raw: "garbage" } }, seen: '"garbage"' },
  {
    name: "An unknown type",
    rule: { when: { name }, reply: "TYPE65280 \\# 4 0A000001" },
    seen: "NOERROR, 1 TYPE65280",
  },
  {
    name: "An unknown class",
    rule: { when: { name }, reply: "@ CLASS32 A 192.0.2.1" },
    seen: "NOERROR, 1 A in CLASS32",
  },
  { name: "No mail here (RFC 7505)", rule: { when: { name }, reply: "MX 0 ." }, seen: "NOERROR, 1 MX: 0 ." },
  { name: "No such service", rule: { when: { name }, reply: "SRV 0 0 0 ." }, seen: "NOERROR, 1 SRV: 0 0 0 ." },
  {
    name: "Services by weight",
    rule: { when: { name }, reply: { answers: ["SRV 1 9 80 a.x.test.", "SRV 1 1 80 b.x.test."] } },
    seen: "NOERROR, 2 SRV: 1 9 80 a.x.test., 1 1 80 b.x.test.",
  },
  {
    name: "A critical CAA property that nobody knows",
    rule: { when: { name }, reply: 'CAA 128 unheard "x"' },
    seen: 'NOERROR, 1 CAA: 128 unheard "x"',
  },
  {
    name: "IPv4 only",
    rule: { when: { name, type: "AAAA" }, reply: "NODATA" },
    seen: `NOERROR, authority: 1 SOA to AAAA; ${WHOLE}`,
  },
  {
    name: "IPv6 only",
    rule: { when: { name, type: "A" }, reply: "NODATA" },
    seen: "NOERROR, 1 AAAA to AAAA; NOERROR, authority: 1 SOA",
  },
  {
    name: "SERVFAIL for AAAA",
    rule: { when: { name, type: "AAAA" }, reply: "SERVFAIL" },
    seen: `SERVFAIL to AAAA; ${WHOLE}`,
  },
  {
    name: "A wildcard",
    rule: { when: { name: "*.wildcard.test" }, reply: "192.0.2.1" },
    seen: "NOERROR, 1 A",
  },
  {
    name: "A name that is there only because others lie below it",
    rule: { when: { name: "wild.example.test" }, reply: "NODATA" },
    seen: "NOERROR, authority: 1 SOA",
  },
  {
    name: "A lame delegation",
    rule: { when: { name: "*.child.example.test" }, reply: "REFUSED" },
    seen: "REFUSED",
  },
  {
    name: "An upward referral",
    rule: { when: { name }, reply: { authority: ". NS a.root-servers.net.", authoritative: false } },
    seen: "NOERROR, authority: 1 NS, AA=0",
  },
  {
    name: "A referral without glue",
    rule: {
      when: { name },
      reply: { authority: "example.test. NS ns1.example.test.", authoritative: false },
    },
    seen: "NOERROR, authority: 1 NS, AA=0",
  },
  {
    name: "A referral with wrong glue",
    rule: {
      when: { name },
      reply: {
        authority: "example.test. NS ns1.example.test.",
        additional: "ns1.example.test. A 192.0.2.66",
        authoritative: false,
      },
    },
    seen: "NOERROR, authority: 1 NS, additional: 1 A, AA=0",
  },
  {
    name: "A referral whose servers lie in each other's zones",
    rule: {
      when: { name },
      reply: { authority: ["a.test. NS ns.b.test.", "b.test. NS ns.a.test."], authoritative: false },
    },
    seen: "NOERROR, authority: 2 NS, AA=0",
  },
  { name: "AA is 0", rule: { when: { name }, reply: { authoritative: false } }, seen: `${WHOLE}, AA=0` },
  { name: "RA is 1", rule: { when: { name }, reply: { recursionAvailable: true } }, seen: `${WHOLE}, RA=1` },
  { name: "AD is 1, without DO", rule: { when: { name }, reply: { authenticData: true } }, seen: `${WHOLE}, AD=1` },
  { name: "CD is not honoured", rule: { when: { name }, reply: { checkingDisabled: false } }, seen: `${WHOLE}, CD=0` },
];

const zone = { name: "example.test" } as const;

/** What happens to zone transfers. */
export const TRANSFER_FAULTS: readonly FaultCase[] = [
  { name: "AXFR: refused", rule: { when: { ...zone, type: "AXFR" }, reply: "REFUSED" }, seen: "REFUSED" },
  {
    name: "AXFR: without its last SOA",
    rule: { when: { ...zone, type: "AXFR" }, reply: { soa: { final: false } } },
    seen: "NOERROR, 1 SOA",
  },
  {
    name: "AXFR: the SOA of another zone",
    rule: { when: { ...zone, type: "AXFR" }, reply: { soa: { owner: "x.test." } } },
    seen: "NOERROR, 2 SOA of x.test.",
  },
  {
    name: "AXFR: the connection ends in its midst",
    rule: { when: { ...zone, type: "AXFR", phase: "mid-stream", at: 500 }, fault: "close" },
    seen: "FIN after 500 octets",
  },
  {
    name: "AXFR: reset in its midst",
    rule: { when: { ...zone, type: "AXFR", phase: "mid-stream", at: 500 }, fault: "reset" },
    seen: "ECONNRESET after 500 octets",
  },
  { name: "IXFR: NOTIMP", rule: { when: { ...zone, type: "IXFR" }, reply: "NOTIMP" }, seen: "NOTIMP" },
  {
    name: "IXFR: only the SOA",
    rule: {
      when: { ...zone, type: "IXFR" },
      reply: "SOA ns1.example.test. hostmaster.example.test. 2026010101 3600 900 2419200 300",
    },
    seen: "NOERROR, 1 SOA",
  },
  {
    name: "The serial jumps",
    rule: { when: { ...zone, type: "SOA" }, reply: { soa: { serial: 4_294_967_295 } }, times: 1 },
    seen: "serial 4294967295; serial 2026010101",
  },
];
