import { describe, expect, it } from "vitest";
import { fromLatin1, toLatin1 } from "../../src/wire/bytes.ts";
import { type BareLineFeed, DotDecoder } from "../../src/wire/dot-stuffing.ts";
import { seededRandom } from "../../src/world/random.ts";

interface Decoded {
  readonly text: string;
  readonly rest: string;
  readonly bareLineFeeds: number;
  readonly longestLine: number;
}

/** Decodes what comes in pieces; `undefined` if the final dot did not come. */
function decode(pieces: readonly string[], policy?: BareLineFeed): Decoded | undefined {
  let text = "";
  let rest = "";
  const decoder = new DotDecoder((octets) => {
    text += toLatin1(octets);
  }, policy);
  for (const piece of pieces) {
    if (decoder.ended) rest += piece;
    else rest += piece.slice(decoder.push(fromLatin1(piece)));
  }
  const { bareLineFeeds, longestLine } = decoder;
  return decoder.ended ? { text, rest, bareLineFeeds, longestLine } : undefined;
}

describe("text that ends with a line of one dot", () => {
  it.each([
    [".\r\n", "", ""],
    ["a\r\n.\r\n", "a\r\n", ""],
    ["a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n"],
    ["..\r\n.\r\n", ".\r\n", ""],
    ["...a\r\n.\r\n", "..a\r\n", ""],
    [".a\r\n.\r\n", "a\r\n", ""],
    ["a.\r\n.b.\r\n.\r\n", "a.\r\nb.\r\n", ""],
    ["\r\n\r\n.\r\n", "\r\n\r\n", ""],
    ["a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n", ""],
    ["a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", ""],
    ["a\r.\r\r\n.\r\n", "a\r.\r\r\n", ""],
    ["\0\xff\r\n.\r\n", "\0\xff\r\n", ""],
  ])("%j is %j, and then %j", (octets, text, rest) => {
    expect(decode([octets])).toMatchObject({ text, rest });
    expect(decode([...octets])).toMatchObject({ text, rest });
  });

  it.each([
    "",
    ".",
    ".\r",
    "a.\r\n",
    "a\n.\n",
    "a\r\n.\n",
    "a\n.\r\n",
    "\r.\r",
    "a\r.\r\n",
    "a\r\n..\r\n",
    "a\r\n.\r\r",
  ])("%j has not ended", (octets) => {
    expect(decode([octets])).toBeUndefined();
    expect(decode([...octets])).toBeUndefined();
  });

  it.each([
    ["a\nb\r\n.\r\n", "a\nb\r\n", 1],
    ["\n\n\r\n.\r\n", "\n\n\r\n", 2],
    ["a\r\n.\n.\n\r\n.\r\n", "a\r\n\n.\n\r\n", 2],
  ])("%j holds bare line feeds that are content", (octets, text, bareLineFeeds) => {
    expect(decode([octets])).toMatchObject({ text, bareLineFeeds });
    expect(decode([...octets])).toMatchObject({ text, bareLineFeeds });
  });

  it.each([
    ["a\nb\n.\nQUIT", "a\r\nb\r\n", "QUIT"],
    ["a\n.\r\nQUIT", "a\r\n", "QUIT"],
    ["a\r\n.\nQUIT", "a\r\n", "QUIT"],
    [".\nQUIT", "", "QUIT"],
    ["..a\n.\n", ".a\r\n", ""],
    ["\n\n.\n", "\r\n\r\n", ""],
  ])("%j ends at a bare line feed where that ends lines", (octets, text, rest) => {
    expect(decode([octets], "line-end")).toMatchObject({ text, rest });
    expect(decode([...octets], "line-end")).toMatchObject({ text, rest });
  });

  it.each([
    ["", 0],
    ["abc\r\n", 5],
    ["abc\r\n\r\na\r\n", 5],
    ["..a\r\n", 4],
    [".\ra\r\n", 4],
  ])("%j has a longest line of %i octets", (octets, longestLine) => {
    expect(decode([`${octets}.\r\n`])).toMatchObject({ longestLine });
    expect(decode([...octets, ".\r\n"])).toMatchObject({ longestLine });
  });

  it("is what was stuffed, in whatever pieces it comes", () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = seededRandom(seed);
      const tokens = ["\r\n", "\r\n", ".", ".", "\r", "a", "\0", "xyz"];
      let text = "";
      for (let left = random() * 30; left > 0; left -= 1) text += tokens[Math.floor(random() * tokens.length)];
      // A text ends with CRLF; a CR before one would begin it.
      text = text === "" ? "" : `${text}z\r\n`;
      const stuffed = `${text.replace(/(^|\r\n)\./g, "$1..")}.\r\n`;
      const pieces: string[] = [];
      for (let at = 0; at < stuffed.length; at += pieces.at(-1)?.length ?? 0)
        pieces.push(stuffed.slice(at, at + 1 + Math.floor(random() * 5)));
      expect(decode(pieces), JSON.stringify(stuffed)).toMatchObject({ text, rest: "", bareLineFeeds: 0 });
    }
  });
});
