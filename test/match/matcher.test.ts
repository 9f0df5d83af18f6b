import { describe, expect, it } from "vitest";
import type { FieldValue } from "../../src/contract/machine.ts";
import { matcherOf } from "../../src/match/matcher.ts";
import { fromUtf8 } from "../../src/wire/bytes.ts";
import { FIELDS, mistakeOf, place } from "../stub/fixture.ts";

type Field = keyof typeof FIELDS;

const test = (field: Field, wanted: unknown, value: FieldValue) =>
  matcherOf(wanted, FIELDS[field], place.at("when", field)).test(value);
const problemOf = (field: Field, wanted: unknown) =>
  mistakeOf(() => matcherOf(wanted, FIELDS[field], place.at("when", field))).message;

const sticky = /b/y;
const global = /b/g;
const octets = (text: string) => new Uint8Array(fromUtf8(text));

type Case = readonly [field: Field, wanted: unknown, yes: readonly FieldValue[], no: readonly FieldValue[]];

const EXACT: readonly Case[] = [
  ["path", "a.b", ["a.b"], ["axb", "a.b ", "A.b", "", undefined]],
  ["path", "", [""], ["a", undefined]],
  ["path", "constructor", ["constructor"], [undefined]],
  ["verb", "get", ["GET"], ["get", "PUT", undefined]],
  ["name", "WWW.Example", ["www.example"], ["WWW.Example", undefined]],
  ["size", 5, [5], [4, "5", undefined]],
  ["size", 0, [0, -0], ["", undefined, false]],
  ["secure", true, [true], [false, "true", 1, undefined]],
  ["secure", false, [false], [true, undefined, 0, ""]],
  ["body", "caf\u00e9", [octets("caf\u00e9")], [octets("cafe"), undefined]],
  ["body", "", [octets("")], [undefined, octets("a")]],
  ["body", octets("\0\xff"), [octets("\0\xff")], [octets("\0"), undefined]],
  ["body", Buffer.from("ab"), [octets("ab")], [octets("abc")]],
  ["to", "a", [["a"], ["b", "a"]], [["b"], [], undefined]],
  ["to", 5, [[5], [4, 5]], [["5"], []]],
];

const GLOBS: readonly Case[] = [
  ["path", "a*", ["a", "ab", "a/b", "a\nb"], ["ba", "", undefined]],
  ["path", "*", ["", "anything"], [undefined]],
  ["path", "a?c", ["abc", "a/c", "a\nc", "a\u{1f600}c"], ["ac", "abbc"]],
  ["path", "*@example.test", ["a@example.test", "@example.test"], ["a@exampleXtest", "a@example.test.org"]],
  ["path", "/a/*", ["/a/b", "/a/"], ["/a/b/c", "/a", "/b/a/c"]],
  ["path", "/a/?", ["/a/b"], ["/a//", "/a/"]],
  ["path", "/a/**", ["/a/b", "/a/b/c", "/a/"], ["/a", "/b"]],
  ["path", "/**/c", ["/a/b/c", "/a/c", "//c"], ["/c", "/a/b/cd"]],
  ["path", "/a/***", ["/a/b/c"], ["/b"]],
  ["path", "a**b", ["ab", "a/x/b"], ["a"]],
  ["path", "a\\*", ["a*"], ["ab", "a\\*"]],
  ["path", "a\\?b\\\\", ["a?b\\"], ["axb\\"]],
  ["path", "a\\", ["a\\"], ["a"]],
  ["path", "[a-z].*", ["[a-z].txt"], ["b.txt"]],
  ["path", "(a|b)$^{2}*", ["(a|b)$^{2}", "(a|b)$^{2}c"], ["a"]],
  ["name", "*.EXAMPLE", ["www.example"], ["www.EXAMPLE"]],
  ["verb", "p*", ["PUT"], ["GET"]],
  ["verb", "X*", ["XYZ"], ["GET"]],
  ["body", "{*}", [octets("{}"), octets('{"a":\n1}')], [octets("[]")]],
  ["to", "*@a.test", [["x@b.test", "y@a.test"]], [["x@b.test"], []]],
];

