import type { FileStat } from "../../src/contract/world.ts";

/** Facts about files (RFC 3659 section 7.5), and times as section 2.3 writes them. */

const FACTS = ["type", "size", "modify", "perm"] as const;

export type Fact = (typeof FACTS)[number];

/** What MLST and MLSD tell until OPTS MLST asks for less. */
export const DEFAULT_FACTS: readonly Fact[] = FACTS;

/** The facts that a client named and that there are (RFC 3659 section 7.9), in this server's order. */
export function factsIn(text: string): readonly Fact[] {
  const named = text.toLowerCase().split(";");
  return FACTS.filter((fact) => named.includes(fact));
}

/** FEAT's line: all facts, those switched on with an asterisk (RFC 3659 section 7.8). */
export function factsFeature(chosen: readonly Fact[]): string {
  return `MLST ${FACTS.map((fact) => `${fact}${chosen.includes(fact) ? "*" : ""};`).join("")}`;
}

/** The facts of an entry, each with its semicolon; `mayWrite` tells whether the user may change what is at a path. */
export function factsOf(stat: FileStat, chosen: readonly Fact[], mayWrite: (path: string) => boolean): string {
  const values: Record<Fact, string | undefined> = {
    type: stat.type === "file" ? "file" : "dir",
    size: stat.type === "file" ? String(stat.octets) : undefined,
    modify: timeVal(stat.modified),
    perm: permissions(stat, mayWrite),
  };
  return chosen.map((fact) => (values[fact] === undefined ? "" : `${fact}=${values[fact]};`)).join("");
}

/** RFC 3659 section 7.5.5. */
function permissions(stat: FileStat, mayWrite: (path: string) => boolean): string {
  if (stat.type === "file") return mayWrite(stat.path) ? "adfrw" : "r";
  const inside = mayWrite(`${stat.path === "/" ? "" : stat.path}/x`) ? "cmp" : "";
  const itself = stat.path !== "/" && mayWrite(stat.path) ? "df" : "";
  return `el${inside}${itself}`;
}

/** `YYYYMMDDHHMMSS` in UTC (RFC 3659 section 2.3), to the second. */
export function timeVal(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace(/\D/g, "");
}

/** Milliseconds since the epoch, or `undefined` if the text is no time-val. */
export function parseTimeVal(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?$/.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC carries the 31st of April over into May.
  return timeVal(time) === text.slice(0, 14) ? time : undefined;
}
