import type { FaultCase } from "../../src/contract/service.ts";
import { reasonOf } from "./reasons.ts";

type Rule = FaultCase["rule"];

const FILE = "/pub/hello.txt";
const BIG_FILE = "/pub/1MiB.txt";
const OK = "`HTTP/1.1 200 OK`";

/** From the connection's first octet on. */
const connected = (name: string, fault: unknown, seen: string): FaultCase => ({
  name,
  rule: { when: { phase: "connect" }, fault },
  seen,
});

const befallen = (name: string, when: Rule, fault: unknown, seen: string): FaultCase => ({
  name,
  rule: { when, fault },
  seen,
});

const answered = (name: string, reply: unknown, seen: string, when: Rule = { path: "/api" }): FaultCase => ({
  name,
  rule: { when, reply },
  seen,
});

const CONNECTION: readonly FaultCase[] = [
  connected("The port is closed", "refuse", "ECONNREFUSED"),
  connected("Accepted, and never answered", "silence", "nothing"),
  connected("Accepted, and never read", "stop-reading", "nothing"),
  connected("Reset at once", "reset", "RST"),
  connected("Closed at once", "close", "FIN"),
  connected("Reset behind the request line", { reset: { after: 21 }, direction: "in" }, "RST"),
  connected("Reset behind the request's head", { reset: { after: 63 }, direction: "in" }, "RST"),
  connected("Reset in the request's body", { reset: { after: 69 }, direction: "in" }, "RST"),
  connected("Closed behind the request line", { close: { after: 21 }, direction: "in" }, "FIN"),
  connected("Closed behind the request's head", { close: { after: 63 }, direction: "in" }, "FIN"),
  connected("Closed in the request's body", { close: { after: 69 }, direction: "in" }, "FIN"),
  connected("Only the request line is ever taken in", { stall: { after: 21 }, direction: "in" }, "nothing"),
  connected("The request's body is not taken in", { stall: { after: 63 }, direction: "in" }, "nothing"),
  connected("The request's body is taken in by half", { stall: { after: 69 }, direction: "in" }, "nothing"),
  befallen("Reset in place of a response", { path: FILE }, "reset", "RST"),
  befallen("Closed in place of a response (empty reply)", { path: FILE }, "close", "FIN"),
  befallen("No response at all", { path: FILE }, "stall", "nothing"),
  befallen("No response to this request; the next one has one", { path: FILE, nth: 2 }, "silence", `${OK}, ${OK}`),
  befallen("Reset in the status line", { path: FILE }, { reset: { after: 5 } }, "`HTTP/`, RST"),
  befallen("Closed in the status line", { path: FILE }, { close: { after: 5 } }, "`HTTP/`, FIN"),
  befallen("Nothing more behind the status line", { path: FILE }, { stall: { after: 17 } }, "`HTTP/1.1 200 OK\\r\\n`"),
  befallen("Reset in the head", { path: FILE }, { reset: { after: 24 } }, "`HTTP/1.1 200 OK\\r\\nDate: `, RST"),
  befallen("Closed in the head", { path: FILE }, { close: { after: 24 } }, "`HTTP/1.1 200 OK\\r\\nDate: `, FIN"),
  befallen("Nothing more in the head", { path: FILE }, { stall: { after: 24 } }, "`HTTP/1.1 200 OK\\r\\nDate: `"),
  befallen(
    "Reset in the body",
    { path: BIG_FILE },
    { reset: { after: 5000 } },
    `${OK}, \`Content-Length: 1048576\`, RST`,
  ),
  befallen(
    "Closed in the body",
    { path: BIG_FILE },
    { close: { after: 5000 } },
    `${OK}, \`Content-Length: 1048576\`, FIN`,
  ),
  befallen(
    "Nothing more in the body",
    { path: BIG_FILE },
    { stall: { after: 5000 } },
    `${OK}, \`Content-Length: 1048576\``,
  ),
  befallen("The last octet is missing", { path: FILE }, "truncate", `${OK}, \`example.test.\``),
  befallen("Reset behind the response", { path: FILE, phase: "after-reply" }, "reset", `${OK}, RST`),
  befallen(
    "Closed behind the response, unannounced: the next request meets a stale connection",
    { path: FILE, phase: "after-reply" },
    "close",
    `${OK}, FIN`,
  ),
  befallen("FIN behind the response, and what comes is still read", { path: FILE }, "half-close", `${OK}, FIN`),
  befallen(
    "Nothing is sent any more behind the response",
    { path: FILE, nth: 1, phase: "after-reply" },
    "stall",
    `${OK}, then nothing`,
  ),
  befallen(
    "Two requests a connection, and no more",
    { path: FILE, ordinal: 2, phase: "after-reply" },
    "close",
    `${OK}, ${OK}, FIN, ${OK}`,
  ),
  answered(
    "Two requests a connection, as the second response says",
    { own: true, close: true },
    `${OK}, ${OK}, \`Connection: close\`, FIN, ${OK}`,
    {
      path: FILE,
      ordinal: 2,
    },
  ),
  befallen("Late", { path: FILE }, { delay: "2s" }, `${OK}, after 2000 ms`),
  befallen(
    "Every octet late, give or take",
    { path: FILE },
    { latency: { ms: 100, jitter: 0 } },
    `${OK}, after 100 ms`,
  ),
  befallen(
    "10,000 octets a second",
    { path: BIG_FILE },
    { bandwidth: 10_000, truncate: 20_000 },
    `${OK}, after 2000 ms`,
  ),
  befallen("Octet by octet", { path: FILE }, { slice: { octets: 1, every: 10 }, truncate: 100 }, `${OK}, after 990 ms`),
  befallen("One octet is wrong", { path: FILE }, { corrupt: 9 }, "`HTTP/1.1 \\u00cd00 OK`"),
];