const PATTERNS: readonly Case[] = [
  ["path", /^a.c$/, ["abc"], ["ABC", "a\nc", undefined]],
  ["path", /^a.c$/is, ["ABC", "a\nc"], ["ac"]],
  ["path", /\p{Lu}/u, ["\u00c9"], ["e"]],
  ["path", sticky, ["bc"], ["ab"]],
  ["path", global, ["ab", "bb"], ["a"]],
  ["path", /(?:)/, ["", "a"], [undefined]],
  ["size", /^4\d\d$/, [404, 452], [504, undefined]],
  ["secure", /true/, [true], [false]],
  ["body", /"id":\s*7/, [octets('{"id": 7}')], [octets("{}")]],
  ["to", /^b/, [["a", "b"]], [["a"], []]],
  ["path", { regex: "^a" }, ["abc"], ["Abc", undefined]],
  ["path", { regex: "^a", flags: "i" }, ["Abc"], ["b"]],
  ["path", { regex: "b", flags: "g" }, ["ab", "bb"], ["a"]],
  ["path", { regex: "b", flags: "y" }, ["b"], ["ab"]],
  ["verb", { regex: "^X" }, ["XYZ"], ["GET"]],
];

const OPERATORS: readonly Case[] = [
  ["path", { is: "a*" }, ["a*"], ["ab"]],
  ["size", { is: 5 }, [5], [6]],
  ["body", { is: octets("a") }, [octets("a")], [octets("b")]],
  ["verb", { is: "quit" }, ["QUIT"], ["GET"]],
  ["path", { contains: "b" }, ["abc", "b"], ["ac", "B", undefined]],
  ["path", { contains: "*" }, ["a*"], ["ab"]],
  ["path", { contains: "" }, ["", "a"], [undefined]],
  ["body", { contains: "\u00e9" }, [octets("caf\u00e9")], [octets("cafe")]],
  ["to", { contains: "@" }, [["a", "b@c"]], [["a"], []]],
  ["size", { min: 2 }, [2, 3.5, 1e9], [1, undefined, "3"]],
  ["size", { max: 2 }, [2, -1], [3, undefined]],
  ["size", { min: 2, max: 2 }, [2], [1, 3]],
  ["size", { min: 2, max: 5, not: 3 }, [2, 4], [3, 6]],
  ["path", { not: "a" }, ["b", undefined], ["a"]],
  ["path", { not: "a*" }, ["b"], ["ab"]],
  ["path", { not: ["a", /^b/] }, ["c", undefined], ["a", "bc"]],
  ["path", { not: { not: "a" } }, ["a"], ["b", undefined]],
  ["path", { contains: "a", not: "ab" }, ["ac"], ["ab", "c"]],
  ["path", { present: true }, ["", "a"], [undefined]],
  ["path", { present: false }, [undefined], ["", "a"]],
  ["to", { present: true }, [[], ["a"]], [undefined]],
  ["to", { present: false }, [undefined], [[]]],
  ["path", { present: true, not: "a" }, ["b"], ["a", undefined]],
  ["path", { present: false, not: "a" }, [undefined], ["a", "b"]],
  ["to", { not: "a" }, [["b"], [], undefined], [["a"], ["b", "a"]]],
  ["to", { contains: "a", not: "ab" }, [["a", "c"]], [["a", "ab"], ["b"]]],
  ["to", { regex: "^a", contains: "z" }, [["b", "az"]], [["ab", "cz"]]],
  ["path", ["a", "b*", /c$/], ["a", "bx", "xc"], ["x", undefined]],
  ["size", [1, { min: 10 }], [1, 11], [2]],
  ["path", ["a", ["b", ["c"]]], ["a", "b", "c"], ["d"]],
];

