import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fields } from "../../src/contract/machine.ts";
import type { Rule } from "../../src/stub/rule.ts";
import { RuleIndex } from "../../src/stub/rule-index.ts";
import { ASKER, scene } from "./fixture.ts";

const word = fc.constantFrom("a", "b", "ab", "c");
const few = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 3 });
const wantedText = fc.oneof(
  word,
  few(word),
  fc.constantFrom("a*", "*"),
  word.map((is) => ({ is })),
  word.map((not) => ({ not })),
  fc.constant({ present: false }),
  word.map((text) => new RegExp(text)),
);
const wantedNumber = fc.oneof(fc.nat(3), few(fc.nat(3)), fc.record({ min: fc.nat(3) }));

const when = fc.record(
  {
    verb: fc.oneof(fc.constantFrom("GET", "put", "Quit"), few(fc.constantFrom("GET", "PUT"))),
    path: wantedText,
    size: wantedNumber,
    to: wantedText,
    secure: fc.boolean(),
  },
  { requiredKeys: [] },
);
const rule = fc.record(
  { when, reply: fc.nat(1000), times: fc.integer({ min: 1, max: 3 }), every: fc.integer({ min: 1, max: 3 }) },
  { requiredKeys: ["when", "reply"] },
);
const request = fc.record(
  {
    verb: fc.constantFrom("GET", "PUT", "QUIT"),
    // A text is a list now and then, as a header is that comes twice.
    path: fc.oneof(word, fc.array(word, { maxLength: 3 })),
    size: fc.oneof(fc.nat(3), fc.array(fc.nat(3), { maxLength: 3 })),
    to: fc.array(word, { maxLength: 3 }),
    secure: fc.boolean(),
  },
  { requiredKeys: [] },
);

type Command =
  | { readonly do: "add"; readonly rule: object }
  | { readonly do: "remove"; readonly which: number }
  | { readonly do: "ask"; readonly request: Fields };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: rule.map((one) => ({ do: "add", rule: one }) as const) },
  { weight: 1, arbitrary: fc.nat(30).map((which) => ({ do: "remove", which }) as const) },
  { weight: 4, arbitrary: request.map((one) => ({ do: "ask", request: one as Fields }) as const) },
);

/** Every rule, asked one after the other, the latest first. */
class Scan {
  readonly #rules: Rule[] = [];

  add(one: Rule): void {
    this.#rules.unshift(one);
  }

  answer(asked: Fields): unknown {
    for (const one of this.#rules) {
      if (!one.isActive || !one.isMatch(asked, ASKER)) continue;
      const step = one.take(asked);
      if (step) return step.reply;
    }
    return undefined;
  }
}

describe("the index", () => {
  it("gives the answers that asking every rule in turn gives, whatever is added and removed", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const indexed = scene();
        const scanned = scene();
        const scan = new Scan();
        const made: (readonly [Rule, Rule])[] = [];
        for (const one of commands) {
          if (one.do === "add") {
            const twins = [indexed.add(one.rule), scanned.add(one.rule)] as const;
            made.push(twins);
            scan.add(twins[1]);
          } else if (one.do === "remove") {
            const twins = made[one.which];
            if (!twins) continue;
            indexed.set.remove(twins[0]);
            twins[1].remove();
          } else {
            const answer = scan.answer(one.request);
            expect(indexed.ask(one.request)).toEqual(answer);
          }
        }
        expect(made.map(([one]) => one.count)).toEqual(made.map(([, other]) => other.count));
        expect(made.map(([one]) => one.seen)).toEqual(made.map(([, other]) => other.seen));
      }),
      { numRuns: 1500, seed: 1 },
    );
  });

  it("never says of a request that no rule could match it, and then one does", () => {
    const varying = fc.subarray(["verb", "path", "size", "to", "secure"]);
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 10 }), request, request, varying, (rules, one, other, names) => {
        const { set, add, ask } = scene();
        for (const each of rules) add({ when: each.when, reply: each.reply });
        const could = set.forSession(ASKER, () => undefined).couldMatch(one as Fields, names);
        const varied = { ...one, ...Object.fromEntries(names.map((name) => [name, (other as Fields)[name]])) };
        if (!could) expect(ask(varied)).toBeUndefined();
        if (names.length === 0) expect(could).toBe(ask(one) !== undefined);
      }),
      { numRuns: 1500, seed: 1 },
    );
  });

  it("has no rule twice among those that may match, the latest first", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 12 }), request, (rules, asked) => {
        const { add } = scene();
        const index = new RuleIndex();
        const all = rules.map((each) => add(each));
        for (const each of all) index.add(each);
        const orders = index.candidates(asked as Fields).map(({ order }) => order);
        expect(orders).toEqual([...new Set(orders)].sort((a, b) => b - a));
        expect(orders).toEqual(expect.arrayContaining(matching(all, asked as Fields)));
      }),
    );
  });

  it("does not ask rules that want another exact value", () => {
    const { add } = scene();
    const index = new RuleIndex();
    const rules = Array.from({ length: 1000 }, (_, size) => add({ when: { size, verb: "GET" }, reply: size }));
    for (const each of rules) index.add(each);
    // The first did not know yet that there would be others of the same verb.
    expect(index.candidates({ verb: "GET", size: 500 })).toEqual([rules[500], rules[0]]);
    expect(index.candidates({ verb: "PUT", size: 500 })).toEqual([rules[500]]);
  });

  it("is empty when all that was added is removed, twice as well as once", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 12 }), request, (rules, asked) => {
        const { add } = scene();
        const index = new RuleIndex();
        const all = rules.map((each) => add(each));
        for (const each of all) index.add(each);
        expect(index.size).toBe(all.length);
        for (const each of [...all, ...all]) index.remove(each);
        expect([index.size, index.candidates(asked as Fields)]).toEqual([0, []]);
      }),
    );
  });
});

function matching(rules: readonly Rule[], asked: Fields): number[] {
  return rules.filter((each) => each.isMatch(asked, ASKER)).map(({ order }) => order);
}
