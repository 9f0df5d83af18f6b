import type { FaultCase } from "../../src/contract/service.ts";

/** The client connects and listens. */
const TCP: readonly FaultCase[] = [
  { name: "The port is closed", rule: { fault: "refuse" }, seen: "ECONNREFUSED" },
  { name: "Accepted, and nothing else", rule: { when: { phase: "connect" }, fault: "silence" }, seen: "nothing" },
  { name: "No answer", rule: { when: { transport: "tcp" }, fault: "silence" }, seen: "nothing" },
  { name: "Reset", rule: { fault: "reset" }, seen: "ECONNRESET" },
  { name: "Closed without a word", rule: { fault: "close" }, seen: "FIN" },

  { name: "It comes to an end", rule: { reply: { octets: 100 } }, seen: "100 octets of the ring, then FIN" },
  {
    name: "Reset in the middle",
    rule: { when: { phase: "mid-stream", at: 1000 }, fault: "reset" },
    seen: "1000 octets of the ring, then ECONNRESET",
  },
  {
    name: "Stopped in the middle",
    rule: { fault: { stall: { after: 1000 } } },
    seen: "1000 octets of the ring, then nothing",
  },
  { name: "No ASCII", rule: { reply: new Uint8Array([0xff, 0xfe]) }, seen: "octets ff fe, then FIN" },
];

/** The client sends three datagrams. */
const UDP: readonly FaultCase[] = [
  { name: "No answer to a datagram", rule: { when: { transport: "udp" }, fault: "drop" }, seen: "nothing" },
  {
    name: "More than 512 octets",
    rule: { when: { transport: "udp" }, reply: { octets: 1500 } },
    seen: "1500 octets of the ring, 1500 octets of the ring, 1500 octets of the ring",
  },
  { name: "Empty datagrams", rule: { when: { transport: "udp" }, reply: { octets: 0 } }, seen: '"", "", ""' },
  {
    name: "Every one twice, and short",
    rule: { when: { transport: "udp" }, reply: { octets: 80 }, fault: { duplicate: 1, truncate: 74 }, times: 1 },
    seen: "74 octets of the ring, 74 octets of the ring",
  },
];

/** The ways to fail that chargen can be made to show. */
export const FAULTS: readonly FaultCase[] = [...TCP, ...UDP];