const JSON_CASES: readonly Case[] = [
  ["body", { json: { a: 1 } }, [octets('{"a":1,"b":2}')], [octets('{"a":2}'), octets("{"), octets(""), undefined]],
  [
    "body",
    { json: { a: { b: [1, { c: null }] } } },
    [octets('{"a":{"b":[1,{"c":null,"d":1}],"e":0}}')],
    [octets('{"a":{"b":[1]}}')],
  ],
  ["body", { json: [1, 2] }, [octets("[1,2]")], [octets("[1,2,3]"), octets("[2,1]"), octets('{"0":1}')]],
  ["body", { json: [] }, [octets("[]")], [octets("[1]"), octets("{}")]],
  ["body", { json: {} }, [octets("{}"), octets('{"a":1}'), octets("[]")], [octets("1"), octets("null")]],
  ["body", { json: null }, [octets("null")], [octets("0"), octets("")]],
  ["path", { json: "a" }, ['"a"'], ["a", undefined]],
  ["path", { json: false }, ["false"], ["0", "", undefined]],
  ["body", { json: JSON.parse('{"__proto__":1}') }, [octets('{"__proto__":1}')], [octets("{}")]],
  ["body", { json: { toString: 1 } }, [octets('{"toString":1}')], [octets("{}")]],
];

const MAPS: readonly Case[] = [
  [
    "headers",
    { Accept: "a" },
    [{ accept: "a" }, { accept: ["b", "a"], x: "y" }],
    [{ accept: "b" }, {}, undefined, "a"],
  ],
  ["headers", { a: "1", b: /2/ }, [{ a: "1", b: "22" }], [{ a: "1" }, { b: "2" }]],
  ["headers", { a: { present: false } }, [{}, { b: "" }, undefined], [{ a: "" }]],
  ["headers", { a: { not: "1" } }, [{ a: "2" }, {}], [{ a: "1" }, { a: ["2", "1"] }]],
  ["headers", { a: ["1", "2*"] }, [{ a: "1" }, { a: "23" }], [{ a: "3" }]],
  ["headers", [{ a: "1" }, { b: "2" }], [{ a: "1" }, { b: "2" }], [{ a: "2" }]],
  ["headers", {}, [{}, { a: "1" }, undefined], []],
  ["headers", { constructor: "x" }, [{ constructor: "x" }], [{}]],
  ["headers", JSON.parse('{"__proto__": "x"}'), [JSON.parse('{"__proto__": "x"}')], [{}]],
  ["headers", { not: "x" }, [{ not: "x" }], [{ not: "y" }, {}]],
  ["headers", (map: FieldValue) => Object.keys(map ?? {}).length > 1, [{ a: "1", b: "2" }], [{ a: "1" }, undefined]],
];

const TESTS: readonly Case[] = [
  ["path", (value: FieldValue) => value === "a", ["a"], ["b", undefined]],
  ["path", (value: FieldValue) => value, ["a"], ["", undefined]],
  ["to", (value: FieldValue) => Array.isArray(value) && value.length === 2, [["a", "b"]], [["a"], undefined]],
  ["size", [(value: FieldValue) => Number(value) % 2 === 0, 3], [2, 3], [5]],
];

describe.each([
  ["an exact value", EXACT],
  ["a glob", GLOBS],
  ["a pattern", PATTERNS],
  ["operators", OPERATORS],
  ["JSON", JSON_CASES],
  ["a map", MAPS],
  ["a test of one's own", TESTS],
])("%s", (_kind, cases) => {
  it.each(cases)("wanted of %s: %o", (field, wanted, yes, no) => {
    for (const value of yes) expect(test(field, wanted, value), `matches ${String(value)}`).toBe(true);
    for (const value of no) expect(test(field, wanted, value), `does not match ${String(value)}`).toBe(false);
  });
});

