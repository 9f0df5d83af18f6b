import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { services as registry, type ServiceName } from "../../services/registry.ts";
import { PortwrightError } from "../errors.ts";
import { type RunningHarness, type StartOptions, start, type WantedServices } from "../index.ts";
import type { NamesOf } from "../start-options.ts";
import { transcriptOf } from "./transcript.ts";

/** Of a capture's file name. */
const MOST_NAME_CHARACTERS = 120;

/** A test that failed, and the harness as it was then. */
export interface Failure {
  /** The test's name. */
  readonly test: string;
  readonly harness: RunningHarness;
  /** Its sessions as dialogues, without secrets. */
  readonly transcript: string;
}

/** How a harness serves tests. */
export interface TestOptions {
  /** Whether a failing test's report ends with the dialogues of its sessions; true. */
  readonly transcript?: boolean;
  /** A folder in which each failing test leaves a capture for Wireshark, under its name; it is made if need be. */
  readonly captures?: string;
  /** Fails a test whose rules were not all used, or in which something was refused that no rule is about; false. */
  readonly verify?: boolean;
  /** Called after each test that failed, with the journal as it was. */
  readonly onFailure?: (failure: Failure) => void | Promise<void>;
}

/** A harness that serves one test after the other. */
export class TestHarness<S extends WantedServices> {
  readonly #options: StartOptions<S>;
  readonly #testOptions: TestOptions;
  #harness: RunningHarness<S> | undefined;

  constructor(options: StartOptions<S>, testOptions: TestOptions) {
    this.#options = options;
    this.#testOptions = testOptions;
  }

  /** The names of its services. */
  get names(): readonly string[] {
    const { services } = this.#options;
    if (services === undefined) return Object.keys(registry);
    return Array.isArray(services) ? services : Object.keys(services);
  }

  get harness(): RunningHarness<S> {
    if (this.#harness) return this.#harness;
    throw new PortwrightError("USAGE", "the harness runs from the first test to the last; it is read inside a test");
  }

  async start(): Promise<RunningHarness<S>> {
    this.#harness = await start(this.#options);
    return this.#harness;
  }

  /** Before each test. */
  reset(): void {
    this.harness.reset();
  }

  /** After a test that passed. Throws `VERIFY_FAILED`, if that is asked for. */
  passed(): void {
    if (this.#testOptions.verify) this.harness.verify();
  }

  /** After a test that failed. Resolves to what its report is to say. */
  async failed(test: string): Promise<string> {
    const { transcript: isWanted = true, captures, onFailure } = this.#testOptions;
    const harness = this.harness as unknown as RunningHarness;
    const transcript = transcriptOf(harness.journal);
    const report: string[] = [];
    if (isWanted)
      report.push(transcript === "" ? "Nothing came to any service." : `What the services saw:\n${transcript}`);
    if (captures !== undefined) report.push(`Capture: ${leaveCapture(harness, captures, test)}`);
    await onFailure?.({ test, harness, transcript });
    return report.join("\n\n");
  }

  async stop(): Promise<void> {
    await this.#harness?.stop();
  }
}

/** Writes what the journal has, and returns the file's path. Throws `FILE_UNWRITABLE`. */
function leaveCapture(harness: RunningHarness, folder: string, test: string): string {
  const name = test
    .replace(/[^\w.-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, MOST_NAME_CHARACTERS);
  const path = join(folder, `${name || "test"}.pcapng`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, harness.export("pcapng"));
  } catch (cause) {
    throw new PortwrightError("FILE_UNWRITABLE", (cause as Error).message, { place: path, cause });
  }
  return path;
}

/** The names of its services that are its properties. */
export type PropertyOf<S extends WantedServices> = Extract<NamesOf<S>, keyof RunningHarness<S>>;

/** A harness, and each of its services under its name. */
export type SharedHarness<S extends WantedServices = readonly ServiceName[]> = {
  readonly harness: RunningHarness<S>;
} & Pick<RunningHarness<S>, PropertyOf<S>>;

/** A harness that does not run yet, and what tests will read of it. */
export function sharedHarness<S extends WantedServices>(
  options: StartOptions<S>,
  testOptions: TestOptions,
): { readonly own: TestHarness<S>; readonly shared: SharedHarness<S> } {
  const own = new TestHarness(options, testOptions);
  const shared = Object.defineProperty({}, "harness", { get: () => own.harness });
  for (const name of own.names) {
    if (name === "harness") continue;
    Object.defineProperty(shared, name, { get: () => own.harness.service(name as NamesOf<S>), enumerable: true });
  }
  return { own, shared: shared as SharedHarness<S> };
}
