import type { Journal } from "../journal/journal.ts";
import type { Shadow } from "../ports/shadows.ts";
import type { Harness } from "../supervisor/harness.ts";

/** How `up` tells what happens: to people on a terminal, or to programs. */
export interface Reporter {
  ready(harness: Harness): void;
  /** Tells each entry of the journal that is news to a reader. */
  follow(journal: Journal): void;
  /** Other processes have ports of the same number where a client may take one for the other. */
  shadowed(shadows: readonly Shadow[]): void;
  stopping(openSessions: number): void;
  /** Says so. Resolves like `flush`. */
  stopped(): Promise<void>;
  /** Resolves when everything said has left, or nobody reads it. */
  flush(): Promise<void>;
}
