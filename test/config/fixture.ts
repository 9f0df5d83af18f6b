import { loadFixtures } from "../../fixtures/load.ts";
import { services } from "../../services/registry.ts";
import { checkConfig, type Registry } from "../../src/config/check-config.ts";
import { PortwrightError } from "../../src/errors.ts";
import type { Locate } from "../../src/issues.ts";
import type { Settings } from "../../src/supervisor/settings.ts";

export const registry = services as unknown as Registry;

/** A document, checked as the library does it. */
export function check(document: unknown, locate?: Locate): Settings {
  return checkConfig(document, { registry, fixtures: loadFixtures(), defaultPorts: "ephemeral", locate });
}

/** The code and message of what is thrown. */
export function mistake(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof PortwrightError) return `${error.code} ${error.message}`;
    throw error;
  }
  return "OK";
}
