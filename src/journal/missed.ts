import { PortwrightError } from "../errors.ts";
import { nearest } from "../wire/nearest.ts";
import { type Difference, differenceOf, printDifference, printWanted } from "./differences.ts";
import type { Entry, EntryKind } from "./entry.ts";
import { printEntry } from "./print-entry.ts";
import { kindOf, type Query, timeOf } from "./query.ts";
import type { Search } from "./search.ts";
import { valueAt } from "./wanted.ts";

/** How many near misses are shown. */
const SHOWN_ENTRIES = 5;
/** Of the source of a query's own test. */
const SHOWN_CHARACTERS = 80;

/** What an entry of a kind is called, where that is another word. */
const NOUNS: { readonly [kind in EntryKind]?: string } = {
  open: "opened session",
  close: "closed session",
  received: "received octets",
  sent: "sent octets",
  channel: "data connection",
};

/** A wait in vain. */
export interface Miss {
  readonly search: Search;
  /** Why it ended: `2000 ms have passed`. */
  readonly cause: string;
  /** Everything that came. */
  readonly entries: readonly Entry[];
  /** How many were wanted. */
  readonly count?: number;
}

/** An entry that is not what was wanted, and why. */
interface NearMiss {
  readonly entry: Entry;
  readonly unmet: number;
}

/** What a wait in vain says: what was wanted, why it ended, and what came nearest. */
export function missed(miss: Miss): PortwrightError {
  return new PortwrightError("WAIT_TIMEOUT", `no ${printQuery(miss.search)}: ${miss.cause}${whatCame(miss)}`);
}

/** The lines that say what came nearest; the nearest first. */
export function whatCame({ search, entries, count = 1 }: Miss): string {
  const near: NearMiss[] = [];
  const found: Entry[] = [];
  for (const entry of entries) {
    if ((search.kind ?? entry.kind) !== entry.kind || !search.isOfService(entry)) continue;
    const unmet = differencesOf(search, entry).length;
    if (unmet === 0) found.push(entry);
    else near.push({ entry, unmet });
  }
  const came = count > 1 ? `; ${found.length} of ${count} came${found.map(({ seq }) => ` #${seq}`).join(",")}` : "";
  if (near.length === 0) return came + (found.length > 0 ? "" : others(search, entries));
  near.sort((a, b) => a.unmet - b.unmet || b.entry.seq - a.entry.seq);
  const shown = near
    .slice(0, SHOWN_ENTRIES)
    .flatMap(({ entry }) => [
      `  ${printEntry(entry)}`,
      ...differencesOf(search, entry).map((difference) => `      ${difference.print()}`),
    ]);
  return `${came}; the nearest of ${near.length} that came:\n${[...unknownFields(search, near), ...shown].join("\n")}`;
}

/** One thing that a query wants and an entry has not; printed only if it is shown. */
interface Unmet {
  print(): string;
}

function differencesOf(search: Search, entry: Entry): readonly Unmet[] {
  const { query } = search;
  const unmet: Unmet[] = [];
  const want = (isMet: boolean, print: () => string) => {
    if (!isMet) unmet.push({ print });
  };
  want(entry.seq > search.after, () => `wanted after #${search.after}`);
  want(search.isOfSession(entry), () => `session: wanted ${sessionName(query)}, was ${entry.session.id}`);
  want(search.isInTime(entry), () => `time: wanted ${printTimes(query)}, was ${printTime(entry.time)}`);
  if (entry.kind === "exchange") {
    for (const side of ["request", "reply"] as const) {
      if (search[side].length === 0) continue; // and a datagram need not be decoded
      const fields = entry[side];
      for (const field of search[side]) {
        const differs = () => differenceOf(fields, field, search.tables?.[side]) as Difference;
        want(field.matcher.test(valueAt(fields, field.path)), () => printDifference(named(differs(), side)));
      }
    }
  }
  want(search.isNoted(entry), () => `event: wanted "${query.event}"`);
  want(search.hasText(entry), () => `text: wanted ${printText(query.text)}, was nowhere in it`);
  // The query's own test is written for entries that are otherwise as they should be.
  if (unmet.length === 0) want(query.where?.(entry) ?? true, () => "where: the test said no");
  return unmet;
}

