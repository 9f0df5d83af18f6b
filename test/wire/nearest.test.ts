import { describe, expect, it } from "vitest";
import { nearest, nearestFew } from "../../src/wire/nearest.ts";

const words = ["smtp", "http", "https", "dns", "discard", "daytime", "command"];

describe("the nearest word", () => {
  it.each([
    ["smpt", "smtp"],
    ["SMTP", "smtp"],
    ["stmp", "smtp"],
    ["htps", "https"],
    ["comand", "command"],
    ["dsn", "dns"],
    ["discrad", "discard"],
    ["quartermaster", undefined],
    ["x", undefined],
    ["", undefined],
  ])("to %j is %s", (word, expected) => {
    expect(nearest(word, words)).toBe(expected);
  });

  it("comes first, and as many follow as were asked for", () => {
    expect(nearestFew("htp", ["https", "http", "ftp", "htpd"], 2)).toHaveLength(2);
    expect(nearestFew("abcdefghi", ["abcdefgzz", "abcdefghz"], 5)).toEqual(["abcdefghz", "abcdefgzz"]);
  });
});
