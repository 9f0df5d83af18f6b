import * as v from "valibot";
import type { Service } from "../contract/service.ts";
import { PortwrightError } from "../errors.ts";
import { configError, entriesOf, issueError, type Locate, located, printPath } from "../issues.ts";
import { JOURNAL_LIMITS } from "../journal/journal.ts";
import { Place } from "../match/place.ts";
import { isLoopback, listenHosts, wildcardHosts } from "../ports/addresses.ts";
import { allowList } from "../ports/allow-list.ts";
import { parsePortScheme } from "../ports/plan.ts";
import { compileRule } from "../stub/compile.ts";
import { TestGate } from "../stub/gate.ts";
import type { Instance } from "../supervisor/endpoint.ts";
import type { Limits, Settings } from "../supervisor/settings.ts";
import { nearest } from "../wire/nearest.ts";
import { ManualClock, systemClock } from "../world/clock.ts";
import { type Fixtures, WORLD_LIMITS } from "../world/world.ts";
import { type Document, documentSchema, type InstanceDocument, instanceEntries } from "./schema.ts";
import { fixturesOf } from "./world-document.ts";

export type Registry = { readonly [name: string]: Service };

/** What is said by nobody. */
export const DEFAULTS = {
  seed: 1,
  graceMs: 500,
  limits: { maxSessions: 4096, maxSessionsPerPeer: 1024, ...JOURNAL_LIMITS, ...WORLD_LIMITS } satisfies Limits,
} as const;

/** Where a manual clock stands when it is new. */
const MANUAL_START = Date.UTC(2026, 0, 1);

/** What an instance may be called: the same on the command line, in a file and in an environment variable. */
const INSTANCE_NAME = /^[A-Za-z][\w.-]*$/;

export interface CheckOptions {
  readonly registry: Registry;
  readonly fixtures: Fixtures;
  readonly defaultPorts: "auto" | "ephemeral";
  /** Where the document's places stand in its file. */
  readonly locate?: Locate | undefined;
}

/** Checks a document and completes it. Throws `CONFIG_INVALID` or `SERVICE_UNKNOWN`, with the place and the way out. */
export function checkConfig(input: unknown, options: CheckOptions): Settings {
  const { registry, locate } = options;
  const parsed = v.safeParse(documentSchema, input);
  if (!parsed.success) throw issueError(parsed.issues, [], locate, keysOf(documentSchema));
  const document = parsed.output;
  const { allow = [], ports = options.defaultPorts } = document;
  located(["allow"], locate, () => allowList(allow));
  checkAccounts(document.world?.accounts ?? [], locate);
  return {
    instances: instancesOf(document.services, registry, locate),
    ports: located(["ports"], locate, () => parsePortScheme(ports)),
    hosts: located(["host"], locate, () => hostsOf(document, locate)),
    allow,
    seed: document.seed ?? DEFAULTS.seed,
    fixtures: fixturesOf(options.fixtures, document.world ?? {}),
    limits: limitsOf(document),
    channelPorts: rangeOf(document.channelPorts, locate),
    graceMs: document.graceMs ?? DEFAULTS.graceMs,
    clock: document.clock === "manual" ? new ManualClock(MANUAL_START) : systemClock,
    triggers: document.triggers ?? false,
    user: document.user,
  };
}

