import type { FaultCase } from "../../src/contract/service.ts";

const name = "web.example.test";
const udp = { name, transport: "udp" } as const;
const tcp = { name, transport: "tcp" } as const;

/** What a client sees of an answer of which only the way is different. */
const WHOLE = "NOERROR, 1 A";
const LATE = "nothing at first; then NOERROR, 1 A";

/** What happens to datagrams, and what their headers and questions have. */
export const DATAGRAM_FAULTS: readonly FaultCase[] = [
  { name: "UDP: no answer", rule: { when: udp, fault: "drop" }, seen: "no answer" },
  {
    name: "UDP: no answer to the first two",
    rule: { when: udp, fault: "drop", times: 2 },
    seen: `no answer; no answer; ${WHOLE}`,
  },
  {
    name: "UDP: no answer to every other query",
    rule: { when: udp, fault: "drop", every: 2 },
    seen: `${WHOLE}; no answer; ${WHOLE}`,
  },
  {
    name: "UDP: no answer for one type",
    rule: { when: { ...udp, type: "AAAA" }, fault: "drop" },
    seen: `no answer to AAAA; ${WHOLE}`,
  },
  { name: "UDP: a late answer", rule: { when: udp, fault: { delay: "80ms" } }, seen: LATE },
  {
    name: "UDP: jitter",
    rule: { when: udp, fault: { latency: { ms: 60, jitter: 40 } } },
    seen: LATE,
  },
  { name: "UDP: the answer twice", rule: { when: udp, fault: "duplicate" }, seen: `${WHOLE}; ${WHOLE}` },
  {
    name: "UDP: the answer behind the next one",
    rule: { when: udp, fault: "reorder", times: 1 },
    seen: "the second query's answer first",
  },
  {
    name: "Another ID",
    rule: { when: { name }, reply: { id: "wrong" } },
    seen: `${WHOLE}, another ID`,
  },
  {
    name: "A forged answer, and the true one to the retry",
    rule: { when: { name }, reply: { id: "wrong", answers: "192.0.2.66" }, times: 1 },
    seen: `NOERROR, 1 A, another ID; ${WHOLE}`,
  },
  {
    name: "UDP: from another port",
    rule: { when: udp, fault: { source: { port: 0 } } },
    seen: `${WHOLE}, from another port`,
  },
  {
    name: "UDP: from another address",
    rule: { when: udp, fault: { source: { address: "127.0.0.2" } } },
    seen: `${WHOLE}, from another address`,
  },
  {
    name: "Another name in the question",
    rule: { when: { name }, reply: { question: "wrong" } },
    seen: `${WHOLE}, another name in the question`,
  },
  {
    name: "Another type in the question",
    rule: { when: { name }, reply: { question: "type" } },
    seen: `${WHOLE}, another type in the question`,
  },
  { name: "No question", rule: { when: { name }, reply: { question: "missing" } }, seen: `${WHOLE}, no question` },
  { name: "Two questions", rule: { when: { name }, reply: { question: "twice" } }, seen: `${WHOLE}, 2 questions` },
  {
    name: "The question in another case (0x20)",
    rule: { when: { name }, reply: { question: "case" } },
    seen: `${WHOLE}, another case in the question`,
  },
  { name: "QR is 0", rule: { when: { name }, reply: { response: false } }, seen: `${WHOLE}, QR=0` },
  { name: "Another opcode", rule: { when: { name }, reply: { opcode: "NOTIFY" } }, seen: `${WHOLE}, NOTIFY` },
  { name: "UDP: TC with the answer", rule: { when: udp, reply: { truncated: true } }, seen: `${WHOLE}, TC` },
  {
    name: "UDP: TC and nothing else",
    rule: { when: udp, reply: { answers: [], truncated: true } },
    seen: "NOERROR, TC",
  },
  {
    name: "UDP: TC and half a record",
    rule: { when: udp, reply: { truncated: true, cut: 8 } },
    seen: "malformed, TC: the message ends 2 octets too early",
  },
  {
    name: "UDP: the last octet is missing",
    rule: { when: udp, fault: "truncate" },
    seen: "malformed: the RDATA of a record has 4 octets, the message 3 more",
  },
  {
    name: "UDP: more octets than the client can take",
    rule: { when: udp, reply: { answers: [`TXT ${`${"x".repeat(249)} `.repeat(8)}`], maxOctets: 4096 } },
    seen: "NOERROR, 1 TXT, 2046 octets",
  },
  {
    name: "UDP: more octets than the client's EDNS allows",
    rule: {
      when: { ...udp, edns: { max: 1232 } },
      reply: { answers: [`TXT ${`${"x".repeat(249)} `.repeat(8)}`], maxOctets: 4096 },
    },
    seen: "NOERROR, 1 TXT, 2096 octets",
  },
  {
    name: "UDP: the port is closed",
    rule: { when: { transport: "udp", phase: "connect" }, fault: "refuse" },
    seen: "ECONNREFUSED; over TCP NOERROR, 1 A",
  },
];

/** What happens to TCP connections. */
export const STREAM_FAULTS: readonly FaultCase[] = [
  {
    name: "TCP: the port is closed",
    rule: { when: { transport: "tcp", phase: "connect" }, fault: "refuse" },
    seen: `ECONNREFUSED; over UDP ${WHOLE}`,
  },
  {
    name: "TCP: accepted, then silence",
    rule: { when: { transport: "tcp", phase: "connect" }, fault: "stall" },
    seen: "silence",
  },
  { name: "TCP: no answer", rule: { when: tcp, fault: "silence" }, seen: "no answer" },
  { name: "TCP: the end before the answer", rule: { when: tcp, fault: "close" }, seen: "FIN after 0 octets" },
  {
    name: "TCP: the end after the length",
    rule: { when: { ...tcp, phase: "mid-stream", at: 2 }, fault: "close" },
    seen: "FIN after 2 octets",
  },
  { name: "TCP: reset", rule: { when: tcp, fault: "reset" }, seen: "ECONNRESET after 0 octets" },
  {
    name: "TCP: reset at the connection",
    rule: { when: { transport: "tcp", phase: "connect" }, fault: "reset" },
    seen: "ECONNRESET after 0 octets",
  },
  {
    name: "TCP: too short a length",
    rule: { when: tcp, reply: { length: 20 } },
    seen: "the length 20 before 50 octets",
  },
  {
    name: "TCP: too long a length",
    rule: { when: tcp, reply: { length: 65_535 } },
    seen: "the length 65535 before 50 octets",
  },
  {
    name: "TCP: the length in two pieces",
    rule: { when: { ...tcp, phase: "mid-stream", at: 1 }, fault: { delay: "20ms" } },
    seen: `${WHOLE}, in pieces of 1 and 51 octets`,
  },
  {
    name: "TCP: octet by octet",
    rule: { when: tcp, fault: { slice: { octets: 1, every: "1ms" } } },
    seen: `${WHOLE}, in pieces of 1 octet`,
  },
  {
    name: "TCP: one answer a connection",
    rule: { when: { ...tcp, phase: "after-reply" }, fault: "close" },
    seen: `${WHOLE}, then FIN`,
  },
  {
    name: "TCP: answers in another order",
    rule: { when: tcp, reply: { behind: 1 }, times: 1 },
    seen: "the second query's answer first",
  },
  {
    name: "TCP: closed when idle",
    rule: { when: { ...tcp, phase: "after-reply" }, fault: { delay: "30ms", close: true } },
    seen: `${WHOLE}, then FIN`,
  },
];