const HEADS: readonly FaultCase[] = [
  answered("Garbage in place of a response", { raw: "\0\x01\x02garbage" }, "`\\u0000\\u0001\\u0002garbage`, FIN"),
  answered("An SSH server's words", { raw: "SSH-2.0-OpenSSH_9.6\r\n" }, "`SSH-2.0-OpenSSH_9.6\\r\\n`, FIN"),
  answered("HTTP/0.9: a body and no head", { head: false, body: "hello" }, "`hello`, FIN"),
  answered("A status line without a status", { statusLine: "HTTP/1.1 abc" }, "`HTTP/1.1 abc\\r\\n`"),
  answered("A status line without a version", { statusLine: "200 OK" }, "`200 OK\\r\\n`"),
  answered("The version of HTTP/2", { version: "HTTP/2.0" }, "`HTTP/2.0 200 OK\\r\\n`"),
  answered(
    "HTTP/1.0, without a length",
    { version: "HTTP/1.0", contentLength: false, body: "hello" },
    "`HTTP/1.0 200 OK`, `hello`, FIN",
  ),
  answered("Status 0", 0, "`HTTP/1.1 000 `"),
  answered("Status 999", 999, "`HTTP/1.1 999 `"),
  answered("A status of four digits", { statusLine: "HTTP/1.1 2000 OK" }, "`HTTP/1.1 2000 OK\\r\\n`"),
  answered("CR in the reason", { statusLine: "HTTP/1.1 200 O\rK" }, "`HTTP/1.1 200 O\\rK\\r\\n`"),
  answered("No reason and no space before it", { statusLine: "HTTP/1.1 200" }, "`HTTP/1.1 200\\r\\n`"),
  answered(
    "No empty line behind the head",
    { blankLine: false, body: "hello" },
    "`Content-Length: 5\\r\\n`, `hello`, FIN",
  ),
  answered("Lines that end in LF alone", { lineEnd: "lf", body: "hello" }, "`HTTP/1.1 200 OK\\nDate`, `\\n\\nhello`"),
  answered(
    "Lines that end in CR alone",
    { lineEnd: "cr", body: "hello" },
    "`HTTP/1.1 200 OK\\rDate`, `\\r\\rhello`, FIN",
  ),
  answered("A header without a colon", { lines: ["no colon here"] }, "`\\r\\nno colon here\\r\\n`"),
  answered("A space before the colon", { lines: ["X-Odd : 1"] }, "`\\r\\nX-Odd : 1\\r\\n`"),
  answered("A header without a name", { lines: [": 1"] }, "`\\r\\n: 1\\r\\n`"),
  answered("A folded header", { lines: ["X-Folded: one", "  two"] }, "`\\r\\nX-Folded: one\\r\\n  two\\r\\n`"),
  answered("NUL in a header", { lines: ["X-Nul: a\0b"] }, "`X-Nul: a\\u0000b\\r\\n`"),
  answered("CR in a header", { lines: ["X-Cr: a\rb"] }, "`X-Cr: a\\rb\\r\\n`"),
  answered("A header that is no UTF-8", { headers: { "X-Latin": "caf\u00e9" } }, "`X-Latin: caf\\u00e9\\r\\n`"),
  answered("A header of 1,000,000 octets", { bigHeader: 1_000_000 }, `${OK}, \`X-Filler: xxx\``),
  answered("10,000 headers", { manyHeaders: 10_000 }, "`X-Filler-1: x\\r\\n`, `X-Filler-10000: x\\r\\n`"),
  answered(
    "No Date and no Server",
    { headers: { date: false, server: false } },
    "`HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n`",
  ),
];

