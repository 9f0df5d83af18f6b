import type { FaultCase } from "../../src/contract/service.ts";

type Rule = FaultCase["rule"];

/** The greeting, or the connection. */
const greeting = (name: string, seen: string, rest: Rule): FaultCase => ({
  name,
  rule: { when: { phase: "greeting" }, ...rest },
  seen,
});

/** One reply in place of the service's own: what the client sees is what the rule says. */
const answered = (command: string, name: string, reply: string, seen = reply): FaultCase => ({
  name,
  rule: { when: { command }, reply },
  seen,
});

const befallen = (when: Rule, name: string, fault: unknown, seen: string): FaultCase => ({
  name,
  rule: { when, fault },
  seen,
});

const CONNECTION: readonly FaultCase[] = [
  { name: "The port is closed", rule: { when: { phase: "connect" }, fault: "refuse" }, seen: "ECONNREFUSED" },
  greeting("Accepted, and not greeted", "nothing", { fault: "silence" }),
  greeting("Reset in place of the greeting", "RST", { fault: "reset" }),
  greeting("Closed in place of the greeting", "FIN", { fault: "close" }),
  greeting("The greeting is slow", "220 after 2000 ms", { fault: { delay: "2s" } }),
  greeting("The greeting comes octet by octet", "220 octet by octet after 1950 ms", {
    fault: { slice: { octets: 1, every: 50 } },
  }),
  greeting("The greeting stops in the middle", '"220 mail"', { fault: { stall: { after: 8 } } }),
  greeting("Not available now", "421 4.3.2, then FIN", { reply: "421 4.3.2" }),
  greeting("Too many connections", "220, 220, 421 4.7.0, then FIN", {
    when: { phase: "greeting", nth: { min: 3 } },
    reply: "421 4.7.0 Too many connections",
  }),
  greeting("No service here: 503 to everything but QUIT", "554 5.3.2", { reply: "554 5.3.2" }),
  greeting("A host that never takes mail (RFC 7504)", "521, then FIN", { reply: 521 }),
  greeting("A greeting of several lines", "220 one / two / three", {
    reply: { code: 220, text: ["one", "two", "three"] },
  }),
  greeting("A greeting whose lines have different codes", '"220-one\\r\\n554 two\\r\\n"', {
    reply: { codes: [220, 554], text: ["one", "two"] },
  }),
  greeting("A greeting that does not end", '"220-one\\r\\n"', { reply: { code: 220, text: "one", unfinished: true } }),
  greeting("A greeting that ends in LF", '"220 one\\n"', { reply: { code: 220, text: "one", lineEnd: "lf" } }),
  greeting("A greeting without line end", '"220 one"', { reply: { code: 220, text: "one", lineEnd: "none" } }),
  greeting("A greeting of 600 octets", "220 of 600 octets", { reply: { code: 220, octets: 600 } }),
  greeting("An HTTP server's words", '"HTTP/1.1 400 Bad Request\\r\\n\\r\\n"', {
    fault: { raw: "HTTP/1.1 400 Bad Request\r\n\r\n" },
  }),
  greeting("An SSH server's words", '"SSH-2.0-OpenSSH_9.6\\r\\n"', { fault: { raw: "SSH-2.0-OpenSSH_9.6\r\n" } }),
  greeting("Octets that are no text", '"\\u0000\\u0001\\u0002"', { fault: { raw: "\0\x01\x02" } }),
  greeting("A TLS alert on the plain port", '"\\u0015\\u0003\\u0003\\u0000\\u0002\\u0002("', {
    fault: { raw: "\x15\x03\x03\0\x02\x02(" },
  }),
  greeting("Greeted, and closed", "220, then FIN", {
    fault: { raw: "220 mail.example.test ESMTP\r\n", close: { after: 29 } },
  }),
  greeting("One octet of the greeting is wrong", '"2\u00cd0 mail.example.test ESMTP Portwright\\r\\n"', {
    fault: { corrupt: 1 },
  }),
];

const listing = (name: string, capabilities: unknown, seen: string): FaultCase => ({
  name,
  rule: { when: { command: "EHLO" }, reply: { capabilities } },
  seen,
});

