import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/world/random.ts";
import { scene } from "./fixture.ts";

/** What comes of so many requests in a row: a code, or `-` where no rule says anything. */
function answers(rule: object, requests: number): string {
  const { add, ask } = scene();
  add(rule);
  return Array.from({ length: requests }, () => ask() ?? "-").join(" ");
}

describe("how often a rule answers", () => {
  it.each<[string, object, string]>([
    ["each time, if nothing is said", { reply: 1 }, "1 1 1 1 1 1"],
    ["so many times", { reply: 1, times: 2 }, "1 1 - - - -"],
    ["once", { reply: 1, times: 1 }, "1 - - - - -"],
    ["every so-manieth time", { reply: 1, every: 3 }, "- - 1 - - 1"],
    ["every time", { reply: 1, every: 1 }, "1 1 1 1 1 1"],
    ["every second time, twice", { reply: 1, every: 2, times: 2 }, "- 1 - 1 - -"],
    ["the how-manieth time", { when: { nth: 2 }, reply: 1 }, "- 1 - - - -"],
    ["some of them", { when: { nth: [1, 4, 4, 100] }, reply: 1 }, "1 - - 1 - -"],
    ["from one on", { when: { nth: { min: 4 } }, reply: 1 }, "- - - 1 1 1"],
    ["up to one", { when: { nth: { max: 2 } }, reply: 1 }, "1 1 - - - -"],
    ["from one to another", { when: { nth: { min: 2, max: 3 } }, reply: 1 }, "- 1 1 - - -"],
    [
      "of those that nth means, those that every does",
      { when: { nth: { min: 3 } }, every: 2, reply: 1 },
      "- - - 1 - 1",
    ],
    ["a sequence, once through", { sequence: [{ reply: 1 }, { reply: 2 }, { reply: 3 }] }, "1 2 3 - - -"],
    ["a sequence of replies", { reply: [1, 2] }, "1 2 - - - -"],
    ["a sequence of one", { reply: [1] }, "1 1 1 1 1 1"],
    ["a sequence again and again", { reply: [1, 2], repeat: true }, "1 2 1 2 1 2"],
    ["a sequence again, so many in all", { reply: [1, 2], repeat: true, times: 3 }, "1 2 1 - - -"],
    ["the last of a sequence for the rest of its times", { reply: [1, 2], times: 4 }, "1 2 2 2 - -"],
    ["with the service's own answer between", { sequence: [{ reply: 1 }, {}, { reply: 3 }] }, "1 own 3 - - -"],
    [
      "with faults between",
      { sequence: [{ fault: "reset" }, { fault: { delay: 5 } }, { reply: 1 }] },
      "instead faults 1 - - -",
    ],
    ["a sequence every second time", { reply: [1, 2], every: 2 }, "- 1 - 2 - -"],
    ["replies that share a fault", { reply: [1, 2], fault: { delay: 5 } }, "1 2 - - - -"],
    ["a sequence from the how-manieth on", { when: { nth: { min: 2 } }, reply: [1, 2] }, "- 1 2 - - -"],
  ])("%s", (_how, rule, expected) => {
    expect(answers(rule, 6)).toBe(expected);
  });

  it("counts only requests that match", () => {
    const { add, ask } = scene();
    add({ when: { verb: "GET", nth: 2 }, reply: 1 });
    const verbs = ["GET", "PUT", "PUT", "GET", "GET"];
    expect(verbs.map((verb) => ask({ verb }) ?? "-").join(" ")).toBe("- - - 1 -");
  });
});

describe("chance", () => {
  const pattern = (seed: number) => {
    const { add, ask } = scene({ random: seededRandom(seed) });
    add({ reply: 1, chance: 0.3 });
    return Array.from({ length: 1000 }, () => (ask() ? "1" : "-")).join("");
  };

  it("is the same again with the same seed, and another with another", () => {
    expect(pattern(7)).toBe(pattern(7));
    expect(pattern(7)).not.toBe(pattern(8));
  });

  it("strikes about as often as it says", () => {
    const struck = pattern(7).replaceAll("-", "").length;
    expect(struck).toBeGreaterThan(250);
    expect(struck).toBeLessThan(350);
  });

  it("draws nothing where it is 1, nor for a match that would not count anyway", () => {
    let drawn = 0;
    const { add, ask } = scene({
      random: () => {
        drawn += 1;
        return 0;
      },
    });
    add({ reply: 1, chance: 1 });
    ask();
    expect(drawn).toBe(0);
    add({ reply: 2, chance: 0.5, every: 2 });
    ask();
    expect(drawn).toBe(0);
    ask();
    expect(drawn).toBe(1);
  });
});

describe("a time", () => {
  it("ends a rule, and what was before it is there again", () => {
    const { add, ask, clock } = scene();
    add({ reply: 1 });
    const rule = add({ reply: 2, for: "10s" });
    clock.advance("9s");
    clock.advance(999);
    expect([ask(), rule.isActive]).toEqual([2, true]);
    clock.advance(1);
    expect([ask(), rule.isActive]).toEqual([1, false]);
  });

  it.each<[number | string, number]>([
    [50, 50],
    ["50ms", 50],
    ["1.5s", 1500],
    ["2 m", 120_000],
    ["1h", 3_600_000],
  ])("may be written %j", (written, ms) => {
    const { add, ask, clock } = scene();
    add({ reply: 1, for: written });
    clock.advance(ms - 1);
    expect(ask()).toBe(1);
    clock.advance(1);
    expect(ask()).toBeUndefined();
  });
});
