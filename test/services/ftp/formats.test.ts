import { describe, expect, it } from "vitest";
import { DEFAULT_FACTS, factsIn, factsOf, parseTimeVal, timeVal } from "../../../services/ftp/facts.ts";
import { unixLine, withoutFlags } from "../../../services/ftp/listings.ts";
import { matchesWildcards } from "../../../services/ftp/wildcards.ts";
import { parseCommand, renderReply } from "../../../services/ftp/wire.ts";
import type { FileStat } from "../../../src/contract/world.ts";
import { fromLatin1, toLatin1 } from "../../../src/wire/bytes.ts";
import { Conversation } from "./conversation.ts";

const FILE: FileStat = {
  path: "/a/b",
  name: "b",
  type: "file",
  octets: 12,
  modified: Date.UTC(2001, 1, 3, 4, 5, 6, 789),
};
const DIRECTORY: FileStat = { ...FILE, type: "directory", octets: 0 };

describe("a line of LIST", () => {
  it.each([
    [FILE, "-rw-r--r--   1 ftp      ftp               12 Feb  3  2001 b"],
    [DIRECTORY, "drwxr-xr-x   1 ftp      ftp                0 Feb  3  2001 b"],
    [
      { ...FILE, octets: 123_456_789_012, name: "big one" },
      "-rw-r--r--   1 ftp      ftp      123456789012 Feb  3  2001 big one",
    ],
    [{ ...FILE, modified: Date.UTC(1999, 11, 31) }, "-rw-r--r--   1 ftp      ftp               12 Dec 31  1999 b"],
  ])("%# is as ls prints it", (stat, line) => {
    expect(unixLine(stat)).toBe(line);
  });

  it("of a name with control characters is one line all the same", () => {
    const conversation = Conversation.loggedIn();
    conversation.context.world.file("/odd/a\r\nb\x1b", "");
    expect(conversation.retrieve("NLST odd")).toBe("odd/a??b?\r\n");
    expect(conversation.retrieve("LIST odd")).toMatch(/ a\?\?b\?\r\n$/);
    expect(conversation.retrieve("MLSD odd")).toMatch(/; a\?\?b\?\r\n$/);
    expect(conversation.lines("STAT odd").split("\r\n")).toHaveLength(3);
  });

  it.each([
    ["", ""],
    ["-la", ""],
    ["-l -a", ""],
    ["-la pub", "pub"],
    ["-CF  pub -x", "pub -x"],
    ["pub", "pub"],
    ["./-la", "./-la"],
    ["-", ""],
    ["-a.txt", "-a.txt"],
  ])("with the argument %j is of %j", (argument, path) => {
    expect(withoutFlags(argument)).toBe(path);
  });

  it.each([
    ["*", "anything", true],
    ["*", "", true],
    ["", "", true],
    ["", "x", false],
    ["*.txt", "a.txt", true],
    ["*.txt", "a.text", false],
    ["?", "", false],
    ["?b*d", "abcd", true],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["a.c", "abc", false],
    ["*a*a*a*a*a*a*a*a*a*a*a*a*b", "a".repeat(5000), false],
  ])("the pattern %j and the name %s", (pattern, name, matches) => {
    expect(matchesWildcards(pattern, name)).toBe(matches);
  });
});

describe("facts", () => {
  it.each([
    ["alice's", FILE, () => true, "type=file;size=12;modify=20010203040506;perm=adfrw;"],
    ["a guest's", FILE, () => false, "type=file;size=12;modify=20010203040506;perm=r;"],
    ["alice's", DIRECTORY, () => true, "type=dir;modify=20010203040506;perm=elcmpdf;"],
    ["a guest's", DIRECTORY, () => false, "type=dir;modify=20010203040506;perm=el;"],
    [
      "a guest's who may write inside",
      DIRECTORY,
      (path: string) => path === "/a/b/x",
      "type=dir;modify=20010203040506;perm=elcmp;",
    ],
    ["alice's", { ...DIRECTORY, path: "/", name: "" }, () => true, "type=dir;modify=20010203040506;perm=elcmp;"],
  ])("%# are %s", (_whose, stat, mayWrite, expected) => {
    expect(factsOf(stat, DEFAULT_FACTS, mayWrite)).toBe(expected);
  });

  it.each([
    ["Perm;TYPE;", ["type", "perm"]],
    ["size", ["size"]],
    ["unix.mode;", []],
    ["", []],
  ])("asked for as %j are %j", (text, facts) => {
    expect(factsIn(text)).toEqual(facts);
  });

  it.each([
    ["19980615100045.014", Date.UTC(1998, 5, 15, 10, 0, 45)],
    ["20240229000000", Date.UTC(2024, 1, 29)],
    ["20230229000000", undefined],
    ["20260101240000", undefined],
    ["20261301000000", undefined],
    ["00000000000000", undefined],
    ["2026010100000", undefined],
    ["20260101000000.", undefined],
    ["", undefined],
  ])("the time %j", (text, time) => {
    expect(parseTimeVal(text)).toBe(time);
    if (time !== undefined) expect(timeVal(time)).toBe(text.slice(0, 14));
  });
});

describe("the control connection's lines", () => {
  it.each([
    ["retr a", "RETR", "a"],
    ["NOOP", "NOOP", ""],
    ["NOOP ", "NOOP", ""],
    ["RETR  two spaces ", "RETR", " two spaces "],
    ["FEATURE x", "", "FEATURE x"],
    [" NOOP", "", " NOOP"],
    ["", "", ""],
    ["NOOP\tx", "", "NOOP\tx"],
    ["RETR \xc3\xa9", "RETR", "\u00e9"],
    ["RETR \xe9", "RETR", "\u00e9"],
    ["RETR a\rb", "RETR", "a\rb"],
  ])("%j is %s with %j", (line, verb, argument) => {
    expect(parseCommand(fromLatin1(line), true)).toEqual({ verb, argument });
  });

  it.each([
    ["one", "250 one\r\n"],
    ["one\ntwo", "250-one\r\n250 two\r\n"],
    ["one\n250 looks like the end\ntwo", "250-one\r\n 250 looks like the end\r\n250 two\r\n"],
    ["", "250 \r\n"],
  ])("the text %j is rendered as %j", (text, octets) => {
    expect(toLatin1(renderReply({ code: 250, text }, true))).toBe(octets);
  });
});
