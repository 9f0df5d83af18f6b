import { describe, expect, it } from "vitest";
import { formatDate, parseDate } from "../../../services/http/date.ts";
import { boundaryOf, parseForm } from "../../../services/http/demo/multipart.ts";
import { checkPreconditions, mayUseRange } from "../../../services/http/precondition.ts";
import { parseRanges } from "../../../services/http/range.ts";
import { encodePath, parseQuery, parseTarget } from "../../../services/http/target.ts";
import { fromUtf8 } from "../../../src/wire/bytes.ts";

const NOW = Date.UTC(2026, 0, 1);
const RFC_DATE = Date.UTC(1994, 10, 6, 8, 49, 37);

describe("an HTTP-date", () => {
  // RFC 9110 section 5.6.7: the three forms of one date.
  it.each([
    ["Sun, 06 Nov 1994 08:49:37 GMT", RFC_DATE],
    ["Sunday, 06-Nov-94 08:49:37 GMT", RFC_DATE],
    ["Sun Nov  6 08:49:37 1994", RFC_DATE],
    ["Friday, 06-Nov-76 08:49:37 GMT", Date.UTC(2076, 10, 6, 8, 49, 37)],
    ["Sunday, 06-Nov-77 08:49:37 GMT", Date.UTC(1977, 10, 6, 8, 49, 37)],
    ["Sat, 31 Dec 2016 23:59:60 GMT", Date.UTC(2017, 0, 1)],
    ["Sun, 31 Feb 1994 08:49:37 GMT", undefined],
    ["Sun, 06 Nov 1994 24:49:37 GMT", undefined],
    ["Sun, 06 Foo 1994 08:49:37 GMT", undefined],
    ["Sun, 06 Nov 1994 08:49:37 CET", undefined],
    ["784111777", undefined],
    ["", undefined],
  ])("%j is read", (text, expected) => {
    expect(parseDate(text, NOW)).toBe(expected);
  });

  it("is written in the first form", () => {
    expect(formatDate(RFC_DATE)).toBe("Sun, 06 Nov 1994 08:49:37 GMT");
  });
});

describe("a target", () => {
  it.each([
    ["GET", "/", { path: "/", query: {} }],
    ["GET", "/a/b/../c/./d", { path: "/a/c/d", query: {} }],
    ["GET", "/..", { path: "/", query: {} }],
    ["GET", "/../../etc/passwd", { path: "/etc/passwd", query: {} }],
    ["GET", "/%2e%2e/%2E./x", { path: "/x", query: {} }],
    ["GET", "/a%2F..%2Fb", { path: "/b", query: {} }],
    ["GET", "/a/..", { path: "/", query: {} }],
    ["GET", "/a/b/..", { path: "/a/", query: {} }],
    ["GET", "/a/b/.", { path: "/a/b/", query: {} }],
    ["GET", "//evil.example//x/", { path: "/evil.example/x/", query: {} }],
    ["GET", "/.hidden", { path: "/.hidden", query: {} }],
    ["GET", "/caf%C3%A9", { path: "/café", query: {} }],
    ["GET", "/caf\xc3\xa9", { path: "/café", query: {} }],
    ["GET", "/%FF", { path: "/\ufffd", query: {} }],
    [
      "GET",
      "/a?b=1&b=2&c&d=%zz&e=x+y&&=z",
      { path: "/a", query: { b: ["1", "2"], c: "", d: "%zz", e: "x y", "": "z" } },
    ],
    ["GET", "http://h", { path: "/", query: {}, host: "h" }],
    ["GET", "HTTP://h:80?a", { path: "/", query: { a: "" }, host: "h:80" }],
    ["GET", "https://[::1]:8443/x", { path: "/x", query: {}, host: "[::1]:8443" }],
    ["OPTIONS", "*", { path: "*", query: {} }],
    ["CONNECT", "h:80", { path: "", query: {}, host: "h:80" }],
    ["GET", "*", undefined],
    ["GET", "a", undefined],
    ["GET", "http:///x", undefined],
    ["GET", "/%", undefined],
    ["GET", "/%0", undefined],
    ["GET", "/a%00", undefined],
    ["CONNECT", "/", undefined],
  ])("%s %s is taken apart", (method, target, expected) => {
    expect(parseTarget(method, target)).toEqual(expected);
  });

  it("cannot reach the prototype of its query", () => {
    const query = parseQuery("__proto__=1&constructor=2");
    expect(Object.keys(query)).toEqual(["__proto__", "constructor"]);
  });

  it.each([
    ["/a b/ü?#%", "/a%20b/%C3%BC%3F%23%25"],
    ["/\ud800", "/%EF%BF%BD"],
  ])("encodes the path %j", (path, expected) => {
    expect(encodePath(path)).toBe(expected);
  });
});