const HELLO: readonly FaultCase[] = [
  answered("EHLO", "EHLO is unknown, so clients say HELO", "500"),
  answered("EHLO", "EHLO is not implemented, so clients say HELO", "502"),
  answered("EHLO", "The client's name is refused as malformed", "501"),
  answered("EHLO", "The client is refused for policy reasons", "550 5.7.1"),
  answered("EHLO", "Too busy", "421 4.3.2", "421 4.3.2, then FIN"),
  answered("HELO", "HELO is refused too", "550"),
  listing("No extensions", [], "250"),
  listing(
    "Every extension twice",
    ["SIZE 1000", "SIZE 2000", "8BITMIME", "8BITMIME"],
    "250 mail.example.test / SIZE 1000 / SIZE 2000 / 8BITMIME / 8BITMIME",
  ),
  listing("Messages of any size", ["SIZE 0"], "250 mail.example.test / SIZE 0"),
  listing("Next to no message is small enough", ["SIZE 10"], "250 mail.example.test / SIZE 10"),
  listing(
    "No pipelining",
    { without: ["PIPELINING"] },
    "250 mail.example.test / SIZE 26214400 / 8BITMIME / SMTPUTF8 / ENHANCEDSTATUSCODES / VRFY / HELP",
  ),
  listing(
    "STARTTLS and AUTH, said only",
    ["STARTTLS", "AUTH PLAIN LOGIN"],
    "250 mail.example.test / STARTTLS / AUTH PLAIN LOGIN",
  ),
  befallen(
    { command: "EHLO" },
    "The list of extensions stops in the middle",
    { stall: { after: 29 } },
    '"250-mail.example.test\\r\\n250-PI"',
  ),
];

const TLS_AND_AUTH: readonly FaultCase[] = [
  answered("STARTTLS", "TLS is not available now", "454 4.7.0"),
  answered("STARTTLS", "STARTTLS is malformed", "501 5.5.2"),
  answered("STARTTLS", "STARTTLS is not implemented", "502 5.5.1"),
  {
    name: "Promised TLS, and then garbage",
    rule: { when: { command: "STARTTLS", phase: "after-reply" }, reply: 220, fault: { raw: "garbage" } },
    seen: '220 2.0.0 "garbage", nothing',
  },
  {
    name: "Promised TLS, and closed",
    rule: { when: { command: "STARTTLS", phase: "after-reply" }, reply: 220, fault: "close" },
    seen: "220 2.0.0, then FIN",
  },
  {
    name: "Promised TLS, and nothing more",
    rule: { when: { command: "STARTTLS", phase: "after-reply" }, reply: 220, fault: "stall" },
    seen: "220 2.0.0, nothing",
  },
  answered("AUTH", "Wrong name or password", "535 5.7.8"),
  answered("AUTH", "The mechanism is too weak", "534 5.7.9"),
  answered("AUTH", "The mechanism needs encryption", "538 5.7.11"),
  answered("AUTH", "Authentication is required", "530 5.7.0"),
  answered("AUTH", "Authentication fails for now", "454 4.7.0"),
  answered("AUTH", "The password must be changed", "432 4.7.12"),
  answered("AUTH", "The mechanism is unknown", "504 5.5.4"),
  answered("AUTH", "The line is too long", "500 5.5.6"),
  answered("AUTH", "No base64", "501 5.5.2"),
  { name: "Challenges without end", rule: { when: { command: "AUTH" }, reply: "334 " }, seen: "334" },
  {
    name: "A bearer token is refused, with the reason as a challenge (XOAUTH2)",
    rule: { when: { command: "AUTH" }, reply: ["334 eyJzdGF0dXMiOiI0MDEifQ==", "535 5.7.8"] },
    seen: "334, 535 5.7.8, 500 5.5.1",
  },
  {
    name: "The third attempt succeeds",
    rule: { when: { command: "AUTH" }, reply: [535, 535, 235] },
    seen: "535 5.7.8, 535 5.7.8, 235 2.7.0",
  },
  {
    name: "Thrown out after the third attempt",
    rule: { when: { command: "AUTH" }, reply: [535, 535, "421 4.7.0"] },
    seen: "535 5.7.8, 535 5.7.8, 421 4.7.0, then FIN",
  },
];