const LENGTHS: readonly FaultCase[] = [
  answered(
    "Content-Length says more than comes",
    { body: "hello", contentLength: 100 },
    "`Content-Length: 100`, `hello`, FIN",
  ),
  answered(
    "Content-Length says more than comes, and the connection stays",
    { body: "hello", contentLength: 100, close: false },
    "`Content-Length: 100`, `hello`",
  ),
  answered("Content-Length says less than comes", { body: "hello", contentLength: 2 }, "`Content-Length: 2`, `hello`"),
  answered("Content-Length is no number", { body: "hello", contentLength: "five" }, "`Content-Length: five`, FIN"),
  answered("Content-Length is negative", { body: "hello", contentLength: "-5" }, "`Content-Length: -5`, FIN"),
  answered(
    "Content-Length twice, the same",
    { body: "hello", contentLength: [5, 5] },
    "`Content-Length: 5\\r\\nContent-Length: 5\\r\\n`",
  ),
  answered("Two lengths in one field", { body: "hello", contentLength: "5, 6" }, "`Content-Length: 5, 6`, FIN"),
  answered(
    "Two lengths that differ",
    { body: "hello", contentLength: [5, 6] },
    "`Content-Length: 5\\r\\nContent-Length: 6\\r\\n`",
  ),
  answered(
    "No length: the body ends with the connection",
    { body: "hello", contentLength: false },
    `${OK}, \`hello\`, FIN`,
  ),
  answered(
    "Content-Length and Transfer-Encoding (RFC 9112 section 6.1)",
    { body: "hello", chunked: true, contentLength: 5 },
    "`Transfer-Encoding: chunked\\r\\nContent-Length: 5\\r\\n`, `5\\r\\nhello\\r\\n0\\r\\n\\r\\n`",
  ),
  answered(
    "A transfer coding that nobody knows",
    { headers: { "Transfer-Encoding": "rot13" }, contentLength: false, body: "uryyb" },
    "`Transfer-Encoding: rot13`, `uryyb`, FIN",
  ),
  answered("A chunk size that is no number", { body: "hello", chunkSize: "xyz" }, "`\\r\\n\\r\\nxyz\\r\\nhello`, FIN"),
  answered(
    "A chunk that is shorter than it says",
    { body: "hello", chunkSize: "ff" },
    "`\\r\\n\\r\\nff\\r\\nhello`, FIN",
  ),
  answered(
    "A chunk size beyond all bounds",
    { body: "hello", chunkSize: "fffffffffffffffff" },
    "`\\r\\n\\r\\nfffffffffffffffff\\r\\nhello`, FIN",
  ),
  answered("The last chunk never comes", { body: "hello", lastChunk: false }, "`5\\r\\nhello\\r\\n`, FIN"),
  answered(
    "The last chunk never comes, and the connection stays",
    { body: "hello", lastChunk: false, close: false },
    "`5\\r\\nhello\\r\\n`",
  ),
  answered(
    "Chunks with extensions",
    { body: "hello", chunkExtension: 'a="b"' },
    '`5;a=\\"b\\"\\r\\nhello\\r\\n0;a=\\"b\\"\\r\\n`',
  ),
  answered(
    "Chunks of one octet, one every 100 ms",
    { body: "hello", chunked: 1, pause: 100 },
    "`1\\r\\nh\\r\\n1\\r\\ne\\r\\n`, after 500 ms",
  ),
  answered(
    "Trailers",
    { body: "hello", trailers: { "X-Sum": "5d41" } },
    "`Trailer: X-Sum`, `5\\r\\nhello\\r\\n0\\r\\nX-Sum: 5d41\\r\\n\\r\\n`",
  ),
  answered("A body to HEAD", { body: "hello", forceBody: true }, "`Content-Length: 5\\r\\n\\r\\nhello`", {
    method: "HEAD",
    path: "/api",
  }),
  answered(
    "204 with a body",
    { status: 204, body: "hello", forceBody: true },
    "`HTTP/1.1 204 No Content`, `\\r\\n\\r\\nhello`",
  ),
  answered(
    "304 with a body",
    { status: 304, body: "hello", forceBody: true },
    "`HTTP/1.1 304 Not Modified`, `\\r\\n\\r\\nhello`",
  ),
  answered(
    "205 with a body",
    { status: 205, body: "hello", forceBody: true },
    "`HTTP/1.1 205 Reset Content`, `\\r\\n\\r\\nhello`",
  ),
];

