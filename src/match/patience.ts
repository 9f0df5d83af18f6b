import { Place } from "./place.ts";

/** Milliseconds, or a text such as `"50ms"`, `"2s"` or `"10m"`. */
export type Duration = number | string;

/** How long is waited unless told. */
const WAIT_MS = 5000;
/** What a timer of Node can hold. */
const LONGEST_MS = 2 ** 31 - 1;

/** How many milliseconds a test waits; `Infinity` for what no timer could hold. Throws `USAGE` for what is no duration. */
export function patienceMs(timeout: Duration = WAIT_MS): number {
  if (typeof timeout === "number" && timeout > LONGEST_MS) return Number.POSITIVE_INFINITY;
  return new Place("USAGE", ["timeout"]).duration(timeout);
}
