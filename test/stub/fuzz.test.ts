import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FieldSpec, Service } from "../../src/contract/service.ts";
import { PortwrightError } from "../../src/errors.ts";
import { FAULT_KEYS } from "../../src/stub/fault-input.ts";
import type { Rule } from "../../src/stub/rule.ts";
import { CIRCUMSTANCES, RULE_KEYS } from "../../src/stub/rule-input.ts";
import { scene } from "./fixture.ts";
import { ALL, goodRules } from "./good-rules.ts";
import { junk, mutated } from "./mutations.ts";
import { witnessOf } from "./witness-of.ts";

/** The same every time; others, and more, by night: `PORTWRIGHT_FUZZ=20000`. */
const { PORTWRIGHT_FUZZ } = process.env;
const RUNS = PORTWRIGHT_FUZZ === undefined ? { numRuns: 1000, seed: 1 } : { numRuns: Number(PORTWRIGHT_FUZZ) };

const mapOf = (keys: readonly string[]) =>
  fc.dictionary(
    fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...keys) }, { weight: 1, arbitrary: fc.string() }),
    junk,
    {
      maxKeys: 4,
    },
  );

/** The rule's own kind of map, with anything in it. */
const shaped = (fields: readonly string[]) =>
  fc.oneof(
    junk,
    mapOf(RULE_KEYS),
    fc.record({ when: mapOf([...fields, ...CIRCUMSTANCES]), fault: fc.constant("reset") }),
    fc.record({ fault: mapOf(FAULT_KEYS) }),
    fc.record({ reply: junk }),
    fc.record({ sequence: fc.array(mapOf(["reply", "fault", "hold"]), { maxLength: 3 }) }),
  );

/** The rule, or the error that its user is told; anything else that is thrown fails the test. */
function compiled(service: Service, rule: unknown): Rule | PortwrightError {
  try {
    return scene({ service, name: service.name, random: () => 0 }).add(rule);
  } catch (error) {
    if (error instanceof PortwrightError && error.code === "RULE_INVALID") return error;
    throw error;
  }
}

function isTold(error: PortwrightError, service: Service): void {
  expect(error.place).toMatch(new RegExp(`^${service.name}\\.stub($|[.[])`));
  expect(error.message.startsWith(`${error.place}: `)).toBe(true);
  expect(error.message.length).toBeGreaterThan(`${error.place}: `.length);
}

/** Asked often enough, with requests that it wants, it says something. */
function isOfUse(rule: Rule, written: unknown, service: Service): void {
  const request = witnessOf(
    (written as { when?: object }).when ?? {},
    service.request as { [name: string]: FieldSpec },
    (name) => rule.compiled.fields.has(name),
  );
  if (request === undefined) return; // a pattern, or a test, of which nobody knows what it wants
  for (const [name, matcher] of rule.compiled.fields)
    expect(matcher.test(request[name]), `no ${name} matches ${JSON.stringify(written)}`).toBe(true);
  if (rule.compiled.nth && !rule.compiled.nth(1)) return;
  let step: unknown;
  for (let times = 0; times < Math.min(rule.compiled.every, 1000) && !step; times += 1) step = rule.take(request);
  if (rule.compiled.every <= 1000) expect(step).toBeDefined();
}

describe.each(ALL)("of anything at all, %s", (_name, service) => {
  it("makes a rule or says what is wrong, and never anything else", () => {
    fc.assert(
      fc.property(shaped(Object.keys(service.request)), (written) => {
        const made = compiled(service, written);
        if (made instanceof PortwrightError) isTold(made, service);
        else isOfUse(made, written, service);
      }),
      RUNS,
    );
  });
});

describe.each(ALL)("of a good rule with one thing changed, %s", (name, service) => {
  it("makes another good rule, or says what is wrong, at or above the change or below", async () => {
    const rules = await goodRules(service);
    expect(rules.length).toBeGreaterThan(5);
    for (const rule of rules) expect(compiled(service, rule), JSON.stringify(rule)).not.toBeInstanceOf(PortwrightError);
    fc.assert(
      fc.property(
        fc.constantFrom(...rules).chain((rule) => mutated(rule)),
        ({ rule, kind, path }) => {
          const made = compiled(service, rule);
          if (!(made instanceof PortwrightError)) {
            isOfUse(made, rule, service);
            return;
          }
          isTold(made, service);
          // What is misspelt is named itself, where keys are not free.
          if (kind !== "renamed" && kind !== "added") return;
          if (path.length === 1) expect(made.place).toBe(`${name}.stub.${String(path[0])}`);
        },
      ),
      RUNS,
    );
  });
});