describe("a condition", () => {
  const HERE = { exists: true, etag: '"v1"', modified: RFC_DATE + 500 };
  const AT = "Sun, 06 Nov 1994 08:49:37 GMT";
  const BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT";

  it.each([
    // RFC 9110 section 13.2.2, in its order.
    ["GET", {}, undefined],
    ["GET", { "if-match": '"v1"' }, undefined],
    ["GET", { "if-match": '"v0", "v1"' }, undefined],
    ["GET", { "if-match": "*" }, undefined],
    ["GET", { "if-match": 'W/"v1"' }, 412],
    ["GET", { "if-match": '"v0"' }, 412],
    ["GET", { "if-match": "v1" }, 412],
    ["GET", { "if-match": '"v1"', "if-unmodified-since": BEFORE }, undefined],
    ["GET", { "if-unmodified-since": AT }, undefined],
    ["PUT", { "if-unmodified-since": BEFORE }, 412],
    ["GET", { "if-unmodified-since": "yesterday" }, undefined],
    ["GET", { "if-none-match": '"v1"' }, 304],
    ["HEAD", { "if-none-match": 'W/"v1"' }, 304],
    ["PUT", { "if-none-match": '"v1"' }, 412],
    ["PUT", { "if-none-match": "*" }, 412],
    ["GET", { "if-none-match": '"v0"' }, undefined],
    ["GET", { "if-none-match": '"v0"', "if-modified-since": AT }, undefined],
    ["GET", { "if-modified-since": AT }, 304],
    ["GET", { "if-modified-since": BEFORE }, undefined],
    ["PUT", { "if-modified-since": AT }, undefined],
    ["GET", { "if-match": '"v1"', "if-none-match": '"v1"' }, 304],
  ] as const)("of %s %o leads to %s", (method, fields, status) => {
    expect(checkPreconditions(method, fields, HERE, NOW)).toBe(status);
  });

  it.each([
    ["if-match", "*", 412],
    ["if-match", '"v1"', 412],
    ["if-none-match", "*", undefined],
    ["if-unmodified-since", BEFORE, undefined],
  ])("about nothing: %s %s leads to %s", (name, value, status) => {
    expect(checkPreconditions("PUT", { [name]: value }, { exists: false }, NOW)).toBe(status);
  });

  it.each([
    [undefined, true],
    ['"v1"', true],
    ['"v0"', false],
    ['W/"v1"', false],
    [AT, true],
    [BEFORE, false],
  ])("on a range: %s lets it be %s", (value, used) => {
    expect(mayUseRange(value === undefined ? {} : { "if-range": value }, HERE, NOW)).toBe(used);
  });
});

describe("a range", () => {
  it.each([
    // RFC 9110 section 14.1.2, of a representation of 10,000 octets.
    ["bytes=0-499", 10_000, [[0, 499]]],
    ["bytes=500-999", 10_000, [[500, 999]]],
    ["bytes=-500", 10_000, [[9500, 9999]]],
    ["bytes=9500-", 10_000, [[9500, 9999]]],
    [
      "bytes=0-0,-1",
      10_000,
      [
        [0, 0],
        [9999, 9999],
      ],
    ],
    [
      "bytes= 0-999, 4500-5499, -1000",
      10_000,
      [
        [0, 999],
        [4500, 5499],
        [9000, 9999],
      ],
    ],
    [
      "bytes=500-600,601-999",
      10_000,
      [
        [500, 600],
        [601, 999],
      ],
    ],
    ["Bytes=0-99999", 10, [[0, 9]]],
    ["bytes=-99999", 10, [[0, 9]]],
    ["bytes=10-", 10, []],
    ["bytes=-0", 10, []],
    ["bytes=10-20,5-6", 10, [[5, 6]]],
    ["bytes=0-", 0, []],
    ["bytes=,0-1,", 10, [[0, 1]]],
    ["bytes=5-4", 10, undefined],
    ["bytes=-", 10, undefined],
    ["bytes=a-b", 10, undefined],
    ["bytes=", 10, undefined],
    ["bytes=0-1;2-3", 10, undefined],
    ["lines=0-1", 10, undefined],
    ["bytes=0-,0-,0-", 10, undefined],
    [`bytes=${"0-0,".repeat(65)}`, 1000, undefined],
  ])("%s of %i octets", (field, octets, expected) => {
    const ranges = parseRanges(field, octets)?.map(({ first, last }) => [first, last]);
    expect(ranges).toEqual(expected);
  });
});

describe("a form", () => {
  const form = (...lines: string[]) => fromUtf8(lines.join("\r\n"));
  const PART = 'Content-Disposition: form-data; name="a"';

  it.each([
    ["one field", form("--x", PART, "", "1", "--x--", ""), { fields: { a: ["1"] }, files: {} }],
    ["a preamble", form("hello", "--x", PART, "", "1", "--x--"), { fields: { a: ["1"] }, files: {} }],
    [
      "a field twice",
      form("--x", PART, "", "1", "--x", PART, "", "2", "--x--"),
      { fields: { a: ["1", "2"] }, files: {} },
    ],
    ["an empty field", form("--x", PART, "", "", "--x--"), { fields: { a: [""] }, files: {} }],
    [
      "a file with a quote in its name",
      form(
        "--x",
        'content-disposition: form-data; name=f; filename="a\\"b"',
        "Content-Type: text/plain",
        "",
        "ü",
        "--x--",
      ),
      { fields: {}, files: { f: ["ü"] } },
    ],
    ["no boundary", form("1"), undefined],
    ["no end", form("--x", PART, "", "1"), undefined],
    ["no name", form("--x", "A: b", "", "1", "--x--"), undefined],
    ["nothing behind the boundary", form("--x"), undefined],
  ])("with %s", (_what, body, expected) => {
    expect(parseForm(body, "x")).toEqual(expected);
  });

  it.each([
    ["multipart/form-data; boundary=abc", "abc"],
    ['multipart/form-data; charset=utf-8; BOUNDARY="a b"', "a b"],
    ["multipart/form-data", undefined],
  ])("has its boundary in %j", (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });
});
