import type { FaultCase } from "../../src/contract/service.ts";

/** The client sends `hello` with CRLF and half-closes. */
const TCP: readonly FaultCase[] = [
  { name: "The port is closed", rule: { fault: "refuse" }, seen: "ECONNREFUSED" },
  { name: "Accepted, and nothing else", rule: { when: { phase: "connect" }, fault: "silence" }, seen: "FIN" },
  { name: "No answer", rule: { when: { transport: "tcp" }, fault: "silence" }, seen: "FIN" },
  { name: "Reset", rule: { fault: "reset" }, seen: "ECONNRESET" },
  { name: "Closed", rule: { fault: "close" }, seen: "FIN" },
  {
    name: "Reset in the middle",
    rule: { when: { phase: "mid-stream", at: 4 }, fault: "reset" },
    seen: '"hell", then ECONNRESET',
  },
  { name: "Cut short", rule: { fault: { truncate: 4 } }, seen: '"hell", then FIN' },
  { name: "The last octet is missing", rule: { fault: "truncate" }, seen: '"hello\\r", then FIN' },
  { name: "Stopped in the middle", rule: { fault: { stall: { after: 4 } } }, seen: '"hell", then nothing' },
  { name: "Not read any more", rule: { fault: "stop-reading" }, seen: '"hello\\r\\n", then nothing' },
  { name: "Late", rule: { fault: { delay: 100 } }, seen: '"hello\\r\\n" 100 ms late, then FIN' },
  {
    name: "Octet by octet",
    rule: { fault: { slice: { octets: 1, every: 10 } } },
    seen: '"hello\\r\\n" octet by octet, then FIN',
  },
  {
    name: "A bit is wrong",
    rule: { fault: { corrupt: { after: 1, octets: 1, mask: 0x20 } } },
    seen: '"hEllo\\r\\n", then FIN',
  },
  {
    name: "Something else comes back",
    rule: { when: { data: "hello*" }, reply: "olleh\r\n" },
    seen: '"olleh\\r\\n", then FIN',
  },
];

/** The client sends the datagrams `one`, `two` and `three`. */
const UDP: readonly FaultCase[] = [
  { name: "No answer to a datagram", rule: { when: { transport: "udp" }, fault: "drop" }, seen: "nothing" },
  { name: "One is lost", rule: { when: { transport: "udp", data: "two" }, fault: "drop" }, seen: '"one", "three"' },
  {
    name: "One comes twice",
    rule: { when: { transport: "udp", nth: 2 }, fault: "duplicate" },
    seen: '"one", "two", "two", "three"',
  },
  {
    name: "One is overtaken",
    rule: { when: { transport: "udp", nth: 1 }, fault: "reorder" },
    seen: '"two", "one", "three"',
  },
  {
    name: "One is late",
    rule: { when: { transport: "udp", nth: 1 }, fault: { delay: 100 } },
    seen: '"two", "three", "one"',
  },
  {
    name: "From another port",
    rule: { when: { transport: "udp", nth: 3 }, fault: { source: { port: 0 } } },
    seen: '"one", "two", "three" from another port',
  },
  {
    name: "Datagrams are cut short",
    rule: { when: { transport: "udp" }, fault: { truncate: 2 } },
    seen: '"on", "tw", "th"',
  },
  {
    name: "A datagram with a wrong bit",
    rule: { when: { transport: "udp", nth: 1 }, fault: { corrupt: { mask: 0x20 } } },
    seen: '"One", "two", "three"',
  },
  { name: "An empty datagram", rule: { when: { transport: "udp", nth: 2 }, reply: "" }, seen: '"one", "", "three"' },
];

/** The ways to fail that echo can be made to show. */
export const FAULTS: readonly FaultCase[] = [...TCP, ...UDP];