const MAIL: readonly FaultCase[] = [
  answered("MAIL", "Too busy", "421 4.3.2", "421 4.3.2, then FIN"),
  answered("MAIL", "The sender's domain is not found now", "450 4.1.8"),
  answered("MAIL", "An error here", "451 4.3.0"),
  answered("MAIL", "No room for mail", "452 4.3.1"),
  answered("MAIL", "Parameters cannot be met now", "455 4.5.4"),
  answered("MAIL", "Out of sequence", "503 5.5.1"),
  answered("MAIL", "Authentication is required", "530 5.7.0"),
  answered("MAIL", "The sender is refused for policy reasons", "550 5.7.1"),
  answered("MAIL", "The declared size is too big", "552 5.3.4"),
  answered("MAIL", "The sender's address is malformed", "553 5.1.7"),
  answered("MAIL", "A parameter is unknown", "555 5.5.4"),
  answered("MAIL", "A sender beyond ASCII is not permitted", "550 5.6.7"),
];

const RCPT: readonly FaultCase[] = [
  answered("RCPT", "Not here; will be forwarded", "251 2.1.5"),
  answered("RCPT", "Taken, though not verified", "252 2.1.5"),
  answered("RCPT", "Too busy", "421 4.3.2", "421 4.3.2, then FIN"),
  answered("RCPT", "The mailbox is busy", "450 4.2.1"),
  answered("RCPT", "Slow down: too much mail", "450 4.7.1"),
  answered("RCPT", "An error here", "451 4.3.0"),
  answered("RCPT", "The mailbox is full for now", "452 4.2.2"),
  answered("RCPT", "No such user", "550 5.1.1"),
  answered("RCPT", "Refused for policy reasons", "550 5.7.1"),
  answered("RCPT", "The user has moved", "551 5.1.6"),
  answered("RCPT", "The mailbox is full", "552 5.2.2"),
  answered("RCPT", "The address is malformed", "553 5.1.3"),
  answered("RCPT", "Relaying is denied", "554 5.7.1"),
  answered("RCPT", "The domain takes no mail: null MX (RFC 7505)", "556 5.1.10"),
  {
    name: "Too many recipients: two are taken",
    rule: { when: { command: "RCPT", nth: { min: 3 } }, reply: "452 4.5.3" },
    seen: "250 2.1.5, 250 2.1.5, 452 4.5.3",
  },
  {
    name: "Greylisted: taken at the third attempt",
    rule: { when: { command: "RCPT" }, reply: "450 4.7.1 Greylisted", times: 2 },
    seen: "450 4.7.1, 450 4.7.1, 250 2.1.5",
  },
  {
    name: "Every second recipient is refused",
    rule: { when: { command: "RCPT" }, reply: 550, every: 2 },
    seen: "250 2.1.5, 550 5.1.1, 250 2.1.5",
  },
  befallen({ command: "RCPT" }, "Each recipient takes its time (tarpit)", { delay: "1s" }, "250 2.1.5 after 1000 ms"),
  befallen(
    { command: "RCPT", nth: 2, phase: "after-reply" },
    "Closed behind the second recipient",
    "close",
    "250 2.1.5, 250 2.1.5, then FIN",
  ),
  befallen({ command: "RCPT", nth: 2 }, "One reply is missing", "silence", "250 2.1.5, nothing, 250 2.1.5"),
  befallen(
    { command: "RCPT" },
    "Replies are split inside a line",
    { slice: { octets: 5, every: 10 } },
    "250 2.1.5 in 3 pieces after 20 ms",
  ),
  befallen(
    { command: "RCPT" },
    "Replies come at ten octets a second",
    { bandwidth: 10 },
    "250 2.1.5 octet by octet after 1400 ms",
  ),
];

const DATA: readonly FaultCase[] = [
  befallen({ command: "DATA" }, "354 is late", { delay: "2s" }, "354 after 2000 ms, 250 2.0.0"),
  befallen({ command: "DATA" }, "354 never comes", "silence", "nothing"),
  answered("DATA", "An error here", "451 4.3.0"),
  answered("DATA", "Out of sequence", "503 5.5.1"),
  answered("DATA", "No valid recipients", "554 5.5.1"),
  befallen({ command: "DATA", phase: "after-reply" }, "Closed behind 354", "close", "354, then FIN"),
  befallen({ command: "DATA", phase: "after-reply" }, "Reset behind 354", "reset", "354, then RST"),
  befallen(
    { command: "DATA", phase: "mid-stream", at: 4096 },
    "Reset behind 4,096 octets of the message",
    { reset: true, direction: "in" },
    "354, RST",
  ),
  befallen(
    { command: "DATA", phase: "mid-stream", at: 4096 },
    "Closed behind 4,096 octets of the message",
    { close: true, direction: "in" },
    "354, FIN",
  ),
  befallen({ command: "DATA" }, "The message is not read: the window closes", "stop-reading", "354, nothing"),
];

