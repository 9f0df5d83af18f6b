/** How the moment is written; RFC 867 leaves it open. Everything is in UTC, so that one clock makes one text. */
export const formats = {
  /** RFC 867's first syntax, "Weekday, Month Day, Year Time-Zone": `Thursday, January 1, 2026 00:00:00-UTC`. */
  rfc867: (now: number) => {
    const date = new Date(now);
    const day = `${WEEKDAYS[date.getUTCDay()]}, ${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}`;
    return `${day}, ${date.getUTCFullYear()} ${date.toISOString().slice(-13, -5)}-UTC`;
  },
  /** `2026-01-01T00:00:00Z` (RFC 3339). */
  iso8601: (now: number) => `${new Date(now).toISOString().slice(0, -5)}Z`,
} as const;

const WEEKDAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const MONTHS = "January February March April May June July August September October November December".split(" ");
