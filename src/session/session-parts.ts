import type { Clock } from "../contract/clock.ts";
import type { Machine } from "../contract/machine.ts";
import type { SessionRecord } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import type { Connection, Network } from "../transport/connection.ts";
import type { Session } from "./session.ts";

/** What a session is made of. */
export interface SessionParts {
  readonly record: SessionRecord;
  readonly machine: Machine;
  readonly connection: Connection;
  readonly network: Network;
  readonly clock: Clock;
  readonly journal: Journal;
  /** For faults that need chance; a number in [0, 1). */
  readonly random?: () => number;
  /** Called once, when nothing of the session is left. */
  readonly over: (session: Session) => void;
}