function named(difference: Difference, side: "request" | "reply"): Difference {
  return side === "request" ? difference : { ...difference, field: `reply.${difference.field}` };
}

/** Fields that nothing has which came, so that they are probably misspelt. */
function unknownFields({ request, reply }: Search, near: readonly NearMiss[]): string[] {
  const unknown = (wanted: typeof request, side: "request" | "reply") => {
    const known = new Set(near.flatMap(({ entry }) => (entry.kind === "exchange" ? Object.keys(entry[side]) : [])));
    const names = new Set(wanted.filter(({ wanted: want }) => want !== undefined).map(({ path: [name = ""] }) => name));
    return [...names]
      .filter((name) => !known.has(name))
      .map((name) => {
        const hint = nearest(name, known);
        return `  no ${side} that came has a field "${name}"${hint ? `; did you mean "${hint}"?` : ""}`;
      });
  };
  return [...unknown(request, "request"), ...unknown(reply, "reply")];
}

/** If nothing of the kind came: what else the service had; at worst, what there was at all. */
function others(search: Search, entries: readonly Entry[]): string {
  if (entries.length === 0) return "; nothing came";
  const ofService = entries.filter((entry) => search.isOfService(entry));
  const shown = ofService.length > 0 ? ofService : entries;
  const { name, service } = search.query;
  const none = `no ${nounOf(search.kind)}${ofService.length > 0 ? "" : ` of ${name ?? service}`} came`;
  const last = shown.slice(-SHOWN_ENTRIES).map((entry) => `  ${printEntry(entry)}`);
  return `; ${none}, the last of ${shown.length} other ${shown.length === 1 ? "entry" : "entries"}:\n${last.join("\n")}`;
}

function nounOf(kind: EntryKind | undefined): string {
  return kind === undefined ? "entry" : (NOUNS[kind] ?? kind);
}

/** A query in words: `exchange of smtp with { command: "DATA" }`. */
export function printQuery({ query, after, tables }: Pick<Search, "query" | "after" | "tables">): string {
  const { service, name, session, request, reply, event, text, where } = query;
  const parts = [nounOf(kindOf(query))];
  if (event !== undefined) parts.push(`"${event}"`);
  if (name !== undefined || service !== undefined) parts.push(`of ${name ?? service}`);
  if (session !== undefined) parts.push(`in session ${sessionName(query)}`);
  if (after > 0) parts.push(`after #${after}`);
  if (query.since !== undefined || query.until !== undefined) parts.push(printTimes(query));
  if (request) parts.push(`with ${printWanted(request, tables?.request)}`);
  if (reply) parts.push(`${request ? "and" : "with"} the reply ${printWanted(reply, tables?.reply)}`);
  if (text !== undefined) parts.push(`with the text ${printText(text)}`);
  if (where) parts.push(`where ${shortened(String(where).replace(/\s*\n\s*/g, " "))}`);
  return parts.join(" ");
}

function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}

function sessionName({ session }: Query): string {
  return String(typeof session === "object" ? session.id : session);
}

function printText(text: Query["text"]): string {
  return typeof text === "string" ? JSON.stringify(text) : String(text);
}

function printTimes({ since, until }: Query): string {
  const parts: string[] = [];
  if (since !== undefined) parts.push(`since ${printTime(timeOf(since))}`);
  if (until !== undefined) parts.push(`until ${printTime(timeOf(until))}`);
  return parts.join(" ");
}

function printTime(time: number): string {
  return Number.isFinite(time) && Math.abs(time) < 8.64e15 ? new Date(time).toISOString() : String(time);
}
