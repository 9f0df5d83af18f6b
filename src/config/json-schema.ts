import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import type { Registry } from "./check-config.ts";
import { instanceEntries, settingsEntries } from "./schema.ts";

/** The JSON Schema of the document, every service's options included. */
export function configJsonSchema(registry: Registry): object {
  const instances = Object.fromEntries(
    Object.entries(registry).map(([name, { options }]) => [name, schemaOf(instanceOf(options))]),
  );
  const { properties, ...rest } = schemaOf(v.strictObject(settingsEntries)) as { properties?: object };
  return {
    ...rest,
    title: "Portwright configuration",
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
