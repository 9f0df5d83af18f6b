import type { Clock } from "../contract/clock.ts";
import type { JournalLimits } from "../journal/journal.ts";
import type { PortScheme } from "../ports/plan.ts";
import type { Fixtures, WorldLimits } from "../world/world.ts";
import type { SessionLimits } from "./binding.ts";
import type { Instance } from "./endpoint.ts";

/** Everything a harness is started with, checked and complete. */
export interface Settings {
  readonly instances: readonly Instance[];
  readonly ports: PortScheme;
  /** Addresses to listen on. */
  readonly hosts: readonly string[];
  /** CIDR blocks of who is answered; empty: everybody who can reach a host. */
  readonly allow: readonly string[];
  readonly seed: number;
  readonly fixtures: Fixtures;
  readonly limits: Limits;
  /** Ports for secondary connections such as FTP's data connection; otherwise the system chooses. */
  readonly channelPorts: { readonly from: number; readonly to: number } | undefined;
  /** How long sessions may take to say goodbye. */
  readonly graceMs: number;
  readonly clock: Clock;
  /** Requests may provoke faults by themselves, such as mail to `452@fault.test`. */
  readonly triggers: boolean;
  /** A user to become once every port is bound. */
  readonly user: string | undefined;
}

export interface Limits extends SessionLimits, JournalLimits, WorldLimits {}
