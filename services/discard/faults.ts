import type { FaultCase } from "../../src/contract/service.ts";

/** The ways to fail that discard can be made to show to a client that sends `hello` with CRLF and half-closes, or datagrams. */
export const FAULTS: readonly FaultCase[] = [
  { name: "The port is closed", rule: { fault: "refuse" }, seen: "ECONNREFUSED" },
  { name: "Reset", rule: { fault: "reset" }, seen: "ECONNRESET" },
  { name: "Reset for one client's words", rule: { when: { data: "hello*" }, fault: "reset" }, seen: "ECONNRESET" },
  { name: "Closed late", rule: { fault: { delay: 100, close: true } }, seen: "FIN 100 ms late" },
  { name: "Not read any more", rule: { fault: "stop-reading" }, seen: "nothing" },
  { name: "The end never comes", rule: { when: { phase: "connect" }, fault: "stall" }, seen: "nothing" },
  {
    name: "It says something",
    rule: { when: { transport: "tcp" }, fault: { raw: "hello yourself" } },
    seen: '"hello yourself", then FIN',
  },
  {
    name: "It answers a datagram",
    rule: { when: { transport: "udp", data: "two" }, fault: { raw: "hello yourself" } },
    seen: '"hello yourself"',
  },
];
