/** Portwright in Vitest: fixtures that start a harness for each file, matchers, and transcripts of what failed. */

import { test as base, expect, type TestAPI, type TestContext } from "vitest";
import type { ServiceName } from "../../services/registry.ts";
import type { RunningHarness, StartOptions, WantedServices } from "../index.ts";
import { matchers, type PortwrightMatchers } from "./matchers.ts";
import { type SharedHarness, TestHarness, type TestOptions } from "./test-harness.ts";

declare module "vitest" {
  interface Matchers<T> extends PortwrightMatchers<T> {}
}

expect.extend(matchers);

export type { PortwrightMatchers } from "./matchers.ts";
export type { ReceivedOptions } from "./received.ts";
export type { Failure, SharedHarness, TestOptions } from "./test-harness.ts";
export { expect };

export interface VitestOptions extends TestOptions {
  /** `file`: the tests of a file share a harness, which is reset before each; `test`: each has its own. */
  readonly scope?: "file" | "test";
}

/**
 * Vitest's `test` with a harness: `harness` and each service are fixtures.
 *
 *     const test = harnessTest({ services: ["smtp"] });
 *     test("sends a code", async ({ smtp }) => {
 *       await sendCode({ host: smtp.host, port: smtp.port });
 *       await expect(smtp).toHaveReceived({ subject: /code/ }, { within: 2000 });
 *     });
 */
export function harnessTest<const S extends WantedServices = readonly ServiceName[]>(
  options: StartOptions<S> = {},
  { scope = "file", ...testOptions }: VitestOptions = {},
): TestAPI<SharedHarness<S>> {
  const shared = new WeakMap<object, TestHarness<S>>();
  const fixtures: { [name: string]: unknown } = {
    harness: [
      // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names from the pattern.
      async ({}, use: (harness: RunningHarness<S>) => Promise<void>) => {
        const own = new TestHarness(options, testOptions);
        const harness = await own.start();
        shared.set(harness, own);
        await use(harness);
        await own.stop();
      },
      { scope },
    ],
    portwrightReset: [
      async (
        { harness, task, onTestFailed, onTestFinished }: TestContext & { harness: RunningHarness<S> },
        use: () => Promise<void>,
      ) => {
        const own = shared.get(harness);
        if (scope === "file") {
          if (task.concurrent)
            throw new Error('tests that run at the same time need a harness each: { scope: "test" }');
          harness.reset();
        }
        onTestFailed(async () => {
          const report = await own?.failed(task.fullName);
          const [error] = task.result?.errors ?? [];
          if (error && report) append(error, report);
        });
        // What is thrown behind `use` would be reported twice.
        onTestFinished(() => {
          if (task.result?.state !== "fail") own?.passed();
        });
        await use();
      },
      { auto: true },
    ],
  };
  for (const name of new TestHarness(options, {}).names) {
    fixtures[name] ??= async (
      { harness }: { harness: { [service: string]: unknown } },
      use: (handle: unknown) => Promise<void>,
    ) => {
      await use(harness[name]);
    };
  }
  return base.extend(fixtures as object) as unknown as TestAPI<SharedHarness<S>>;
}

/** Some reporters print an error's message, and some its stack, which begins with the message. */
function append(error: { message: string; stack?: string }, report: string): void {
  const { message, stack } = error;
  error.message = `${message}\n\n${report}`;
  if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
}

/** Vitest's `test` with all services, at their defaults. */
export const test = harnessTest();
