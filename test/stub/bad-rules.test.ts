import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { services } from "../../services/registry.ts";
import type { Service } from "../../src/contract/service.ts";
import { Place } from "../../src/match/place.ts";
import { compileRule } from "../../src/stub/compile.ts";
import { TestGate } from "../../src/stub/gate.ts";
import { mistakeOf } from "./fixture.ts";
import { ALL } from "./good-rules.ts";

interface BadRule {
  readonly name: string;
  /** The rule, as a user writes it. */
  readonly source: string;
  /** Where the mistake stands in it, and what is said. */
  readonly error: string;
}

/** The rules of bad-rules.txt, by the headings they stand under. */
function badRules(): ReadonlyMap<string, readonly BadRule[]> {
  const found = new Map<string, BadRule[]>();
  let under: BadRule[] = [];
  const lines = readFileSync(join(import.meta.dirname, "bad-rules.txt"), "utf8").split("\n");
  for (const [at, line] of lines.entries()) {
    const [, heading] = /^# (.*)$/.exec(line) ?? [];
    const [, name = "", source = ""] = /^([a-z]+) (.*)$/.exec(line) ?? [];
    if (heading) {
      under = [];
      found.set(heading, under);
    } else if (name in services) under.push({ name, source, error: lines[at + 1]?.trim() ?? "" });
  }
  return found;
}

function ruleOf(source: string): unknown {
  return new Function(`return (${source});`)();
}

const CATEGORIES = [...badRules()];

describe.each(CATEGORIES)("what cannot be: %s", (_heading, rules) => {
  it.each(rules)("$name $source", ({ name, source, error }) => {
    const service = services[name as keyof typeof services] as unknown as Service;
    const root = new Place("RULE_INVALID", [name, "stub"]);
    const setting = { service, place: root, locate: undefined, gate: new TestGate() };
    const mistake = mistakeOf(() => compileRule(ruleOf(source), setting));
    expect(mistake.code).toBe("RULE_INVALID");
    const [, place = "", problem = ""] = /^(\S*?): (.*)$/.exec(error) ?? [];
    expect(mistake.place).toBe(`${name}.stub${place === "" || place.startsWith("[") ? place : `.${place}`}`);
    const said = mistake.message.slice(`${mistake.place}: `.length);
    if (problem.endsWith("...")) expect(said.startsWith(problem.slice(0, -3)), said).toBe(true);
    else expect(said).toBe(problem);
  });
});

it("are more than four hundred, and every service has some, TLS aside", () => {
  const plain = ALL.flatMap(([name, { tls }]) => (tls ? [] : [name]));
  const all = CATEGORIES.flatMap(([, rules]) => rules);
  expect(all.length).toBeGreaterThan(400);
  expect([...new Set(all.map(({ name }) => name))]).toEqual(expect.arrayContaining(plain));
});
