import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { RULE_DEFINITIONS, rulesJsonSchema } from "../stub/json-schema.ts";
import type { Registry } from "./check-config.ts";
import { instanceEntries, settingsEntries } from "./schema.ts";

/** The JSON Schema of the document, every service's options included. */
export function configJsonSchema(registry: Registry): object {
  const instances = Object.fromEntries(
    Object.entries(registry).map(([name, { options }]) => [name, schemaOf(instanceOf(options))]),
  ) as { readonly [name: string]: { readonly properties?: object } };
  for (const [name, service] of Object.entries(registry)) {
    const schema = instances[name];
    if (schema?.properties) Object.assign(schema.properties, { rules: rulesJsonSchema(service) });
  }
  const { properties, ...rest } = schemaOf(v.strictObject(settingsEntries)) as { properties?: object };
  return {
    ...rest,
    title: "Portwright configuration",
    $defs: RULE_DEFINITIONS,
    properties: {
      $schema: { type: "string" },
      services: {
        description: "Which services run: names, or names with their port and options. Without it, all of them.",
        anyOf: [
          { type: "array", items: { enum: Object.keys(registry) } },
          {
            type: "object",
            properties: Object.fromEntries(
              Object.entries(instances).map(([name, schema]) => [name, { anyOf: [{ const: true }, schema] }]),
            ),
            additionalProperties: {
              type: "object",
              description: "A further instance of a service, under a name of your own.",
              properties: { service: { enum: Object.keys(registry) } },
              required: ["service"],
            },
          },
        ],
      },
      ...properties,
    },
  };
}

function schemaOf(schema: v.GenericSchema): object {
  return toJsonSchema(schema, { errorMode: "ignore", typeMode: "input" });
}

function instanceOf(options: v.GenericSchema): v.GenericSchema {
  const { entries } = options as unknown as { entries: v.ObjectEntries };
  return v.strictObject({ ...instanceEntries, ...entries });
}
