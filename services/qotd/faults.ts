import type { FaultCase } from "../../src/contract/service.ts";

/** The client connects and listens. */
const TCP: readonly FaultCase[] = [
  { name: "The port is closed", rule: { fault: "refuse" }, seen: "ECONNREFUSED" },
  { name: "Accepted, and nothing else", rule: { when: { phase: "connect" }, fault: "silence" }, seen: "nothing" },
  { name: "No answer", rule: { when: { transport: "tcp" }, fault: "silence" }, seen: "nothing" },
  { name: "Reset", rule: { fault: "reset" }, seen: "ECONNRESET" },
  { name: "Closed without a word", rule: { fault: "close" }, seen: "FIN" },
  { name: "Cut short", rule: { fault: { truncate: 3 } }, seen: '"Be ", then FIN' },
  {
    name: "Reset in the middle",
    rule: { when: { phase: "mid-stream", at: 3 }, fault: "reset" },
    seen: '"Be ", then ECONNRESET',
  },
  { name: "Stopped in the middle", rule: { fault: { stall: { after: 3 } } }, seen: '"Be ", then nothing' },
  { name: "Late", rule: { fault: { delay: 100 } }, seen: "the quote 100 ms late, then FIN" },
  {
    name: "Octet by octet",
    rule: { fault: { slice: { octets: 1, every: 10 } } },
    seen: "the quote octet by octet, then FIN",
  },
  { name: "Longer than 512 octets", rule: { reply: "x".repeat(600) }, seen: "602 octets, then FIN" },
  { name: "No line end", rule: { reply: { text: "Hm.", end: "" } }, seen: '"Hm.", then FIN' },
];

/** The client sends three datagrams. */
const UDP: readonly FaultCase[] = [
  { name: "No answer to a datagram", rule: { when: { transport: "udp" }, fault: "drop" }, seen: "nothing" },
  {
    name: "Every second one is lost",
    rule: { when: { transport: "udp" }, every: 2, fault: "drop" },
    seen: "the quote, the quote",
  },
  {
    name: "One comes twice",
    rule: { when: { transport: "udp", nth: 2 }, fault: "duplicate" },
    seen: "the quote, the quote, the quote, the quote",
  },
  {
    name: "From another port",
    rule: { when: { transport: "udp", nth: 3 }, fault: { source: { port: 0 } } },
    seen: "the quote, the quote, the quote from another port",
  },
  {
    name: "An empty quote",
    rule: { when: { transport: "udp", nth: 2 }, reply: new Uint8Array(0) },
    seen: 'the quote, "", the quote',
  },
  {
    name: "Datagrams are cut short",
    rule: { when: { transport: "udp" }, fault: { truncate: 3 } },
    seen: '"Be ", "Be ", "Be "',
  },
];

/** The ways to fail that qotd can be made to show. */
export const FAULTS: readonly FaultCase[] = [...TCP, ...UDP];
