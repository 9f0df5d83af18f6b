import type { Wanted } from "../index.ts";
import type { WantedFields } from "../journal/wanted.ts";
import { type Asked, questionOf, type ReceivedOptions, received, receivedWithin, type Verdict } from "./received.ts";

/** The fields that a service's requests have; of anything else, any. */
export type RequestOf<Handle> = Handle extends { exchanges(request?: infer Request): unknown }
  ? NonNullable<Request>
  : WantedFields;

type Waiting = ReceivedOptions & { readonly within: number };
type Now = ReceivedOptions & { readonly within?: never };

/** What can be asserted of a service's handle. `Handle` is its type, from which come the fields of its requests. */
export interface PortwrightMatchers<Handle> {
  /**
   * The service was asked this, in the same fields as a rule's `when`; `within` waits for it.
   *
   *     await expect(smtp).toHaveReceived({ to: "alice@example.test", subject: /code/ }, { within: 2000 });
   */
  toHaveReceived(request: RequestOf<Handle>, options?: Now): void;
  toHaveReceived(request: RequestOf<Handle>, options: Waiting): Promise<void>;
  /**
   * The service was asked for this: a name and a type (DNS), a path and a method (HTTP), or a path and a command (FTP).
   *
   *     expect(dns).toHaveBeenAskedFor("www.example.test", "A");
   */
  toHaveBeenAskedFor(what: Wanted, kind?: Wanted, options?: Now): void;
  toHaveBeenAskedFor(what: Wanted, kind: Wanted, options: Waiting): Promise<void>;
}

/** The matchers, for `expect.extend`. */
export const matchers = {
  toHaveReceived: (handle: unknown, request: WantedFields, options: ReceivedOptions = {}) => {
    return check(asked(handle, "toHaveReceived"), request, options);
  },
  toHaveBeenAskedFor: (handle: unknown, what: Wanted, kind?: Wanted, options: ReceivedOptions = {}) => {
    const service = asked(handle, "toHaveBeenAskedFor");
    return check(service, questionOf(service, what, kind), options);
  },
} as const;

function check(handle: Asked, request: WantedFields, options: ReceivedOptions): Verdict | Promise<Verdict> {
  return options.within === undefined ? received(handle, request, options) : receivedWithin(handle, request, options);
}

function asked(handle: unknown, matcher: string): Asked {
  if (handle !== null && typeof handle === "object" && "explain" in handle && "exchanges" in handle)
    return handle as Asked;
  throw new TypeError(`expect(...).${matcher} is for the handle of a service, such as harness.smtp`);
}
