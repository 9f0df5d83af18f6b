import { describe, expect, it } from "vitest";
import { readPath } from "../../../services/smtp/path.ts";

describe("a path", () => {
  it.each([
    ["<>", ""],
    ["<me@there.test>", "me@there.test"],
    ["<Me.and.You+tag@There.Test>", "Me.and.You+tag@There.Test"],
    ["<postmaster>", "postmaster"],
    ["<!#$%&'*+-/=?^_`{|}~@there.test>", "!#$%&'*+-/=?^_`{|}~@there.test"],
    ["<@one.test:me@there.test>", "me@there.test"],
    ["<@one.test,@two.test:me@there.test>", "me@there.test"],
    ['<"me"@there.test>', "me@there.test"],
    ['<"me too"@there.test>', '"me too"@there.test'],
    ['<"a\\b\\ c"@there.test>', '"ab c"@there.test'],
    ['<"a\\"b\\\\c"@there.test>', '"a\\"b\\\\c"@there.test'],
    ['<""@there.test>', '""@there.test'],
    ['<"a@b>c"@there.test>', '"a@b>c"@there.test'],
    ["<me@my_host>", "me@my_host"],
    ["<me@[192.0.2.1]>", "me@[192.0.2.1]"],
    ["<me@[IPv6:::]>", "me@[IPv6:::]"],
    ["<me@[IPv6:2001:db8::7]>", "me@[IPv6:2001:db8::7]"],
    ["<me@[IPv6:1:2:3:4:5:6:7:8]>", "me@[IPv6:1:2:3:4:5:6:7:8]"],
    ["<me@[IPv6:::ffff:192.0.2.1]>", "me@[IPv6:::ffff:192.0.2.1]"],
    ["<me@[X-tag:anything]>", "me@[X-tag:anything]"],
    ["<müller@grün.test>", "müller@grün.test"],
  ])("%s is %j", (text, address) => {
    expect(readPath(text, 0)).toMatchObject({ address, end: text.length });
  });

  it.each([
    "",
    "<",
    "<<>>",
    "me@there.test",
    "<me@there.test",
    "<@there.test>",
    "<me@>",
    "<me@@there.test>",
    "<.me@there.test>",
    "<me.@there.test>",
    "<m..e@there.test>",
    "<me@there..test>",
    "<me@there.test.>",
    "<me @there.test>",
    "<me@ there.test>",
    "<me,you@there.test>",
    '<"me@there.test>',
    '<"me"you@there.test>',
    '<"m\te"@there.test>',
    "<@one.test me@there.test>",
    "<@one.test:>",
    "<me@[192.0.2]>",
    "<me@[192.0.2.1.]>",
    "<me@[192.0.2.256]>",
    "<me@[192.0.2.01]>",
    "<me@[]>",
    "<me@[IPv6:]>",
    "<me@[IPv6:1:2:3:4:5:6:7]>",
    "<me@[IPv6:1::2::3]>",
    "<me@[IPv6:1:2:3:4:5:6:7::8]>",
    "<me@[IPv6:12345::]>",
    "<me@[IPv6:192.0.2.1::]>",
    "<me@[tag]>",
    "<m\0e@there.test>",
    "<me\x7f@there.test>",
  ])("%j is none", (text) => {
    expect(readPath(text, 0)).toBeUndefined();
  });

  it("ends at its >, wherever it began", () => {
    expect(readPath("FROM:<me@there.test> SIZE=1", 5)).toEqual({
      address: "me@there.test",
      local: "me",
      domain: "there.test",
      international: false,
      end: 20,
    });
  });

  it.each([
    ["a", "@there.test"],
    ["a.", ""],
    ["@a,", ""],
    ['"', ""],
    ["\\", ""],
    ["a@[IPv6::", ""],
  ])("of %j, 200,000 times over, is read in no time", (part, rest) => {
    const text = `<${part.repeat(200_000)}${rest}`;
    const before = performance.now();
    readPath(text, 0);
    expect(performance.now() - before).toBeLessThan(1000);
  });
});
