import { describe, expect, it } from "vitest";
import { makeContext, type Options, Visit } from "./visit.ts";

const HOST = "Host: example.test\r\n";
const POST = `POST /post HTTP/1.1\r\n${HOST}`;
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;

/** What came, and the status that answers it; the connection always closes. */
const MALFORMED: readonly [what: string, octets: string, status: string][] = [
  ["a request line without a version", "GET /\r\n", "400 Bad Request"],
  ["two spaces in the request line", `GET  / HTTP/1.1\r\n`, "400 Bad Request"],
  ["a space in the target", `GET /a b HTTP/1.1\r\n`, "400 Bad Request"],
  ["a space before the method", ` GET / HTTP/1.1\r\n`, "400 Bad Request"],
  ["a tab for a space", `GET\t/ HTTP/1.1\r\n`, "400 Bad Request"],
  ["a fragment in the target", `GET /#top HTTP/1.1\r\n`, "400 Bad Request"],
  ["a version in small letters", `GET / http/1.1\r\n`, "400 Bad Request"],
  ["a version with two digits", `GET / HTTP/1.10\r\n`, "400 Bad Request"],
  ["HTTP/2", `GET / HTTP/2.0\r\n`, "505 HTTP Version Not Supported"],
  ["HTTP/0.9's successor", `GET / HTTP/0.9\r\n`, "505 HTTP Version Not Supported"],
  ["a TLS hello", "\x16\x03\x01\x02\x00\x01\x00", "400 Bad Request"],
  ["an endless method", "A".repeat(33), "400 Bad Request"],
  ["a NUL in the method", "G\0T / HTTP/1.1\r\n", "400 Bad Request"],
  ["a NUL in the target", `GET /\0 HTTP/1.1\r\n`, "400 Bad Request"],
  ["an encoded NUL in the path", `GET /%00 HTTP/1.1\r\n${HOST}\r\n`, "400 Bad Request"],
  ["a percent sign that begins nothing", `GET /%zz HTTP/1.1\r\n${HOST}\r\n`, "400 Bad Request"],
  ["a target that is no path", `GET index.html HTTP/1.1\r\n${HOST}\r\n`, "400 Bad Request"],
  ["asterisk-form for GET", `GET * HTTP/1.1\r\n${HOST}\r\n`, "400 Bad Request"],
  ["another scheme", `GET ftp://example.test/ HTTP/1.1\r\n${HOST}\r\n`, "400 Bad Request"],
  ["user information in the target", `GET http://alice@example.test/ HTTP/1.1\r\n${HOST}\r\n`, "400 Bad Request"],
  ["a path for CONNECT", `CONNECT / HTTP/1.1\r\n${HOST}\r\n`, "400 Bad Request"],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", "400 Bad Request"],
  ["two Hosts", `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, "400 Bad Request"],
  ["two empty Hosts", "GET / HTTP/1.1\r\nHost:\r\nHost:\r\n\r\n", "400 Bad Request"],
  ["a Host that is none", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400 Bad Request"],
  ["two Hosts in HTTP/1.0", `GET / HTTP/1.0\r\n${HOST}${HOST}\r\n`, "400 Bad Request"],
  ["a field without a colon", "GET / HTTP/1.1\r\nHost\r\n", "400 Bad Request"],
  ["a field without a name", "GET / HTTP/1.1\r\n: x\r\n", "400 Bad Request"],
  ["a space before the colon", "GET / HTTP/1.1\r\nHost : x\r\n", "400 Bad Request"],
  ["a space before the first field", "GET / HTTP/1.1\r\n Host: x\r\n", "400 Bad Request"],
  ["a folded field", `GET / HTTP/1.1\r\n${HOST}A: b\r\n c\r\n`, "400 Bad Request"],
  ["a bare CR in a field", `GET / HTTP/1.1\r\nA: b\rHost: x\r\n`, "400 Bad Request"],
  ["a bare CR in the request line", `GET / HTTP/1.1\rHost: x\r\n`, "400 Bad Request"],
  ["a NUL in a field", "GET / HTTP/1.1\r\nA: b\0\r\n", "400 Bad Request"],
  ["DEL in a field", "GET / HTTP/1.1\r\nA: b\x7f\r\n", "400 Bad Request"],
  ["a field name that is no token", "GET / HTTP/1.1\r\nA(b): c\r\n", "400 Bad Request"],
  ["a length and chunks", `${POST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`, "400 Bad Request"],
  ["chunks and a length", `${POST}Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n`, "400 Bad Request"],
  ["two lengths", `${POST}Content-Length: 3\r\nContent-Length: 4\r\n\r\n`, "400 Bad Request"],
  ["two lengths in one field", `${POST}Content-Length: 3, 4\r\n\r\n`, "400 Bad Request"],
  ["a signed length", `${POST}Content-Length: +3\r\n\r\n`, "400 Bad Request"],
  ["a negative length", `${POST}Content-Length: -1\r\n\r\n`, "400 Bad Request"],
  ["a hexadecimal length", `${POST}Content-Length: 0x3\r\n\r\n`, "400 Bad Request"],
  ["an empty length", `${POST}Content-Length:\r\n\r\n`, "400 Bad Request"],
  ["a length with an exponent", `${POST}Content-Length: 1e3\r\n\r\n`, "400 Bad Request"],
  ["an empty coding", `${POST}Transfer-Encoding:\r\n\r\n`, "400 Bad Request"],
  ["chunked twice", `${POST}Transfer-Encoding: chunked, chunked\r\n\r\n`, "400 Bad Request"],
  ["chunked not last", `${POST}Transfer-Encoding: chunked, gzip\r\n\r\n`, "400 Bad Request"],
  ["another coding alone", `${POST}Transfer-Encoding: gzip\r\n\r\n`, "400 Bad Request"],
  ["another coding below", `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n`, "501 Not Implemented"],
  ["a coding in disguise", `${POST}Transfer-Encoding: xchunked\r\n\r\n`, "400 Bad Request"],
  ["chunks in HTTP/1.0", `POST /post HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n`, "400 Bad Request"],
  ["a chunk size that is none", `${CHUNKED}x\r\n`, "400 Bad Request"],
  ["an empty chunk size", `${CHUNKED}\r\n`, "400 Bad Request"],
  ["a chunk size with a prefix", `${CHUNKED}0x3\r\n`, "400 Bad Request"],
  ["a signed chunk size", `${CHUNKED}-1\r\n`, "400 Bad Request"],
  ["a space before the chunk size", `${CHUNKED} 3\r\n`, "400 Bad Request"],
  ["a space behind the chunk size", `${CHUNKED}3 \r\n`, "400 Bad Request"],
  ["a bare LF behind the chunk size", `${CHUNKED}3\n`, "400 Bad Request"],
  ["a bare CR in a chunk extension", `${CHUNKED}3;a\rb\r\n`, "400 Bad Request"],
  ["a chunk longer than its size", `${CHUNKED}3\r\nabcd\r\n`, "400 Bad Request"],
  ["a bare LF behind a chunk", `${CHUNKED}3\r\nabc\n`, "400 Bad Request"],
  ["an enormous chunk", `${CHUNKED}${"f".repeat(300)}\r\n`, "413 Content Too Large"],
  ["an endless chunk extension", `${CHUNKED}1;${"x".repeat(4100)}`, "400 Bad Request"],
  ["a malformed trailer field", `${CHUNKED}0\r\nA b\r\n`, "400 Bad Request"],
  ["a bare LF behind a trailer field", `${CHUNKED}0\r\nA: b\n`, "400 Bad Request"],
  ["an enormous length", `${POST}Content-Length: ${"9".repeat(400)}\r\n\r\n`, "413 Content Too Large"],
  ["another expectation", `${POST}Expect: 200-ok\r\n\r\n`, "417 Expectation Failed"],
  ["two expectations", `${POST}Expect: 100-continue, more\r\n\r\n`, "417 Expectation Failed"],
];

const SMALL: Options = { maxRequestLineOctets: 40, maxHeadOctets: 100, maxHeaders: 3, maxBodyOctets: 10 };

/** The same with small limits: what is one octet too long, and what is just not. */
const LIMITED: readonly [what: string, octets: string, status: string][] = [
  ["a request line at its limit", `GET /status/${"2".repeat(18)} HTTP/1.1\r\n${HOST}\r\n`, "400 Bad Request"],
  ["a request line beyond it", `GET /status/${"2".repeat(20)} HTTP/1.1\r\n${HOST}\r\n`, "414 URI Too Long"],
  ["a request line without an end", `GET /status/${"2".repeat(29)}`, "414 URI Too Long"],
  ["a head without an end", `GET / HTTP/1.1\r\nA: ${"b".repeat(90)}`, "431 Request Header Fields Too Large"],
  ["a field beyond the limit", `GET / HTTP/1.1\r\nA: ${"b".repeat(90)}\r\n`, "431 Request Header Fields Too Large"],
  ["empty lines without an end", "\r\n".repeat(51), "431 Request Header Fields Too Large"],
  ["as many fields as allowed", `GET / HTTP/1.1\r\n${HOST}A: 1\r\nB: 2\r\n\r\n`, "200 OK"],
  ["one field more", `GET / HTTP/1.1\r\n${HOST}A: 1\r\nB: 2\r\nC: 3\r\n\r\n`, "431 Request Header Fields Too Large"],
  ["a body at its limit", `PUT /put HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\n0123456789`, "200 OK"],
  ["a body beyond it", `PUT /put HTTP/1.1\r\n${HOST}Content-Length: 11\r\n\r\n`, "413 Content Too Large"],
  [
    "chunks beyond it",
    `PUT /put HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n`,
    "413 Content Too Large",
  ],
  [
    "trailers beyond the head's limit",
    `PUT /put HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n${"A: b\r\n".repeat(3)}C: ${"d".repeat(90)}\r\n`,
    "431 Request Header Fields Too Large",
  ],
  [
    "one trailer field more than allowed",
    `PUT /put HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n${"A: b\r\n".repeat(4)}`,
    "431 Request Header Fields Too Large",
  ],
];

describe("a request that nobody can trust", () => {
  it.each(MALFORMED)("%s is answered, and the connection closes", (_what, octets, status) => {
    for (const pieces of [[octets], [...octets]]) {
      const visit = new Visit();
      visit.say(...pieces, "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
      expect(visit.statuses).toEqual([status]);
      expect(visit.answered).toContain("\r\nConnection: close\r\n");
      expect(visit.isClosed).toBe(true);
      expect(visit.exchanges).toHaveLength(1);
      expect(visit.notes).toEqual(["refused"]);
    }
  });
});

describe("a limit", () => {
  it.each(LIMITED)("meets %s", (_what, octets, status) => {
    for (const pieces of [[octets], [...octets]]) {
      const visit = new Visit(makeContext(SMALL));
      visit.say(...pieces);
      expect(visit.statuses).toEqual([status]);
    }
  });

  it("meets the extensions of many small chunks", () => {
    const visit = new Visit();
    const chunk = `1;${"x".repeat(1000)}\r\na\r\n`;
    visit.say(CHUNKED, ...Array.from({ length: 20 }, () => chunk));
    expect(visit.statuses).toEqual(["400 Bad Request"]);
    expect(visit.answered).toContain("chunk extensions");
  });
});

describe("what may look odd and is allowed", () => {
  it.each([
    ["empty lines before the request", `\r\n\r\nGET /status/204 HTTP/1.1\r\n${HOST}\r\n`],
    ["bare LF line ends", `GET /status/204 HTTP/1.1\nHost: x\n\n`],
    ["the same length twice", `GET /status/204 HTTP/1.1\r\n${HOST}Content-Length: 1, 1\r\n\r\na`],
    ["an unknown minor version", `GET /status/204 HTTP/1.7\r\n${HOST}\r\n`],
    ["an empty Host", "GET /status/204 HTTP/1.1\r\nHost:\r\n\r\n"],
    ["an IPv6 Host", "GET /status/204 HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"],
    ["octets above ASCII in a field", `GET /status/204 HTTP/1.1\r\n${HOST}A: caf\xe9\r\n\r\n`],
    ["octets above ASCII in the target", `GET /status/204?caf\xc3\xa9 HTTP/1.1\r\n${HOST}\r\n`],
    ["a field named __proto__", `GET /status/204 HTTP/1.1\r\n${HOST}__proto__: x\r\nconstructor: y\r\n\r\n`],
    ["tabs around a value", `GET /status/204 HTTP/1.1\r\n${HOST}A:\t b \t\r\n\r\n`],
    ["an expectation in HTTP/1.0", "GET /status/204 HTTP/1.0\r\nExpect: anything\r\n\r\n"],
    ["an expectation without content", `GET /status/204 HTTP/1.1\r\n${HOST}Expect: 100-continue\r\n\r\n`],
  ])("%s", (_what, octets) => {
    const visit = new Visit();
    visit.say(octets);
    expect(visit.statuses).toEqual(["204 No Content"]);
  });
});
