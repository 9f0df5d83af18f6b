import type { FieldTable } from "../contract/service.ts";
import { Place } from "../match/place.ts";
import type { Entry, EntryKind } from "./entry.ts";
import type { Tables } from "./print.ts";
import { isSession, kindOf, placeOf, type Query, timeOf } from "./query.ts";
import { hasText } from "./text.ts";
import { valueAt, type WantedField, wantedFields } from "./wanted.ts";

type Exchange = Extract<Entry, { kind: "exchange" }>;

/** What the service, or instance, of this name declares of its exchanges. */
export type TablesOf = (name: string) => Tables | undefined;

/** A query, checked and ready to be asked of one entry after the other. */
export class Search {
  readonly query: Query;
  readonly kind: EntryKind | undefined;
  /** Only entries with a higher number are meant. */
  readonly after: number;
  /** What the service declares that the query names. */
  readonly tables: Tables | undefined;
  readonly request: readonly WantedField[];
  readonly reply: readonly WantedField[];
  readonly #since: number;
  readonly #until: number;

  /** Throws `QUERY_INVALID` for a field that the service does not have, or a value that no field can have. */
  constructor(query: Query, tablesOf: TablesOf) {
    this.query = query;
    this.kind = kindOf(query);
    this.after = placeOf(query.after);
    const name = query.name ?? query.service;
    this.tables = name === undefined ? undefined : tablesOf(name);
    this.request = fieldsOf(query, "request", this.tables?.request);
    this.reply = fieldsOf(query, "reply", this.tables?.reply);
    this.#since = query.since === undefined ? Number.NEGATIVE_INFINITY : timeOf(query.since);
    this.#until = query.until === undefined ? Number.POSITIVE_INFINITY : timeOf(query.until);
  }

  /** The entry is one that the query means. */
  matches(entry: Entry): boolean {
    return (
      entry.seq > this.after &&
      (this.kind === undefined || entry.kind === this.kind) &&
      this.isOfService(entry) &&
      this.isOfSession(entry) &&
      this.isInTime(entry) &&
      this.#hasFields(entry) &&
      this.isNoted(entry) &&
      this.hasText(entry) &&
      (this.query.where?.(entry) ?? true)
    );
  }

  isOfService({ session }: Entry): boolean {
    const { service, name } = this.query;
    return (service ?? session.service) === session.service && (name ?? session.name) === session.name;
  }

  isOfSession({ session }: Entry): boolean {
    return this.query.session === undefined || isSession(session, this.query.session);
  }

  isInTime({ time }: Entry): boolean {
    return time >= this.#since && time <= this.#until;
  }

  isNoted(entry: Entry): boolean {
    const { event } = this.query;
    return event === undefined || (entry.kind === "note" && entry.event === event);
  }

  hasText(entry: Entry): boolean {
    return this.query.text === undefined || hasText(entry, this.query.text);
  }

  #hasFields(entry: Entry): boolean {
    if (!this.query.request && !this.query.reply) return true;
    if (entry.kind !== "exchange") return false;
    return areWanted(this.request, entry, "request") && areWanted(this.reply, entry, "reply");
  }
}

function areWanted(wanted: readonly WantedField[], entry: Exchange, side: "request" | "reply"): boolean {
  if (wanted.length === 0) return true; // and a datagram need not be decoded
  const fields = entry[side];
  return wanted.every(({ path, matcher }) => matcher.test(valueAt(fields, path)));
}

function fieldsOf(query: Query, side: "request" | "reply", table: FieldTable | undefined): readonly WantedField[] {
  return wantedFields(query[side] ?? {}, table, new Place("QUERY_INVALID", [side]));
}
