import type { FaultCase } from "../../src/contract/service.ts";

/** The client connects and listens. */
const TCP: readonly FaultCase[] = [
  { name: "The port is closed", rule: { fault: "refuse" }, seen: "ECONNREFUSED" },
  { name: "Accepted, and nothing else", rule: { when: { phase: "connect" }, fault: "silence" }, seen: "nothing" },
  { name: "No answer", rule: { when: { transport: "tcp" }, fault: "silence" }, seen: "nothing" },
  { name: "Reset", rule: { fault: "reset" }, seen: "ECONNRESET" },
  { name: "Closed without a word", rule: { fault: "close" }, seen: "FIN" },
  { name: "Two octets of four", rule: { fault: { truncate: 2 } }, seen: "2 octets of the time, then FIN" },
  {
    name: "Two octets, then a reset",
    rule: { when: { phase: "mid-stream", at: 2 }, fault: "reset" },
    seen: "2 octets of the time, then ECONNRESET",
  },
  { name: "Late", rule: { fault: { delay: 100 } }, seen: "the time 100 ms late, then FIN" },
  {
    name: "Octet by octet",
    rule: { fault: { slice: { octets: 1, every: 10 } } },
    seen: "the time octet by octet, then FIN",
  },
  { name: "A clock that was never set", rule: { reply: 0 }, seen: "octets 00 00 00 00, then FIN" },
  {
    name: "The last second of 32 bits",
    rule: { reply: "2036-02-07T06:28:15Z" },
    seen: "octets ff ff ff ff, then FIN",
  },
  {
    name: "Eight octets",
    rule: { reply: new Uint8Array(8) },
    seen: "octets 00 00 00 00 00 00 00 00, then FIN",
  },
];

/** The client sends three datagrams. */
const UDP: readonly FaultCase[] = [
  { name: "No answer to a datagram", rule: { when: { transport: "udp" }, fault: "drop" }, seen: "nothing" },
  {
    name: "Every second one is lost",
    rule: { when: { transport: "udp" }, every: 2, fault: "drop" },
    seen: "the time, the time",
  },
  {
    name: "One comes twice",
    rule: { when: { transport: "udp", nth: 2 }, fault: "duplicate" },
    seen: "the time, the time, the time, the time",
  },
  {
    name: "From another port",
    rule: { when: { transport: "udp", nth: 3 }, fault: { source: { port: 0 } } },
    seen: "the time, the time, the time from another port",
  },
  {
    name: "Three octets in a datagram",
    rule: { when: { transport: "udp", nth: 2 }, fault: "truncate" },
    seen: "the time, 3 octets of the time, the time",
  },
];

/** The ways to fail that time can be made to show. */
export const FAULTS: readonly FaultCase[] = [...TCP, ...UDP];
