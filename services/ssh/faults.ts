import type { FaultCase } from "../../src/contract/service.ts";

type Rule = FaultCase["rule"];

const greeting = (name: string, seen: string, rest: Rule): FaultCase => ({
  name,
  rule: { when: { phase: "greeting" }, ...rest },
  seen,
});

const OURS = "the identification";
const GOODBYE = `SSH_MSG_DISCONNECT 7 "Key exchange is not available."`;

const CONNECTION: readonly FaultCase[] = [
  { name: "The port is closed", rule: { fault: "refuse" }, seen: "ECONNREFUSED" },
  { name: "Accepted, and nothing else", rule: { when: { phase: "connect" }, fault: "silence" }, seen: "nothing" },
  { name: "Accepted, and reset", rule: { when: { phase: "connect" }, fault: "reset" }, seen: "ECONNRESET" },
  greeting("Reset in place of the identification", "ECONNRESET", { fault: "reset" }),
  greeting("A late identification", `${OURS} 2000 ms late, then ${GOODBYE}, then FIN`, { fault: { delay: "2s" } }),
  greeting("A slow identification", `${OURS} octet by octet, then ${GOODBYE}, then FIN`, {
    fault: { slice: { octets: 1, every: 50 } },
  }),
  greeting("Half an identification, then a reset", '"SSH-2.0-", then ECONNRESET', { fault: { reset: { after: 8 } } }),
  greeting("Half an identification, then nothing", '"SSH-2.0-", then nothing', { fault: { stall: { after: 8 } } }),
];

const IDENTIFICATION: readonly FaultCase[] = [
  greeting(
    "Lines before the identification (RFC 4253 section 4.2)",
    `"Be kind.\\r\\nBe patient.\\r\\n", then ${OURS}, then ${GOODBYE}, then FIN`,
    {
      reply: { before: "Be kind.\nBe patient." },
    },
  ),
  greeting("SSH 1", `"SSH-1.5-old\\r\\n", then ${GOODBYE}, then FIN`, { reply: "SSH-1.5-old" }),
  greeting("SSH 1 and 2", `"SSH-1.99-both\\r\\n", then ${GOODBYE}, then FIN`, { reply: "SSH-1.99-both" }),
  greeting("An SSH of the future", `"SSH-3.0-new\\r\\n", then ${GOODBYE}, then FIN`, {
    reply: { identification: "SSH-3.0-new" },
  }),
  greeting("Longer than 255 octets", `310 octets, then ${GOODBYE}, then FIN`, { reply: `SSH-2.0-${"x".repeat(300)}` }),
  greeting("An identification that ends in LF", `"SSH-2.0-lf\\n", then ${GOODBYE}, then FIN`, {
    reply: { identification: "SSH-2.0-lf", end: "\n" },
  }),
  greeting("An identification that does not end", `"SSH-2.0-open", then ${GOODBYE}, then FIN`, {
    reply: { identification: "SSH-2.0-open", end: "" },
  }),
  greeting("An HTTP server's words", '"HTTP/1.1 400 Bad Request\\r\\n", then FIN', {
    reply: "HTTP/1.1 400 Bad Request",
  }),
  greeting("Too many are logging in, as OpenSSH says it", '"Exceeded MaxStartups\\r\\n", then FIN', {
    reply: "Exceeded MaxStartups",
  }),
  greeting("Octets that are no text", `octets 00 01 02, then ${GOODBYE}, then FIN`, {
    fault: { raw: "\0\x01\x02" },
  }),
];

/** RFC 4253 section 11.1. */
const REASONS: readonly (readonly [number, string])[] = [
  [1, "HOST_NOT_ALLOWED_TO_CONNECT"],
  [2, "PROTOCOL_ERROR"],
  [3, "KEY_EXCHANGE_FAILED"],
  [5, "MAC_ERROR"],
  [6, "COMPRESSION_ERROR"],
  [7, "SERVICE_NOT_AVAILABLE"],
  [8, "PROTOCOL_VERSION_NOT_SUPPORTED"],
  [9, "HOST_KEY_NOT_VERIFIABLE"],
  [10, "CONNECTION_LOST"],
  [11, "BY_APPLICATION"],
  [12, "TOO_MANY_CONNECTIONS"],
  [13, "AUTH_CANCELLED_BY_USER"],
  [14, "NO_MORE_AUTH_METHODS_AVAILABLE"],
  [15, "ILLEGAL_USER_NAME"],
];

const AFTERWARDS: readonly FaultCase[] = [
  ...REASONS.map(([code, reason]) => ({
    name: `SSH_DISCONNECT_${reason}`,
    rule: { reply: { reason, description: "Go away." } },
    seen: `${OURS}, then SSH_MSG_DISCONNECT ${code} "Go away.", then FIN`,
  })),
  greeting(
    "Disconnected before the client has said anything",
    `${OURS}, then SSH_MSG_DISCONNECT 12 "Said by a rule.", then FIN`,
    {
      reply: 12,
    },
  ),
  { name: "A line of text for a goodbye", rule: { reply: "No." }, seen: `${OURS}, then "No.\\r\\n", then FIN` },
  { name: "Closed after the identifications", rule: { fault: "close" }, seen: `${OURS}, then FIN` },
  { name: "Reset after the identifications", rule: { fault: "reset" }, seen: `${OURS}, then ECONNRESET` },
  {
    name: "Reset for one kind of client",
    rule: { when: { softwareVersion: "client*" }, fault: "reset" },
    seen: `${OURS}, then ECONNRESET`,
  },
  { name: "Silent after the identifications", rule: { fault: "silence" }, seen: `${OURS}, then nothing` },
  {
    name: "Half a packet, then a reset",
    rule: { fault: { reset: { after: 4 } } },
    seen: `${OURS}, then octets 00 00 00 34, then ECONNRESET`,
  },
  {
    name: "A packet with a wrong length",
    rule: { fault: { corrupt: { after: 0, octets: 1 }, truncate: 4 } },
    seen: `${OURS}, then octets ff 00 00 34, then FIN`,
  },
  {
    name: "No packet, but garbage",
    rule: { fault: { raw: "garbage\r\n", close: { after: 9 } } },
    seen: `${OURS}, then "garbage\\r\\n", then FIN`,
  },
];

/** The ways to fail that ssh can be made to show to a client that identifies itself as `SSH-2.0-client` and listens. */
export const FAULTS: readonly FaultCase[] = [...CONNECTION, ...IDENTIFICATION, ...AFTERWARDS];
