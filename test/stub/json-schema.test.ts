import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Service } from "../../src/contract/service.ts";
import { PortwrightError } from "../../src/errors.ts";
import { RULE_DEFINITIONS, rulesJsonSchema } from "../../src/stub/json-schema.ts";
import { scene } from "./fixture.ts";
import { ALL, goodRules } from "./good-rules.ts";
import { mutated } from "./mutations.ts";

const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });

/** A rule as a file can have it. */
function isJson(value: unknown): boolean {
  if (Array.isArray(value)) return Array.from(value).every(isJson);
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== "object" || value === null)
    return value === null || ["string", "boolean"].includes(typeof value);
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
}

function isTaken(service: Service, rule: unknown): boolean {
  try {
    scene({ service, name: service.name }).add(rule);
    return true;
  } catch (error) {
    if (error instanceof PortwrightError) return false;
    throw error;
  }
}

describe.each(ALL)("the JSON Schema of %s's rules", (_name, service) => {
  const validate = ajv.compile({ ...rulesJsonSchema(service), $defs: RULE_DEFINITIONS });

  it("takes every fault of the service's table, and whatever else the check takes", async () => {
    const rules = (await goodRules(service)).filter(isJson);
    expect(rules.length).toBeGreaterThan(5);
    for (const rule of rules) expect([validate([rule]), validate.errors], JSON.stringify(rule)).toEqual([true, null]);
    fc.assert(
      fc.property(
        fc.constantFrom(...rules).chain((rule) => mutated(rule)),
        ({ rule }) => {
          // Within replies valibot takes an empty list for a map without keys; nobody is the worse for it.
          if (!isJson(rule) || !isTaken(service, rule) || JSON.stringify(rule).includes("[]")) return;
          expect([validate([rule]), validate.errors], JSON.stringify(rule)).toEqual([true, null]);
        },
      ),
      { numRuns: 1000, seed: 1 },
    );
  });
});