function instancesOf(wanted: Document["services"], registry: Registry, locate: Locate | undefined): Instance[] {
  const entries: [string, true | InstanceDocument, PropertyKey][] =
    wanted === undefined
      ? Object.keys(registry).map((name) => [name, true, name])
      : Array.isArray(wanted)
        ? wanted.map((name, at) => [name, true, at])
        : Object.entries(wanted).map(([name, value]) => [name, value, name]);
  if (entries.length === 0)
    throw configError(["services"], "no service is named; leave it out for all of them", locate);
  const seen = new Set<string>();
  return entries.map(([name, value, key]) => {
    if (seen.has(name))
      throw configError(["services", key], `${name} is named twice; give one of them a name of its own`, locate);
    seen.add(name);
    const { service: serviceName = name, port, rules = [], ...own } = value === true ? {} : value;
    const service = Object.hasOwn(registry, serviceName) ? registry[serviceName] : undefined;
    if (!service) {
      const place = value !== true && value.service !== undefined ? ["services", key, "service"] : ["services", key];
      throw unknownService(serviceName, place, registry, locate);
    }
    if (!INSTANCE_NAME.test(name)) {
      throw configError(
        ["services", key],
        "a name has letters, digits, dots, _ and -, and begins with a letter",
        locate,
      );
    }
    const parsed = v.safeParse(service.options, own);
    if (!parsed.success) {
      const keys = (path: readonly PropertyKey[]) =>
        path.length === 2 ? [...Object.keys(instanceEntries), ...Object.keys(entriesOf(service.options))] : [];
      throw issueError(parsed.issues, ["services", key], locate, keys);
    }
    const instance = { name, service, options: parsed.output, port, rules };
    checkRules(instance, locate);
    return instance;
  });
}

/** Throws `RULE_INVALID` for a rule that cannot be. */
function checkRules({ name, service, rules }: Instance, locate: Locate | undefined): void {
  for (const [at, rule] of rules.entries()) {
    const place = new Place("RULE_INVALID", ["services", name, "rules", at], locate);
    compileRule(rule, { service, place, locate, gate: new TestGate() });
  }
}

function unknownService(
  name: string,
  path: readonly PropertyKey[],
  registry: Registry,
  locate: Locate | undefined,
): PortwrightError {
  const known = Object.keys(registry);
  const near = nearest(name, known);
  const own =
    path.length === 2 && typeof path[1] === "string" ? '; under a name of your own, say which: service: "smtp"' : "";
  const hint = near ? `did you mean "${near}"?` : `there are ${known.join(", ")}${own}`;
  const line = locate?.(path);
  return new PortwrightError("SERVICE_UNKNOWN", `there is no service "${name}"; ${hint}${line ? ` (${line})` : ""}`, {
    place: printPath(path),
  });
}

/** Names are compared as the services do it, which do not tell capitals. */
function checkAccounts(accounts: readonly { readonly name: string }[], locate: Locate | undefined): void {
  const seen = new Set<string>();
  for (const [at, { name }] of accounts.entries()) {
    if (seen.has(name.toLowerCase()))
      throw configError(["world", "accounts", at, "name"], `${name} is there twice`, locate);
    seen.add(name.toLowerCase());
  }
}

function hostsOf(document: Document, locate: Locate | undefined): string[] {
  const asked = document.host === undefined ? undefined : [document.host].flat();
  if (asked?.length === 0) throw configError(["host"], "no address is named", locate);
  const hosts = listenHosts(asked ?? (document.expose ? wildcardHosts() : ["localhost"]));
  const beyond = hosts.filter((host) => !isLoopback(host));
  if (beyond.length > 0 && !document.expose) {
    throw new PortwrightError(
      "EXPOSURE_REFUSED",
      `${beyond.join(" and ")} can be reached by other machines, which must be asked for`,
      { place: "host", remedies: ["--expose", "expose: true"] },
    );
  }
  return hosts;
}

function limitsOf(document: Document): Limits {
  const given = Object.entries(document.limits ?? {}).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS.limits, ...Object.fromEntries(given) };
}

function rangeOf(text: string | undefined, locate: Locate | undefined): Settings["channelPorts"] {
  if (text === undefined) return undefined;
  const [from, to] = text.split("-").map(Number) as [number, number];
  if (from < 1 || to > 65_535 || from > to) {
    throw configError(["channelPorts"], `expected two ports from 1 to 65535, the lower first, got ${text}`, locate);
  }
  return { from, to };
}

/** The keys that an object of a schema may have, by the path to it. */
function keysOf(schema: v.GenericSchema): (path: readonly PropertyKey[]) => readonly string[] {
  return (path) => {
    let entries = entriesOf(schema);
    for (const key of path) {
      const next = typeof key === "string" ? entries[key] : undefined;
      if (next) entries = entriesOf(next);
    }
    return Object.keys(entries);
  };
}
