/** Portwright in Jest: a harness from the first test of a file to its last, and matchers that wait. */

import type { ServiceName } from "../../services/registry.ts";
import type { StartOptions, WantedServices } from "../index.ts";
import { matchers, type PortwrightMatchers } from "./matchers.ts";
import { type SharedHarness, sharedHarness, type TestOptions } from "./test-harness.ts";

export type { PortwrightMatchers } from "./matchers.ts";
export type { ReceivedOptions } from "./received.ts";
export type { Failure, SharedHarness, TestOptions } from "./test-harness.ts";

declare global {
  namespace jest {
    // The parameters are those of @types/jest, which must agree.
    interface Matchers<R, T> extends PortwrightMatchers<T> {}
  }
}

type Hook = (run: () => Promise<void> | void) => void;

/** What Jest gives to a test file. */
interface JestGlobals {
  readonly beforeAll: Hook;
  readonly beforeEach: Hook;
  readonly afterEach: Hook;
  readonly afterAll: Hook;
  readonly expect: {
    extend(matchers: object): void;
    getState(): { readonly currentTestName?: string };
  };
}

/**
 * Starts a harness before the first test of the file (or of the suite, in `describe`), resets it before each, and stops it
 * behind the last; and adds the matchers to `expect`. What it returns is read inside tests. The dialogues of a test that
 * fails are printed to the console, which Jest shows with the file.
 *
 *     const mail = useHarness({ services: ["smtp"] });
 *     test("sends a code", async () => {
 *       await sendCode(mail.smtp.endpoint);
 *       await expect(mail.smtp).toHaveReceived({ subject: /code/ }, { within: 2000 });
 *     });
 */
export function useHarness<const S extends WantedServices = readonly ServiceName[]>(
  options: StartOptions<S> = {},
  testOptions: TestOptions = {},
): SharedHarness<S> {
  const { own, shared } = sharedHarness(options, testOptions);
  const { beforeAll, beforeEach, afterEach, afterAll, expect } = jestGlobals();
  expect.extend(matchers);
  beforeAll(() => own.start().then(() => undefined));
  beforeEach(() => own.reset());
  afterEach(async () => {
    if (!hasFailed()) return own.passed();
    const report = await own.failed(expect.getState().currentTestName ?? "");
    if (report !== "") console.error(report);
  });
  afterAll(() => own.stop());
  return shared;
}

function jestGlobals(): JestGlobals {
  const globals = globalThis as unknown as Partial<JestGlobals>;
  if (globals.expect?.extend && globals.beforeAll) return globals as JestGlobals;
  throw new Error("useHarness of portwright/jest is called in a test file of Jest, with injectGlobals (its default)");
}

/**
 * The test that just ran has failed. Jest tells its hooks nothing of it; its runner (jest-circus) keeps what it knows under
 * a symbol. Where there is none, no test is known to have failed.
 */
function hasFailed(): boolean {
  const symbol = Object.getOwnPropertySymbols(globalThis).find(
    ({ description }) => description === "JEST_STATE_SYMBOL",
  );
  const state = symbol && (globalThis as { [key: symbol]: unknown })[symbol];
  const running = (state as { readonly currentlyRunningTest?: { readonly errors?: readonly unknown[] } } | undefined)
    ?.currentlyRunningTest;
  return (running?.errors?.length ?? 0) > 0;
}
