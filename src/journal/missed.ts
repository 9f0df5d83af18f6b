import { PortwrightError } from "../errors.ts";
import type { Entry } from "./entry.ts";
import { plainFields } from "./plain.ts";
import { describe, isMatch, type Query } from "./query.ts";

/** How many near misses are shown, and how much of each. */
const SHOWN_ENTRIES = 5;
const SHOWN_CHARACTERS = 400;

/** What a wait in vain says: what was wanted, why it ended, and the last entries that came nearest. */
export function missed(query: Query, cause: string, entries: readonly Entry[]): PortwrightError {
  const near = nearMisses(query, entries);
  const last = near.slice(-SHOWN_ENTRIES).map((entry) => `  ${printEntry(entry)}`);
  const seen = last.length > 0 ? `the last of ${near.length} that did not match:\n${last.join("\n")}` : "nothing came";
  return new PortwrightError("WAIT_TIMEOUT", `no entry matched ${printQuery(query)}: ${cause}; ${seen}`);
}

/** Entries of the same service and kind; if there are none, of the same service; at worst, all. */
function nearMisses(query: Query, entries: readonly Entry[]): readonly Entry[] {
  const { service, name, session } = query;
  const kind =
    query.kind ?? (query.request || query.reply ? "exchange" : query.event === undefined ? undefined : "note");
  const origin: Query = {
    ...(service === undefined ? {} : { service }),
    ...(name === undefined ? {} : { name }),
    ...(session === undefined ? {} : { session }),
  };
  for (const nearness of [kind === undefined ? origin : { ...origin, kind }, origin, {}]) {
    const near = entries.filter((entry) => isMatch(entry, nearness));
    if (near.length > 0) return near;
  }
  return [];
}

function printEntry(entry: Entry): string {
  const text = JSON.stringify(plainFields(describe(entry)));
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
  return `${entry.session.name} ${entry.kind} ${shown}`;
}

function printQuery(query: Query): string {
  return JSON.stringify(query, (_, value: unknown) => {
    if (value instanceof RegExp || typeof value === "function") return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value;
  });
}
