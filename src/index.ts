import { loadFixtures } from "../fixtures/load.ts";
import { type ServiceName, services } from "../services/registry.ts";
import { checkConfig, type Registry } from "./config/check-config.ts";
import { PortwrightError } from "./errors.ts";
import type { NamesOf, RunningHarness, StartOptions, WantedServices } from "./start-options.ts";
import { Harness } from "./supervisor/harness.ts";
import type { Settings } from "./supervisor/settings.ts";

export type { ServiceName } from "../services/registry.ts";
export type { Capture, CaptureOptions } from "./capture/captures.ts";
export type { CaptureFormat } from "./capture/formats.ts";
export { readJsonLines } from "./capture/json-lines.ts";
export type { ExportOptions, WriteOptions } from "./capture/write-entries.ts";
export type { Endpoint as PeerAddress, Fields, FieldValue } from "./contract/machine.ts";
export type { Envelope, Message } from "./contract/world.ts";
export { ERROR_CODES, type ErrorCode, PortwrightError } from "./errors.ts";
export { exportEntries } from "./export-entries.ts";
export type { Entry, SessionRecord } from "./journal/entry.ts";
export type { EntriesOf, FollowOptions, Journal, WaitOptions } from "./journal/journal.ts";
export type { EntryOf, Query } from "./journal/query.ts";
export type { SessionQuery, SessionSummary } from "./journal/sessions.ts";
export type { PatienceOptions } from "./journal/wait.ts";
export type { Wanted } from "./journal/wanted.ts";
export { replay } from "./replay.ts";
export type {
  HandleOf,
  InstanceOptions,
  LimitOptions,
  RunningHarness,
  StartOptions,
  WantedServices,
  WorldOptions,
} from "./start-options.ts";
export type { FaultEffects, FaultInput, FaultWord } from "./stub/fault-input.ts";
export { RuleHandle } from "./stub/handle.ts";
export type {
  Circumstances,
  Consequence,
  RuleInput,
  WantedFields as RequestFields,
  WantedValue,
} from "./stub/rule-input.ts";
export type { Endpoint } from "./supervisor/endpoint.ts";
export { Harness } from "./supervisor/harness.ts";
export { Scope } from "./supervisor/scope.ts";
export { ServiceHandle } from "./supervisor/service-handle.ts";
export type { Mailbox, MemoryWorld } from "./world/world.ts";

/**
 * Starts services and resolves when each endpoint has answered a real exchange.
 *
 * Ports are ephemeral and addresses both loopbacks unless said otherwise. Rejects with `START_FAILED` if an endpoint does
 * not come up (with `strict: false` it is reported in `endpoints` instead), with `CONFIG_INVALID`, `SERVICE_UNKNOWN`,
 * `PORT_CLASH` and the like for a wrong argument, and with `WORLD_INVALID` for a world that cannot be served. Whenever it
 * rejects, everything is closed again.
 *
 *     await using harness = await start({ services: ["smtp", "dns"] });
 *     harness.endpoint("smtp").port;
 */
export async function start<const S extends WantedServices = readonly ServiceName[]>(
  options: StartOptions<S> = {},
): Promise<RunningHarness<S>> {
  const registry = services as unknown as Registry;
  const settings = checkConfig(options, { registry, fixtures: loadFixtures(), defaultPorts: "ephemeral" });
  const harness = await open<NamesOf<S>>(settings, options.strict ?? true);
  return harness as RunningHarness<S>;
}

/** Starts a harness from checked settings; rejects as `start` does. */
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