const stored = (command: string, name: string, reply: string): FaultCase =>
  answered(command, name, reply, `${reply}; 0 stored`);

const MESSAGE: readonly FaultCase[] = [
  befallen(
    { command: "MESSAGE" },
    "The reply is later than the client waits",
    { delay: "2m" },
    "250 2.0.0 after 120000 ms; 1 stored",
  ),
  befallen(
    { command: "MESSAGE", phase: "before-reply" },
    "Stored, and reset without a reply: it comes twice",
    "reset",
    "RST; 1 stored",
  ),
  befallen(
    { command: "MESSAGE", phase: "before-reply" },
    "Stored, and closed without a reply: it comes twice",
    "close",
    "FIN; 1 stored",
  ),
  befallen({ command: "MESSAGE" }, "Not stored, and reset without a reply", "reset", "RST; 0 stored"),
  befallen({ command: "MESSAGE" }, "Not stored, and no reply", "silence", "nothing; 0 stored"),
  befallen(
    { command: "MESSAGE" },
    "Said to be taken, and lost",
    { raw: "250 2.0.0 Ok: queued as 1\r\n" },
    "250 2.0.0; 0 stored",
  ),
  answered("MESSAGE", "Too busy", "421 4.3.2", "421 4.3.2, then FIN; 0 stored"),
  stored("MESSAGE", "The mailbox is busy", "450 4.2.1"),
  stored("MESSAGE", "An error here", "451 4.3.0"),
  stored("MESSAGE", "No room for mail", "452 4.3.1"),
  stored("MESSAGE", "Refused for policy reasons", "550 5.7.1"),
  stored("MESSAGE", "The message is too big", "552 5.3.4"),
  stored("MESSAGE", "The content is refused", "554 5.6.0"),
  stored("MESSAGE", "Refused as spam", "554 5.7.1"),
  {
    name: "Too many messages: two are taken",
    rule: { when: { command: "MESSAGE", nth: { min: 3 } }, reply: "421 4.7.0 Too many messages" },
    seen: "250 2.0.0, 250 2.0.0, 421 4.7.0, then FIN; 2 stored",
  },
];

const SESSION: readonly FaultCase[] = [
  answered("BDAT", "BDAT is out of sequence", "503 5.5.1"),
  answered("BDAT", "The chunks are too big", "552 5.3.4"),
  befallen(
    { command: "BDAT", phase: "mid-stream", at: 40 },
    "Reset behind 40 octets of a chunk",
    { reset: true, direction: "in" },
    "500 5.5.1, RST",
  ),
  answered("RSET", "RSET ends the session", "421 4.3.2", "421 4.3.2, then FIN"),
  answered("NOOP", "Idle for too long (idleMs says when by itself)", "421 4.4.2", "421 4.4.2, then FIN"),
  befallen({ command: "QUIT" }, "QUIT is not answered", "silence", "nothing"),
  befallen({ command: "QUIT" }, "QUIT is answered by FIN alone", "close", "FIN"),
  befallen({ command: "QUIT" }, "QUIT is answered by RST", "reset", "RST"),
  {
    name: "A reply of two codes",
    rule: { when: { command: "NOOP" }, reply: { codes: [250, 550], text: ["one", "two"], enhanced: false } },
    seen: '"250-one\\r\\n550 two\\r\\n"',
  },
  {
    name: "A reply of 1,000 octets",
    rule: { when: { command: "NOOP" }, reply: { code: 250, octets: 1000 } },
    seen: "250 2.0.0 of 1000 octets",
  },
  {
    name: "A reply that ends in LF",
    rule: { when: { command: "NOOP" }, reply: { code: 250, lineEnd: "lf" } },
    seen: '"250 2.0.0 Ok\\n"',
  },
];

/** Every way to fail that is known of mail servers, but for those that need TLS or authentication to be there. */
export const FAULTS: readonly FaultCase[] = [
  ...CONNECTION,
  ...HELLO,
  ...TLS_AND_AUTH,
  ...MAIL,
  ...RCPT,
  ...DATA,
  ...MESSAGE,
  ...SESSION,
];
