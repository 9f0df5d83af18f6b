import { loadFixtures } from "../../fixtures/load.ts";
import { services } from "../../services/registry.ts";
import { checkConfig, type Registry } from "../../src/config/check-config.ts";
import type { Service } from "../../src/contract/service.ts";
import { type Harness, open } from "../../src/index.ts";
import type { Settings } from "../../src/supervisor/settings.ts";

/** Settings from a document, with services of a test's own beside the real ones. */
export function settingsOf(document: object, own: readonly Service[] = [], more: Partial<Settings> = {}): Settings {
  const registry: Registry = {
    ...(services as unknown as Registry),
    ...Object.fromEntries(own.map((service) => [service.name, service])),
  };
  const settings = checkConfig(document, { registry, fixtures: loadFixtures(), defaultPorts: "ephemeral" });
  return { ...settings, ...more };
}

/** A harness of such settings, which fails unless everything comes up. */
export function openHarness(
  document: object,
  own: readonly Service[] = [],
  more: Partial<Settings> = {},
): Promise<Harness<string>> {
  return open(settingsOf(document, own, more), true);
}
