import type { Argv, InferredOptionTypes } from "yargs";
import { loadFixtures } from "../../fixtures/load.ts";
import { services } from "../../services/registry.ts";
import { checkConfig, type Registry } from "../config/check-config.ts";
import { findConfig, readConfig } from "../config/read-config.ts";
import { PortwrightError } from "../errors.ts";
import type { Locate } from "../issues.ts";
import type { Settings } from "../supervisor/settings.ts";

export const registry = services as unknown as Registry;

const SPEC = /^(?:([A-Za-z][\w.-]*)=)?([A-Za-z][\w-]*)(?::(\d+))?$/;

/** The options of every command that plans or starts services. */
export const planOptions = {
  ports: {
    type: "string",
    requiresArg: true,
    describe: "auto (well-known, or + 10000 where that is not permitted), well-known, ephemeral or offset:N",
  },
  host: {
    type: "string",
    array: true,
    requiresArg: true,
    describe: "Addresses to listen on [default: 127.0.0.1 and ::1]",
  },
  expose: { type: "boolean", describe: "Allow addresses that other machines can reach" },
  config: {
    type: "string",
    requiresArg: true,
    describe: "JSON, YAML or TypeScript file [default: portwright.config.*, if there is one]",
  },
} as const;

export type PlanArguments = InferredOptionTypes<typeof planOptions> & { readonly services?: string[] | undefined };

/** Adds the services and `planOptions` to a command. */
export function withPlan<T>(command: Argv<T>) {
  return command
    .positional("services", { type: "string", array: true, describe: "[NAME=]SERVICE[:PORT] ... [default: all]" })
    .options(planOptions);
}

/** What the command line says beside `planOptions`; overrides the configuration file. */
export interface Overrides {
  readonly allow?: string[] | undefined;
  readonly seed?: number | undefined;
  readonly user?: string | undefined;
  readonly triggers?: boolean | undefined;
}

/** The configuration file, overridden by the command line, checked. `graceMs` if one of them says it. */
export async function settingsOf(
  args: PlanArguments,
  overrides: Overrides = {},
): Promise<{ readonly settings: Settings; readonly strict: boolean; readonly graceMs?: number }> {
  const file = args.config === undefined ? await findConfig(process.cwd()) : await readConfig(args.config);
  const base = file?.value ?? {};
  if (!isMap(base)) {
    const where = file?.locate?.([]);
    throw new PortwrightError("CONFIG_INVALID", `expected a map of settings${where ? ` (${where})` : ""}`, {
      place: "the document",
    });
  }
  const document: { [key: string]: unknown } = { ...base };
  const { ports, host, expose } = args;
  const said = new Set<PropertyKey>();
  for (const [key, value] of Object.entries({ ports, host, expose, ...overrides })) {
    if (value === undefined) continue;
    document[key] = value;
    said.add(key);
  }
  const configured = document.services;
  if (args.services && args.services.length > 0) document.services = select(args.services, configured);
  // What the command line says stands in no file.
  const locate: Locate = ([top, key, ...rest]) => {
    if (said.has(top as PropertyKey)) return undefined;
    const isSelected = top === "services" && document.services !== configured;
    if (isSelected && !(isMap(configured) && Object.hasOwn(configured, key as PropertyKey))) return undefined;
    return file?.locate?.([top, key, ...rest].filter((one) => one !== undefined));
  };
  const settings = checkConfig(document, { registry, fixtures: loadFixtures(), defaultPorts: "auto", locate });
  const { strict, graceMs } = document;
  return { settings, strict: strict === true, ...(graceMs === undefined ? {} : { graceMs: settings.graceMs }) };
}

/** The services named on the command line, with what the configuration says of them. */
function select(specs: readonly string[], configured: unknown): { [name: string]: unknown } {
  const known = isMap(configured) ? configured : {};
  const selected: { [name: string]: unknown } = {};
  for (const spec of specs) {
    const match = SPEC.exec(spec);
    if (!match) {
      throw new PortwrightError(
        "USAGE",
        `"${spec}" is not a service; write [NAME=]SERVICE[:PORT], such as backup=smtp:2526`,
      );
    }
    const [, name, service, port] = match as unknown as [string, string | undefined, string, string | undefined];
    const key = name ?? service;
    if (Object.hasOwn(selected, key)) {
      throw new PortwrightError("USAGE", `${key} is named twice; name the second one, such as ${key}2=${service}`);
    }
    const own = isMap(known[key]) ? known[key] : {};
    selected[key] = {
      ...own,
      ...(name === undefined ? {} : { service }),
      ...(port === undefined ? {} : { port: Number(port) }),
    };
  }
  return selected;
}

function isMap(value: unknown): value is { [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