describe("what nothing could match", () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);

  it.each<[Field, unknown, string]>([
    ["path", 5, 'made.stub.when.path: the field is a text; write "5"'],
    ["path", true, 'made.stub.when.path: the field is a text; write "true"'],
    ["path", null, "made.stub.when.path: expected a value to match, got null"],
    ["path", 5n, "made.stub.when.path: expected a value to match, got 5"],
    ["path", Symbol("a"), "made.stub.when.path: expected a value to match, got Symbol(a)"],
    ["path", new Date(0), "made.stub.when.path: expected a value to match, got an instance of Date"],
    ["path", new Map(), "made.stub.when.path: expected a value to match, got an instance of Map"],
    ["path", octets("a"), "made.stub.when.path: the field is a text, and octets are none"],
    ["size", octets("a"), "made.stub.when.size: the field is a number, and octets are none"],
    ["headers", octets("a"), "made.stub.when.headers: the field is a map, and octets is none"],
    ["headers", "a", 'made.stub.when.headers: the field is a map, and "a" is none'],
    ["headers", "a*", 'made.stub.when.headers: the field is a map, and "a*" is none'],
    ["headers", /a/, "made.stub.when.headers: the field is a map, and /a/ is none"],
    ["headers", { a: 1 }, 'made.stub.when.headers.a: the field is a text; write "1"'],
    ["headers", { a: undefined }, "made.stub.when.headers.a: expected a value to match, got nothing"],
    ["headers", [{ a: "1" }, "b"], 'made.stub.when.headers[1]: the field is a map, and "b" is none'],
    ["to", true, 'made.stub.when.to: the field is a list of texts; write "true"'],
    ["body", "\ud800", "made.stub.when.body: the text has half a character in it, which no octets are"],
    [
      "body",
      { contains: "a\udc00" },
      "made.stub.when.body.contains: the text has half a character in it, which no octets are",
    ],
    ["body", 5, 'made.stub.when.body: the field is octets; write "5"'],
    ["size", "5", 'made.stub.when.size: the field is a number, and "5" is none'],
    ["size", "5*", 'made.stub.when.size: the field is a number, and "5*" is a text'],
    ["size", Number.NaN, "made.stub.when.size: no request has NaN here"],
    ["size", Number.POSITIVE_INFINITY, "made.stub.when.size: no request has Infinity here"],
    ["secure", "yes", 'made.stub.when.secure: the field is a boolean, and "yes" is none'],
    ["secure", 1, "made.stub.when.secure: the field is a boolean, and 1 is none"],
    ["verb", "GTE", 'made.stub.when.verb: no request has "GTE" here; did you mean "GET"?'],
    ["verb", "FETCH", 'made.stub.when.verb: no request has "FETCH" here; there are GET, PUT, QUIT'],
    ["verb", ["GET", "GTE"], 'made.stub.when.verb[1]: no request has "GTE" here; did you mean "GET"?'],
    ["verb", { not: "GTE" }, 'made.stub.when.verb.not: no request has "GTE" here; did you mean "GET"?'],
    ["path", [], "made.stub.when.path: the list is empty, so nothing could ever match"],
    ["path", ["a", []], "made.stub.when.path[1]: the list is empty, so nothing could ever match"],
    ["path", new Array(1), "made.stub.when.path[0]: expected a value to match, got nothing"],
    [
      "path",
      {},
      "made.stub.when.path: expected one of is, not, regex, flags, contains, min, max, present, json, got an empty map",
    ],
    ["path", { contians: "a" }, 'made.stub.when.path.contians: unknown operator, did you mean "contains"?'],
    ["path", { regex: "(" }, "made.stub.when.path.regex: invalid regular expression: /(/: Unterminated group"],
    ["path", { regex: "a", flags: "q" }, "made.stub.when.path.flags: invalid flags supplied to RegExp constructor 'q'"],
    [
      "path",
      { regex: "a", flags: "uv" },
      "made.stub.when.path.flags: invalid flags supplied to RegExp constructor 'uv'",
    ],
    ["path", { regex: 5 }, "made.stub.when.path.regex: expected a text, got 5"],
    ["path", { flags: "i" }, "made.stub.when.path.flags: flags belong to a regex, and there is none"],
    ["path", { contains: 5 }, "made.stub.when.path.contains: expected a text, got 5"],
    ["size", { contains: "5" }, "made.stub.when.size.contains: the field is a number, which contains nothing"],
    ["path", { min: 5 }, "made.stub.when.path: a range is for numbers, and the field is a string"],
    ["size", { min: 5, max: 4 }, "made.stub.when.size: min 5 is above max 4, so nothing could ever match"],
    ["size", { min: "5" }, 'made.stub.when.size.min: expected a number, got "5"'],
    ["size", { max: Number.NaN }, "made.stub.when.size.max: expected a number, got NaN"],
    ["size", { min: Number.POSITIVE_INFINITY }, "made.stub.when.size.min: expected a number, got Infinity"],
    ["path", { present: "no" }, 'made.stub.when.path.present: expected true or false, got "no"'],
    [
      "path",
      { present: false, contains: "a" },
      "made.stub.when.path: what is absent has no value to match, so nothing could ever match",
    ],
    [
      "size",
      { is: 3, min: 4 },
      "made.stub.when.size: what is wanted besides does not hold for the value of is, so nothing could ever match",
    ],
    [
      "name",
      { is: "ABC", contains: "B" },
      "made.stub.when.name: what is wanted besides does not hold for the value of is, so nothing could ever match",
    ],
    ["path", { is: null }, "made.stub.when.path.is: expected a text, a number, true or false, got null"],
    ["path", { is: 5 }, 'made.stub.when.path.is: the field is a text; write "5"'],
    ["path", { not: null }, "made.stub.when.path.not: expected a value to match, got null"],
    ["size", { json: 5 }, "made.stub.when.size.json: the field is a number, which is no JSON text"],
    ["body", { json: { a: [1, () => 1] } }, "made.stub.when.body.json.a[1]: expected a value of JSON, got a function"],
    ["body", { json: /a/ }, "made.stub.when.body.json: expected a value of JSON, got /a/"],
    [
      "body",
      { json: { at: new Date(0) } },
      "made.stub.when.body.json.at: expected a value of JSON, got an instance of Date",
    ],
    ["body", { json: { a: Number.NaN } }, "made.stub.when.body.json.a: expected a value of JSON, got NaN"],
    ["body", { json: { a: undefined } }, "made.stub.when.body.json.a: expected a value of JSON, got nothing"],
    [
      "path",
      async () => true,
      "made.stub.when.path: a test must say true or false at once: it cannot be async, nor a generator",
    ],
  ])("is refused: %s: %o", (field, wanted, problem) => {
    expect(problemOf(field, wanted)).toBe(problem);
  });
});

