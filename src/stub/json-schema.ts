import { toJsonSchema } from "@valibot/to-json-schema";
import { PHASES } from "../contract/fault.ts";
import type { FieldSpec, Service } from "../contract/service.ts";
import { FAULT_KEYS, FAULT_WORDS } from "./fault-input.ts";

type JsonSchema = { readonly [key: string]: unknown };

const DURATION = { type: ["number", "string"], description: 'Milliseconds, or a text such as "50ms", "2s" or "10m".' };
const WHOLE = { type: "integer", minimum: 0 };
const COUNT = { type: "integer", minimum: 1 };
const BEHIND = { anyOf: [{ type: "boolean" }, map({ after: WHOLE })] };

/** Definitions that the rules of every service refer to; they belong under `$defs`. */
export const RULE_DEFINITIONS: JsonSchema = {
  wantedText: wanted("string", { regex: { type: "string" }, flags: { type: "string" }, contains: { type: "string" } }),
  wantedNumber: wanted("number", { min: { type: "number" }, max: { type: "number" } }),
  wantedBoolean: wanted("boolean", {}),
  fault: {
    anyOf: [{ enum: Object.keys(FAULT_WORDS) }, faultSchema()],
    description: "What goes wrong: a word, or effects that work together.",
  },
};

/** The JSON Schema of one service's rules, as a configuration file has them. */
export function rulesJsonSchema(service: Service): JsonSchema {
  const reply = toJsonSchema(service.stub, {
    errorMode: "ignore",
    typeMode: "input",
    // Octets, dates: what no document can have.
    overrideSchema: ({ valibotSchema }) => (valibotSchema.type === "instance" ? { not: {} } : undefined),
  }) as JsonSchema;
  const { $schema: _, ...replySchema } = reply;
  const consequence = {
    reply: replySchema,
    fault: { anyOf: [{ $ref: "#/$defs/fault" }, { type: "array", items: { $ref: "#/$defs/fault" } }] },
    hold: { type: "boolean", description: "The reply waits until a test lets it go." },
  };
  return {
    type: "array",
    description: "What is to happen to which requests; the first that matches counts.",
    items: map({
      name: { type: "string", description: "For error messages and the journal." },
      when: map({
        ...Object.fromEntries(Object.entries(service.request).map(([name, spec]) => [name, fieldSchema(spec)])),
        ...circumstances(service),
      }),
      ...consequence,
      reply: { anyOf: [replySchema, { type: "array", items: replySchema, minItems: 1 }] },
      sequence: { type: "array", minItems: 1, items: map(consequence) },
      repeat: { type: "boolean", description: "After its last, a sequence begins again." },
      times: { ...COUNT, description: "It is good for so many requests." },
      every: { ...COUNT, description: "Only every so-manieth match." },
      chance: { type: "number", exclusiveMinimum: 0, maximum: 1, description: "Only with this probability." },
      for: DURATION,
    }),
  };
}

function circumstances({ transports, request }: Service): JsonSchema {
  const texts = { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" }, minItems: 1 }] };
  return {
    phase: { enum: Object.keys(PHASES), description: "Which part of the exchange the rule is about." },
    at: { ...WHOLE, description: "With mid-stream: so many octets of the reply are untouched." },
    nth: { anyOf: [COUNT, { type: "array", items: COUNT, minItems: 1 }, map({ min: COUNT, max: COUNT })] },
    ...(request.transport ? {} : { transport: { enum: transports } }),
    peer: { ...texts, description: "The client's address, or a CIDR block." },
  };
}

function fieldSchema({ type, doc }: FieldSpec): JsonSchema {
  const text = { $ref: "#/$defs/wantedText" };
  if (type === "number") return { $ref: "#/$defs/wantedNumber", description: doc };
  if (type === "boolean") return { $ref: "#/$defs/wantedBoolean", description: doc };
  if (type === "list") return { anyOf: [text, { $ref: "#/$defs/wantedNumber" }], description: doc };
  if (type === "map") {
    const one = { type: "object", additionalProperties: text };
    return { anyOf: [one, { type: "array", items: one, minItems: 1 }], description: doc };
  }
  return { ...text, description: doc };
}

function wanted(type: string, operators: JsonSchema): JsonSchema {
  const self = { $ref: `#/$defs/wanted${type === "string" ? "Text" : type === "number" ? "Number" : "Boolean"}` };
  const general = {
    is: { type },
    not: self,
    present: { type: "boolean" },
    ...(type === "string" ? { json: true } : {}),
  };
  return { anyOf: [{ type }, { type: "array", items: self, minItems: 1 }, map({ ...general, ...operators }, 1)] };
}

function faultSchema(): JsonSchema {
  const known: { readonly [key: string]: JsonSchema } = {
    delay: DURATION,
    latency: { anyOf: [DURATION, map({ ms: DURATION, jitter: DURATION })] },
    bandwidth: { ...COUNT, description: "Octets a second." },
    slice: { anyOf: [COUNT, map({ octets: COUNT, every: DURATION })] },
    corrupt: { anyOf: [{ type: "boolean" }, WHOLE, map({ after: WHOLE, octets: COUNT, mask: COUNT })] },
    truncate: { type: "integer", minimum: -1 },
    stall: BEHIND,
    close: BEHIND,
    reset: BEHIND,
    halfClose: BEHIND,
    raw: { type: "string", description: "Octets in place of the reply." },
    duplicate: { anyOf: [{ type: "boolean" }, COUNT] },
    reorder: { anyOf: [{ type: "boolean" }, COUNT] },
    source: map({ port: WHOLE, address: { type: "string" } }),
    direction: { enum: ["out", "in"] },
    on: { const: "data" },
  };
  return map(Object.fromEntries(FAULT_KEYS.map((key) => [key, known[key] ?? { type: "boolean" }])), 1);
}

function map(properties: JsonSchema, minProperties = 0): JsonSchema {
  return {
    type: "object",
    properties,
    additionalProperties: false,
    ...(minProperties > 0 ? { minProperties } : {}),
  };
}
