import { PortwrightError } from "../errors.ts";
import type { Entry } from "./entry.ts";
import { printQuery, whatCame } from "./missed.ts";
import { printEntry } from "./print-entry.ts";
import type { Search } from "./search.ts";
import type { Awaited } from "./wait.ts";

/** Waits for one entry for each search, each behind the one before it. */
export function ordered(searches: readonly Search[], entries: () => readonly Entry[]): Awaited<readonly Entry[]> {
  const found: Entry[] = [];
  return {
    tell: (entry) => {
      if (searches[found.length]?.matches(entry)) found.push(entry);
      return found.length === searches.length ? found : undefined;
    },
    missed: (cause) => outOfOrder(searches, found, cause, entries()),
  };
}

function outOfOrder(
  searches: readonly Search[],
  found: readonly Entry[],
  cause: string,
  entries: readonly Entry[],
): PortwrightError {
  const lines = searches.map((search, at) => {
    const step = `  ${at + 1}. ${printQuery(search)}: `;
    const entry = found[at];
    if (entry) return `${step}${printEntry(entry)}`;
    if (at > found.length) return `${step}not looked for, because ${found.length + 1} did not come`;
    const early = entries.find((one) => search.matches(one));
    if (early) return `${step}came too early: ${printEntry(early)}`;
    return `${step}did not come${whatCame({ search, entries, cause })}`;
  });
  return new PortwrightError("WAIT_TIMEOUT", `these did not come in this order: ${cause}\n${lines.join("\n")}`);
}