it("refuses a class, which nobody can call", () => {
  expect(problemOf("path", class Wanted {})).toBe("made.stub.when.path: a class is no test: it cannot be called");
});

describe("a pattern", () => {
  it("is the user's, whose place in its own text stays where it is", () => {
    const pattern = /a/g;
    pattern.lastIndex = 3;
    expect(test("path", pattern, "a")).toBe(true);
    expect(pattern.lastIndex).toBe(3);
  });

  it("has its remedy for a word that a closed list has not", () => {
    const { remedies } = mistakeOf(() => matcherOf("FETCH", FIELDS.verb, place.at("when", "verb")));
    expect(remedies).toEqual(['{ regex: "^FETCH$" }']);
  });
});

describe("what can be looked up", () => {
  it.each<[Field, unknown, readonly unknown[] | undefined]>([
    ["path", "a", ["a"]],
    ["name", "A", ["a"]],
    ["path", { is: "a*" }, ["a*"]],
    ["path", ["a", ["b", { is: "c" }]], ["a", "b", "c"]],
    ["size", [1, 2], [1, 2]],
    ["path", "a*", undefined],
    ["path", ["a", /b/], undefined],
    ["path", { is: "a", not: "b" }, undefined],
    ["path", { not: "a" }, undefined],
    ["body", "a", undefined],
    ["to", "a", undefined],
    ["headers", { a: "1" }, undefined],
  ])("of %s %o", (field, wanted, exact) => {
    expect(matcherOf(wanted, FIELDS[field], place).exact).toEqual(exact);
  });
});
