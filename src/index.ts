import { loadFixtures } from "../fixtures/load.ts";
import { type ServiceName, services } from "../services/registry.ts";
import { checkConfig, type Registry } from "./config/check-config.ts";
import type { Document } from "./config/schema.ts";
import { PortwrightError } from "./errors.ts";
import { Harness } from "./supervisor/harness.ts";
import type { Settings } from "./supervisor/settings.ts";

export type { ServiceName } from "../services/registry.ts";
export type { Endpoint as PeerAddress, Fields } from "./contract/machine.ts";
export type { Message } from "./contract/world.ts";
export { ERROR_CODES, type ErrorCode, PortwrightError } from "./errors.ts";
export type { Entry, SessionRecord } from "./journal/entry.ts";
export type { Journal } from "./journal/journal.ts";
export type { Query } from "./journal/query.ts";
export type { Endpoint } from "./supervisor/endpoint.ts";
export { Harness } from "./supervisor/harness.ts";
export type { Mailbox, MemoryWorld } from "./world/world.ts";

/** What an instance may be given: its port and its service's own options; `service` where the name is your own. */
export type InstanceOptions = { readonly service?: ServiceName; readonly port?: number } & {
  readonly [option: string]: unknown;
};

type CustomInstance = InstanceOptions & { readonly service: ServiceName };

/** Services by name, or with their options; under a name of your own with `service`. */
export type WantedServices = readonly ServiceName[] | { readonly [name: string]: true | InstanceOptions };

/** Misspelt service names do not compile: a name is a service's, or its value says which service it is. */
type Checked<S> = S extends readonly unknown[]
  ? S
  : { readonly [Name in keyof S]: Name extends ServiceName ? S[Name] : CustomInstance };

type NamesOf<S> = S extends readonly (infer Name extends string)[] ? Name : keyof S & string;

/** The library's argument: the same document as a configuration file. */
export interface StartOptions<S extends WantedServices = readonly ServiceName[]>
  extends Omit<Document, "services" | "$schema"> {
  /** Which services run; all of them if left out. */
  readonly services?: S & Checked<S>;
}

/**
 * Starts services and resolves when each endpoint has answered a real exchange.
 *
 * Ports are ephemeral and addresses both loopbacks unless said otherwise. Rejects with `START_FAILED` if an endpoint does
 * not come up (with `strict: false` it is reported in `endpoints` instead), and with `CONFIG_INVALID` for a wrong argument.
 *
 *     await using harness = await start({ services: ["smtp", "dns"] });
 *     harness.endpoint("smtp").port;
 */
export async function start<const S extends WantedServices = readonly ServiceName[]>(
  options: StartOptions<S> = {},
): Promise<Harness<NamesOf<S>>> {
  const registry = services as unknown as Registry;
  const settings = checkConfig(options, { registry, fixtures: loadFixtures(), defaultPorts: "ephemeral" });
  return open<NamesOf<S>>(settings, options.strict ?? true);
}

/** Starts a harness from checked settings. */
export async function open<Name extends string>(settings: Settings, strict: boolean): Promise<Harness<Name>> {
  const harness = new Harness<Name>(settings);
  try {
    await harness.open();
  } catch (error) {
    await harness.stop({ graceMs: 0 });
    throw error;
  }
  const failed = harness.endpoints.filter((endpoint) => endpoint.status === "failed");
  if (strict && failed.length > 0) {
    await harness.stop({ graceMs: 0 });
    const reasons = failed.map((endpoint) => endpoint.reason).join("\n");
    const remedies = [...new Set(failed.flatMap((endpoint) => endpoint.remedies ?? []))];
    throw new PortwrightError("START_FAILED", reasons, { remedies });
  }
  return harness;
}
