import type { Entry, EntryKind, SessionRecord } from "./entry.ts";
import type { WantedFields } from "./wanted.ts";

/** Which entries are meant. Everything given must hold. */
export interface Query {
  readonly service?: string;
  /** The instance's name, where a service runs more than once. */
  readonly name?: string;
  /** By its number; or the session of an entry, which for a datagram means all those of its peer. */
  readonly session?: number | SessionRecord;
  readonly kind?: EntryKind;
  /** Only entries after this one, or after the one with this number. */
  readonly after?: number | { readonly seq: number };
  /** Not before this time, and not after that one: milliseconds since the epoch, or a Date. */
  readonly since?: number | Date;
  readonly until?: number | Date;
  /** Fields of an exchange's request, as in a rule's `when`; implies `kind: "exchange"`. */
  readonly request?: WantedFields;
  /** Fields of an exchange's reply; implies `kind: "exchange"`. */
  readonly reply?: WantedFields;
  /** The event of a note; implies `kind: "note"`. */
  readonly event?: string;
  /** Occurs in the octets sent or received, read as Latin-1, or in a field of what has no octets of its own. */
  readonly text?: string | RegExp;
  readonly where?: (entry: Entry) => boolean;
}

/** The entries that a query means: those of one kind, where the query says or implies which. */
export type EntryOf<Q extends Query> = Q extends { readonly kind: infer K extends EntryKind }
  ? Extract<Entry, { kind: K }>
  : Q extends { readonly request: object } | { readonly reply: object }
    ? Extract<Entry, { kind: "exchange" }>
    : Q extends { readonly event: string }
      ? Extract<Entry, { kind: "note" }>
      : Entry;

/** The kind that a query says or implies. */
export function kindOf({ kind, request, reply, event }: Query): EntryKind | undefined {
  if (kind !== undefined) return kind;
  if (request || reply) return "exchange";
  return event === undefined ? undefined : "note";
}

/** The number behind which the query's entries stand; 0 if they may stand anywhere. */
export function placeOf(after: Query["after"]): number {
  return typeof after === "object" ? after.seq : (after ?? 0);
}

/** Milliseconds since the epoch. */
export function timeOf(time: number | Date): number {
  return typeof time === "number" ? time : time.getTime();
}

/** A session is the one that is meant; one without a number, if it has the same name and peer. */
export function isSession(session: SessionRecord, meant: number | SessionRecord): boolean {
  if (typeof meant === "number") return session.id === meant;
  if (meant.id !== 0) return session.id === meant.id;
  const { name, peer } = meant;
  return (
    session.id === 0 &&
    session.name === name &&
    session.peer.port === peer.port &&
    session.peer.address === peer.address
  );
}
