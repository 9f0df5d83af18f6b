import type { Entry, SessionRecord } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import type { Sieve } from "../journal/sieve.ts";

type Exchange = Extract<Entry, { kind: "exchange" }>;

/** The entries of one scope: its requests, and the sessions that had one. */
export class ScopeSieve implements Sieve {
  readonly #journal: Journal;
  readonly #isRequest: (entry: Exchange) => boolean;
  readonly #sessions = new Set<string>();

  constructor(journal: Journal, isRequest: (entry: Exchange) => boolean) {
    this.#journal = journal;
    this.#isRequest = isRequest;
    for (const entry of journal.find({ kind: "exchange" })) {
      // Datagrams have no session.
      if (entry.session.id !== 0 && isRequest(entry)) this.#sessions.add(keyOf(entry.session));
    }
  }

  has(entry: Entry): boolean {
    return this.#sessions.has(keyOf(entry.session)) || (entry.kind === "exchange" && this.#isRequest(entry));
  }

  /** With its first request, all of a session comes through. */
  admit(entry: Entry): readonly Entry[] {
    const { session } = entry;
    if (!this.has(entry)) return [];
    if (session.id === 0 || this.#sessions.has(keyOf(session))) return [entry];
    this.#sessions.add(keyOf(session));
    return this.#journal.find({ session });
  }
}

/** Numbers begin again when everything is forgotten; with whom it is tells such sessions apart. */
function keyOf({ id, peer }: SessionRecord): string {
  return `${id} ${peer.address} ${peer.port}`;
}
