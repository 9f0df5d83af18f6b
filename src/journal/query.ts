import type { Fields, FieldValue } from "../contract/machine.ts";
import { toLatin1 } from "../wire/bytes.ts";
import { DatagramEntry, type Entry, type EntryKind } from "./entry.ts";
import { plainFields } from "./plain.ts";

/**
 * A wanted value: the value itself, a pattern its text must match, a test, or several fields of a map. What is wanted of a
 * list may be any of its items.
 */
export type Wanted = FieldValue | RegExp | ((value: FieldValue) => boolean) | { readonly [field: string]: Wanted };

/** Which entries are meant. Everything given must hold. */
export interface Query {
  readonly service?: string;
  /** The instance's name, where a service runs more than once. */
  readonly name?: string;
  readonly session?: number;
  readonly kind?: EntryKind;
  /** Only entries after this one. */
  readonly after?: number;
  /** Fields of an exchange's request; implies `kind: "exchange"`. */
  readonly request?: { readonly [field: string]: Wanted };
  /** Fields of an exchange's reply; implies `kind: "exchange"`. */
  readonly reply?: { readonly [field: string]: Wanted };
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

/** The entry is one that the query means. */
export function isMatch(entry: Entry, query: Query): boolean {
  if (query.after !== undefined && entry.seq <= query.after) return false;
  if (query.kind !== undefined && entry.kind !== query.kind) return false;
  if ((query.request || query.reply) && entry.kind !== "exchange") return false;
  if (query.event !== undefined && !(entry.kind === "note" && entry.event === query.event)) return false;
  const { session } = entry;
  if (query.service !== undefined && session.service !== query.service) return false;
  if (query.name !== undefined && session.name !== query.name) return false;
  if (query.session !== undefined && session.id !== query.session) return false;
  if (entry.kind === "exchange") {
    if (query.request && !hasFields(entry.request, query.request)) return false;
    if (query.reply && !hasFields(entry.reply, query.reply)) return false;
  }
  if (query.text !== undefined && !hasText(entry, query.text)) return false;
  return query.where?.(entry) ?? true;
}

function hasFields(fields: Fields, wanted: { readonly [field: string]: Wanted }): boolean {
  for (const [name, want] of Object.entries(wanted)) if (!isWanted(fields[name], want)) return false;
  return true;
}

function isWanted(value: FieldValue, want: Wanted): boolean {
  if (typeof want === "function") return want(value);
  if (Array.isArray(value) && !Array.isArray(want)) return value.some((item) => isWanted(item as FieldValue, want));
  if (want instanceof RegExp) return occurs(want, textOf(value));
  if (want instanceof Uint8Array) return value instanceof Uint8Array && Buffer.compare(value, want) === 0;
  if (Array.isArray(want)) {
    return Array.isArray(value) && value.length === want.length && want.every((item, at) => isWanted(value[at], item));
  }
  if (typeof want === "object" && want !== null) {
    return isMap(value) && hasFields(value, want as { readonly [field: string]: Wanted });
  }
  return value === want;
}

function isMap(value: FieldValue): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function textOf(value: FieldValue): string {
  if (value instanceof Uint8Array) return toLatin1(value);
  return isMap(value) ? JSON.stringify(plainFields(value)) : String(value ?? "");
}

/** In the octets of an entry, and where it has none, in each of its fields. */
function hasText(entry: Entry, text: string | RegExp): boolean {
  const octets = octetsOf(entry);
  if (octets) return octets.some((bytes) => occurs(text, toLatin1(bytes)));
  return Object.values(describe(entry)).some((value) => hasTextWithin(value, text));
}

function octetsOf(entry: Entry): readonly Uint8Array[] | undefined {
  if (entry instanceof DatagramEntry) return entry.sent ? [entry.received, entry.sent] : [entry.received];
  return entry.kind === "received" || entry.kind === "sent" ? [entry.bytes] : undefined;
}

function hasTextWithin(value: FieldValue, text: string | RegExp): boolean {
  if (Array.isArray(value)) return value.some((item) => hasTextWithin(item as FieldValue, text));
  if (isMap(value)) return Object.values(value).some((inner) => hasTextWithin(inner, text));
  return occurs(text, textOf(value));
}

/** Whatever an earlier search left in a `g` or `y` pattern. */
function occurs(text: string | RegExp, within: string): boolean {
  if (typeof text === "string") return within.includes(text);
  text.lastIndex = 0;
  return text.test(within);
}

/** What an entry says beyond its kind and session, as plain data. */
export function describe(entry: Entry): Fields {
  switch (entry.kind) {
    case "exchange":
      return { request: entry.request, reply: entry.reply };
    case "note":
      return { event: entry.event, detail: entry.detail };
    case "received":
    case "sent":
      return { octets: entry.bytes.length, ...(entry.channel === undefined ? {} : { channel: entry.channel }) };
    case "close":
      return { how: entry.how, ...(entry.error === undefined ? {} : { error: entry.error }) };
    case "end":
      return { by: entry.by };
    case "channel":
      return { channel: entry.channel, local: { ...entry.local }, peer: { ...entry.peer } };
    case "open":
      return {};
  }
}