const CONTENTS: readonly FaultCase[] = [
  answered(
    "Content-Encoding: gzip, and it is not",
    { body: "hello", headers: { "Content-Encoding": "gzip" } },
    "`Content-Encoding: gzip`, `hello`",
  ),
  answered(
    "gzip that does not decode",
    { body: "hello", coding: "gzip-corrupt" },
    "`Content-Encoding: gzip`, `\\u001f\\u008b`",
  ),
  answered(
    "gzip without its end",
    { body: "hello", coding: "gzip-cut" },
    "`Content-Encoding: gzip`, `\\u001f\\u008b`, `hello`",
  ),
  answered(
    "A content coding that nobody knows",
    { body: "hello", headers: { "Content-Encoding": "rot13" } },
    "`Content-Encoding: rot13`, `hello`",
  ),
  answered(
    "gzip, and not said",
    { body: "hello", coding: "gzip", headers: { "Content-Encoding": false } },
    "`text/plain`, `\\u001f\\u008b`",
  ),
  answered(
    "JSON that is none",
    { body: '{"a":', headers: { "Content-Type": "application/json" } },
    '`application/json`, `{\\"a\\":`',
  ),
  answered(
    "JSON that says it is HTML",
    { json: { a: 1 }, headers: { "Content-Type": "text/html" } },
    '`Content-Type: text/html`, `{\\"a\\":1}`',
  ),
  answered(
    "A charset that is not true",
    { body: "caf\u00e9", headers: { "Content-Type": "text/plain; charset=us-ascii" } },
    "`charset=us-ascii`, `caf\\u00c3\\u00a9`",
  ),
  answered(
    "A byte order mark",
    { body: "\ufeff{}", headers: { "Content-Type": "application/json" } },
    "`\\u00ef\\u00bb\\u00bf{}`",
  ),
  answered(
    "No Content-Type",
    { body: "hello", headers: { "Content-Type": false } },
    "`Content-Length: 5\\r\\n\\r\\nhello`",
  ),
  answered(
    "An event stream that ends within an event",
    {
      headers: { "Content-Type": "text/event-stream" },
      body: "retry: 50\ndata: one\n\ndata: tw",
      contentLength: false,
    },
    "`text/event-stream`, `data: tw`, FIN",
  ),
];

const EXPECTATIONS = { method: "PUT", headers: { expect: "100-continue" } };

const INTERIM: readonly FaultCase[] = [
  answered(
    "1,000 times 102 Processing",
    { interim: { status: 102, times: 1000 } },
    `\`HTTP/1.1 102 Processing\\r\\n\\r\\nHTTP/1.1 102 Processing\`, ${OK}`,
  ),
  answered(
    "103 Early Hints",
    { interim: { status: 103, headers: { Link: "</style.css>; rel=preload" } } },
    `\`HTTP/1.1 103 Early Hints\\r\\nLink: </style.css>; rel=preload\\r\\n\\r\\n\`, ${OK}`,
  ),
  answered("100 Continue that nobody waits for", { interim: 100 }, `\`HTTP/1.1 100 Continue\\r\\n\\r\\n\`, ${OK}`),
  answered("101 that nobody asked for", 101, "`HTTP/1.1 101 Switching Protocols`"),
  answered("102, and no response behind it", 102, "`HTTP/1.1 102 Processing`"),
  answered("No 100 Continue", { status: 201, continue: false }, "`HTTP/1.1 201 Created`", EXPECTATIONS),
  answered("417: send it without Expect", 417, "`HTTP/1.1 417 Expectation Failed`, FIN", EXPECTATIONS),
  answered(
    "Refused before the content was sent",
    403,
    "`HTTP/1.1 403 Forbidden`, `Connection: close`, FIN",
    EXPECTATIONS,
  ),
  answered(
    "100 Continue, and then refused",
    { interim: 100, status: 403 },
    "`HTTP/1.1 100 Continue`, `HTTP/1.1 403 Forbidden`, FIN",
    EXPECTATIONS,
  ),
  befallen("Reset in place of 100 Continue", EXPECTATIONS, "reset", "RST"),
];

