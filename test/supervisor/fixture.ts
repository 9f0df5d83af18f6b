import { spawn } from "node:child_process";
import { join } from "node:path";
import { loadFixtures } from "../../fixtures/load.ts";
import { services } from "../../services/registry.ts";
import { checkConfig, type Registry } from "../../src/config/check-config.ts";
import type { Service } from "../../src/contract/service.ts";
import { type Harness, open } from "../../src/index.ts";
import type { Settings } from "../../src/supervisor/settings.ts";

const ROOT = join(import.meta.dirname, "../..");

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

/** A TCP or UDP client that remembers what came. */
export { TestSocket } from "../session/tcp-fixture.ts";

/** Runs a script of this repository in a process of its own, and waits for its own end. */
export function runScript(
  code: string,
  options: { readonly timeout?: number } = {},
): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], { cwd: ROOT });
  const deadline = setTimeout(() => child.kill("SIGKILL"), options.timeout ?? 15_000);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    output.stdout += text;
  });
  child.stderr.on("data", (text) => {
    output.stderr += text;
  });
  return new Promise((resolve) => {
    child.once("close", (exitCode) => {
      clearTimeout(deadline);
      resolve({ exitCode, ...output });
    });
  });
}
