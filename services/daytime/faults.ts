import type { FaultCase } from "../../src/contract/service.ts";

/** The client connects and listens. */
const TCP: readonly FaultCase[] = [
  { name: "The port is closed", rule: { fault: "refuse" }, seen: "ECONNREFUSED" },
  { name: "Accepted, and nothing else", rule: { when: { phase: "connect" }, fault: "silence" }, seen: "nothing" },
  { name: "No answer", rule: { when: { transport: "tcp" }, fault: "silence" }, seen: "nothing" },
  { name: "Reset", rule: { fault: "reset" }, seen: "ECONNRESET" },
  { name: "Closed without a word", rule: { fault: "close" }, seen: "FIN" },
  { name: "Cut short", rule: { fault: { truncate: 3 } }, seen: '"Thu", then FIN' },
  {
    name: "Reset in the middle",
    rule: { when: { phase: "mid-stream", at: 3 }, fault: "reset" },
    seen: '"Thu", then ECONNRESET',
  },
  { name: "Stopped in the middle", rule: { fault: { stall: { after: 3 } } }, seen: '"Thu", then nothing' },
  { name: "Late", rule: { fault: { delay: 100 } }, seen: "the time 100 ms late, then FIN" },
  {
    name: "Octet by octet",
    rule: { fault: { slice: { octets: 1, every: 10 } } },
    seen: "the time octet by octet, then FIN",
  },
  { name: "Only at one o'clock", rule: { reply: "1 o'clock" }, seen: '"1 o\'clock\\r\\n", then FIN' },
  { name: "No line end", rule: { reply: { text: "12:00", end: "" } }, seen: '"12:00", then FIN' },
  { name: "No time at all", rule: { reply: "" }, seen: '"\\r\\n", then FIN' },
  {
    name: "It never was a time",
    rule: { fault: { raw: new Uint8Array([0, 255]), close: { after: 2 } } },
    seen: "octets 00 ff, then FIN",
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
    name: "Nonsense in one datagram",
    rule: { when: { transport: "udp", nth: 2 }, reply: "yesterday" },
    seen: 'the time, "yesterday\\r\\n", the time',
  },
  {
    name: "Datagrams are cut short",
    rule: { when: { transport: "udp" }, fault: { truncate: 3 } },
    seen: '"Thu", "Thu", "Thu"',
  },
];

/** The ways to fail that daytime can be made to show. */
export const FAULTS: readonly FaultCase[] = [...TCP, ...UDP];
