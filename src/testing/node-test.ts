/** Portwright in node:test: a harness from the first test of a file to its last, and assertions that wait. */

import { AssertionError } from "node:assert";
import { basename } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import type { ServiceName } from "../../services/registry.ts";
import type { StartOptions, Wanted, WantedServices } from "../index.ts";
import type { RequestOf } from "./matchers.ts";
import { type Asked, questionOf, type ReceivedOptions, received, receivedWithin, type Verdict } from "./received.ts";
import { type SharedHarness, sharedHarness, type TestOptions } from "./test-harness.ts";

export type { ReceivedOptions } from "./received.ts";
export type { Failure, SharedHarness, TestOptions } from "./test-harness.ts";

/** A test that ran; the types of Node 20 do not know all that it has. */
interface RanTest {
  readonly name: string;
  /** With its suites; from Node 20.16 on. */
  readonly fullName?: string;
  /** From Node 20.12 on. */
  readonly passed?: boolean;
  diagnostic(message: string): void;
}

/**
 * Starts a harness before the first test of the file (or of the suite, in `describe`), resets it before each, and stops it
 * behind the last. What it returns is read inside tests. A test that fails gets the dialogues of its sessions as a
 * diagnostic message.
 *
 *     const mail = useHarness({ services: ["smtp"] });
 *     test("sends a code", async () => {
 *       await sendCode(mail.smtp.endpoint);
 *       await assertReceived(mail.smtp, { subject: /code/ }, { within: 2000 });
 *     });
 */
export function useHarness<const S extends WantedServices = readonly ServiceName[]>(
  options: StartOptions<S> = {},
  testOptions: TestOptions = {},
): SharedHarness<S> {
  const { own, shared } = sharedHarness(options, testOptions);
  before(() => own.start().then(() => undefined));
  beforeEach(() => own.reset());
  afterEach(async (context) => {
    const test = context as unknown as RanTest;
    if (test.passed !== false) return own.passed();
    const report = await own.failed(`${basename(process.argv[1] ?? "")} > ${test.fullName ?? test.name}`);
    // TAP writes a message on one line.
    if (report !== "") for (const line of report.split("\n")) test.diagnostic(line);
  });
  after(() => own.stop());
  return shared;
}

type Waiting = ReceivedOptions & { readonly within: number };
type Now = ReceivedOptions & { readonly within?: never };

/** Throws an `AssertionError` unless the service was asked this; with `within`, it waits for it. */
export function assertReceived<Handle>(handle: Handle, request: RequestOf<Handle>, options?: Now): void;
export function assertReceived<Handle>(handle: Handle, request: RequestOf<Handle>, options: Waiting): Promise<void>;
export function assertReceived(handle: unknown, request: object, options: ReceivedOptions = {}): void | Promise<void> {
  return hold(handle as Asked, request as { [field: string]: Wanted }, options, true);
}

/** Throws an `AssertionError` if the service was asked this; with `within`, also if it comes to be. */
export function assertNotReceived<Handle>(handle: Handle, request: RequestOf<Handle>, options?: Now): void;
export function assertNotReceived<Handle>(handle: Handle, request: RequestOf<Handle>, options: Waiting): Promise<void>;
export function assertNotReceived(
  handle: unknown,
  request: object,
  options: ReceivedOptions = {},
): void | Promise<void> {
  return hold(handle as Asked, request as { [field: string]: Wanted }, options, false);
}

/**
 * Throws an `AssertionError` unless the service was asked for this: a name and a type (DNS), a path and a method (HTTP), or
 * a path and a command (FTP).
 */
export function assertAskedFor(handle: Asked, what: Wanted, kind?: Wanted, options?: Now): void;
export function assertAskedFor(handle: Asked, what: Wanted, kind: Wanted, options: Waiting): Promise<void>;
export function assertAskedFor(
  handle: Asked,
  what: Wanted,
  kind?: Wanted,
  options: ReceivedOptions = {},
): void | Promise<void> {
  return hold(handle, questionOf(handle, what, kind), options, true);
}

function hold(
  handle: Asked,
  request: { [field: string]: Wanted },
  options: ReceivedOptions,
  wanted: boolean,
): void | Promise<void> {
  const judge = ({ pass, message }: Verdict) => {
    if (pass !== wanted) throw new AssertionError({ message: message(), stackStartFn: hold });
  };
  if (options.within === undefined) return judge(received(handle, request, options));
  return receivedWithin(handle, request, options).then(judge);
}
