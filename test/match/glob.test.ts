import { describe, expect, it } from "vitest";
import { globPattern } from "../../src/match/glob.ts";

/** Every combination of stars, tried one after the other. */
function isMatch(glob: string, text: string): boolean {
  const isPath = glob.startsWith("/");
  const from = (at: number, place: number): boolean => {
    const character = glob[at];
    if (character === undefined) return place === text.length;
    const isDeep = !isPath || glob[at + 1] === "*";
    if (character === "*") {
      const next = glob[at + 1] === "*" ? at + 2 : at + 1;
      for (let end = place; end <= text.length; end += 1) {
        if (from(next, end)) return true;
        if (!isDeep && text[end] === "/") return false;
      }
      return false;
    }
    if (place === text.length) return false;
    const isHere = character === "?" ? !isPath || text[place] !== "/" : character === text[place];
    return isHere && from(at + 1, place + 1);
  };
  return from(0, 0);
}

/** Texts over an alphabet, in an order that a seed fixes. */
function* texts(alphabet: string, count: number, longest: number): Generator<string> {
  let state = 1;
  const next = (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  for (let made = 0; made < count; made += 1) {
    yield Array.from({ length: next(longest + 1) }, () => alphabet[next(alphabet.length)]).join("");
  }
}

describe("a glob", () => {
  it.each(["", "/"])("that begins with %j matches what some combination of its stars does", (beginning) => {
    const subjects = [...texts("ab/", 150, 7)].map((text) => beginning + text);
    const globs = [...texts("ab/**?", 400, 6)].map((text) => (beginning + text).replace(/\*{3,}/g, "**"));
    let matches = 0;
    for (const glob of globs) {
      const pattern = globPattern(glob);
      for (const subject of subjects) {
        const expected = isMatch(glob, subject);
        expect([glob, subject, pattern.test(subject)]).toEqual([glob, subject, expected]);
        if (expected) matches += 1;
      }
    }
    expect(matches).toBeGreaterThan(1000);
  });

  it.each([
    ["*a*b*c*d*e", "abcd".repeat(4000)],
    ["/*-*-*-*.json", `/${"-".repeat(16_000)}`],
    ["/**a/*b*c*d", `/${"abcd".repeat(1000)}`],
    ["/**/a/**/b/**/c", "/a/b".repeat(1000)],
    ["*?*?*?x", "y".repeat(16_000)],
  ])("%s says no at once, however long the text", (glob, text) => {
    const pattern = globPattern(glob);
    const begun = performance.now();
    expect(pattern.test(text)).toBe(false);
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  it("takes what is escaped, and characters of two units, for one", () => {
    expect(["*", "x"].map((text) => globPattern("\\*").test(text))).toEqual([true, false]);
    expect(["😀!", "😀😀!", "!"].map((text) => globPattern("?!").test(text))).toEqual([true, false, false]);
    expect(globPattern("*😀*1*2").test("a😀b1c2")).toBe(true);
  });
});