const located = (status: number, location: string) => ({ status, headers: { Location: location } });

const FIELDS: readonly FaultCase[] = [
  answered("A redirect to itself", located(302, "/api"), "`HTTP/1.1 302 Found`, `Location: /api\\r\\n`"),
  answered(
    "Two paths that redirect to each other",
    [located(302, "/other"), located(302, "/api")],
    "`Location: /other\\r\\n`, `Location: /api\\r\\n`, `HTTP/1.1 404 `",
    { path: ["/api", "/other"] },
  ),
  answered(
    "A redirect to another scheme",
    located(301, "https://localhost/"),
    "`HTTP/1.1 301 `, `Location: https://localhost/`",
  ),
  answered(
    "A redirect to a scheme that nobody follows",
    located(302, "ftp://localhost/"),
    "`Location: ftp://localhost/`",
  ),
  answered("A redirect without Location", 302, "`HTTP/1.1 302 Found\\r\\nDate`"),
  answered("A Location that is no URL", located(302, "http://[::1"), "`Location: http://[::1\\r\\n`"),
  answered(
    "308: POST again, with its content",
    located(308, "/other"),
    "`HTTP/1.1 308 Permanent Redirect`, `Location: /other`",
    { method: "POST", path: "/api" },
  ),
  answered("300 Multiple Choices, and none", 300, "`HTTP/1.1 300 Multiple Choices`"),
  answered(
    "Set-Cookie that is none",
    { headers: { "Set-Cookie": ["=;;;", "a=b; Expires=yesterday; Max-Age=x"] } },
    "`Set-Cookie: =;;;\\r\\nSet-Cookie: a=b; Expires=yesterday; Max-Age=x\\r\\n`",
  ),
  answered(
    "401 with a scheme that nobody knows",
    { status: 401, headers: { "WWW-Authenticate": "Handshake" } },
    "`HTTP/1.1 401 Unauthorized`, `WWW-Authenticate: Handshake`",
  ),
  answered(
    "401 without a challenge",
    { status: 401, headers: { "WWW-Authenticate": false } },
    "`HTTP/1.1 401 Unauthorized\\r\\nDate`",
  ),
  answered(
    "401 with a stale nonce",
    { status: 401, headers: { "WWW-Authenticate": 'Digest realm="r", nonce="n2", stale=true' } },
    "`stale=true\\r\\n`",
  ),
  answered(
    "407, though this is no proxy",
    407,
    "`HTTP/1.1 407 Proxy Authentication Required`, `Proxy-Authenticate: Basic`",
  ),
  answered(
    "429: again in 120 seconds",
    { status: 429, headers: { "Retry-After": 120 } },
    "`HTTP/1.1 429 Too Many Requests`, `Retry-After: 120\\r\\n`",
  ),
  answered(
    "503: again at a date",
    { status: 503, headers: { "Retry-After": "Fri, 31 Dec 2027 23:59:59 GMT" } },
    "`HTTP/1.1 503 Service Unavailable`, `Retry-After: Fri, 31 Dec 2027 23:59:59 GMT\\r\\n`",
  ),
  answered("503 twice, then as always", [503, 503], "`HTTP/1.1 503 `, `HTTP/1.1 503 `, `HTTP/1.1 200 OK`", {
    path: FILE,
  }),
  {
    name: "Every third request fails",
    rule: { when: { path: FILE }, reply: 500, every: 3 },
    seen: `${OK}, ${OK}, \`HTTP/1.1 500 \``,
  },
  answered("An ETag that is none", { own: true, headers: { ETag: "unquoted" } }, `${OK}, \`ETag: unquoted\``, {
    path: FILE,
  }),
  answered("206 that nobody asked for", { own: true, status: 206 }, "`HTTP/1.1 206 Partial Content`", { path: FILE }),
];

const STATUSES = [
  400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424,
  425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511,
];

/** Every fault of HTTP/1.1 that a client should be able to bear, and the rule that provokes it. */
export const FAULTS: readonly FaultCase[] = [
  ...CONNECTION,
  ...HEADS,
  ...LENGTHS,
  ...CONTENTS,
  ...INTERIM,
  ...FIELDS,
  ...STATUSES.map((status) =>
    answered(`${status} ${reasonOf(status)}`, status, `\`HTTP/1.1 ${status} ${reasonOf(status)}\``),
  ),
];
