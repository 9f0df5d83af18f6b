const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
/** What a timer of Node can hold. */
const LONGEST_MS = 2 ** 31 - 1;

/** Milliseconds of `50`, `"50ms"`, `"2s"`, `"1.5m"`; `undefined` if it is no duration. */
export function durationMs(value: unknown): number | undefined {
  const found = typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(value) : undefined;
  const ms = found ? Number(found[1]) * UNITS[found[2] as keyof typeof UNITS] : value;
  return typeof ms === "number" && ms >= 0 && ms <= LONGEST_MS ? ms : undefined;
}
