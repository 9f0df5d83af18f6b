import * as v from "valibot";
import { defineService, type FieldTable, type Service } from "../../src/contract/service.ts";
import { PortwrightError } from "../../src/errors.ts";
import { Place } from "../../src/match/place.ts";
import type { Rule } from "../../src/stub/rule.ts";
import { RuleSet, type RuleSetParts } from "../../src/stub/rule-set.ts";
import { ManualClock } from "../../src/world/clock.ts";
import { seededRandom } from "../../src/world/random.ts";

/** A field of each kind, some with values, some with a form of their own. */
export const FIELDS = {
  verb: {
    type: "string",
    doc: "In capitals.",
    values: ["GET", "PUT", "QUIT"],
    canonical: (text) => text.toUpperCase(),
  },
  path: { type: "string", doc: "As it came." },
  name: { type: "string", doc: "In lower case.", canonical: (text) => text.toLowerCase() },
  size: { type: "number", doc: "A number." },
  secure: { type: "boolean", doc: "True or false." },
  body: { type: "octets", doc: "Octets." },
  to: { type: "list", doc: "Texts." },
  headers: { type: "map", doc: "Texts and lists of them.", canonical: (text) => text.toLowerCase() },
} as const satisfies FieldTable;

/** A service that there is not: it is asked for verbs and answers codes. */
export const made = defineService({
  name: "made",
  title: "Made for tests",
  specs: [],
  port: 1,
  transports: ["tcp", "udp"],
  scheme: "made",
  host: "made",
  options: v.strictObject({}),
  request: FIELDS,
  reply: { code: { type: "number", doc: "A code." } },
  stub: v.union([v.number(), v.strictObject({ code: v.number(), text: v.optional(v.string()) })], "a code, or a map"),
  greets: true,
  triggers: {
    table: [{ trigger: "path reset@fault.test", effect: "RST" }],
    match: ({ path }) => {
      if (path === "reset@fault.test") return { fault: "reset" };
      return typeof path === "string" && /^\d+@fault\.test$/.test(path)
        ? { reply: Number.parseInt(path, 10) }
        : undefined;
    },
  },
  probe: {},
  example: () => "",
}) as unknown as Service;

export const PEER = { address: "127.0.0.1", port: 40_000 };
export const ASKER = { transport: "tcp", peer: PEER } as const;

export interface Scene {
  readonly set: RuleSet;
  readonly clock: ManualClock;
  /** The labels that were told, in their order. */
  readonly told: string[];
  add(rule: unknown): Rule;
  /** What the rules say to a request: the reply, `instead`, `faults`, or `undefined`. */
  ask(request?: object): unknown;
}

/** Rules of the service that there is not. */
export function scene(parts: Partial<RuleSetParts> = {}): Scene {
  const clock = new ManualClock(0);
  const told: string[] = [];
  const set = new RuleSet({
    service: made,
    name: "made",
    clock,
    random: seededRandom(1),
    triggers: false,
    written: [],
    ...parts,
  });
  const rules = set.forSession(ASKER, (label) => told.push(label));
  return {
    set,
    clock,
    told,
    add: (rule) => set.add(rule),
    ask: (request = {}) => {
      const ruling = rules.ask(request as never);
      if (!ruling) return undefined;
      if (ruling.reply !== undefined) return ruling.reply;
      return ruling.instead ? "instead" : ruling.faults.length > 0 ? "faults" : "own";
    },
  };
}

/** The error of a rule that cannot be; fails if it can, or if something else is thrown. */
export function mistakeOf(act: () => unknown): PortwrightError {
  try {
    act();
  } catch (error) {
    if (error instanceof PortwrightError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

export const place = new Place("RULE_INVALID", ["made", "stub"]);
