import { describe, expect, it } from "vitest";
import { differences, printDifference } from "../../src/journal/differences.ts";
import type { WantedFields } from "../../src/journal/wanted.ts";
import { fromUtf8 } from "../../src/wire/bytes.ts";

const LONG = "x".repeat(300);
const FIELDS = {
  to: "bob@example.test",
  subject: "Hello",
  size: 7,
  body: fromUtf8("über"),
  long: `${LONG}a`,
  recipients: ["alice", "bob"],
  headers: { host: "a", accept: "text/html" },
};

describe("differences", () => {
  it.each<[WantedFields, string[]]>([
    [{ to: "bob@example.test", size: 7 }, []],
    [{ to: "alice@example.test" }, ['to: wanted "alice@example.test", was "bob@example.test"']],
    [{ subject: /code/, size: { min: 8 } }, ['subject: wanted /code/, was "Hello"', "size: wanted { min: 8 }, was 7"]],
    [{ cc: "carol" }, ['cc: wanted "carol", was absent']],
    [{ to: undefined }, ['to: wanted absent, was "bob@example.test"']],
    [{ cc: undefined }, []],
    [{ body: "über" }, ['body: wanted "über", was "über"']],
    [{ body: /über/ }, []],
    [{ body: fromUtf8("unter") }, ['body: wanted "unter", was "über"']],
    [{ recipients: "bob" }, []],
    [{ recipients: ["alice"] }, ['recipients: wanted ["alice"], was ["alice", "bob"]']],
    [{ recipients: ["alice", /^b/] }, []],
    [{ headers: { host: "b", accept: /html/ } }, ['headers.host: wanted "b", was "a"']],
    [{ headers: { cookie: undefined } }, []],
    [{ headers: "a" }, ['headers: wanted "a", was { host: "a", accept: "text/html" }']],
    [{ to: (value) => value === 1 }, ['to: wanted (value) => value === 1, was "bob@example.test"']],
    [{ long: "x" }, [`long: wanted "x", was "${LONG.slice(0, 80)}"... (301 characters)`]],
    [{ long: `${LONG}b` }, [`long: wanted ..."${"x".repeat(20)}b", was ..."${"x".repeat(20)}a"`]],
  ])("of %o", (wanted, lines) => {
    expect(differences(FIELDS, wanted).map(printDifference)).toEqual(lines);
  });

  it("are not found where only a prototype has the field", () => {
    expect(differences({}, { toString: undefined })).toEqual([]);
    expect(differences({ headers: {} }, { headers: { constructor: "x" } })).toHaveLength(1);
  });
});
