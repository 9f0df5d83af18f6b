const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** RFC 9110 section 5.6.7: the form to send, and the two obsolete ones that must still be understood. */
const IMF_FIXDATE = /^[A-Za-z]{3}, (\d\d) ([A-Za-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;
const RFC_850 = /^[A-Za-z]{6,9}, (\d\d)-([A-Za-z]{3})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/;
const ASCTIME = /^[A-Za-z]{3} ([A-Za-z]{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/;

/** An IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`. */
export function formatDate(ms: number): string {
  return new Date(ms).toUTCString();
}

/** Milliseconds since the epoch; `undefined` if the text is no HTTP-date. `now` tells the century of a short year. */
export function parseDate(text: string, now: number): number | undefined {
  let [, day, month, year, ...time] = IMF_FIXDATE.exec(text) ?? RFC_850.exec(text) ?? [];
  if (day === undefined) [, month, day, ...time] = ASCTIME.exec(text) ?? [];
  if (day === undefined || month === undefined) return undefined;
  year ??= time.pop();
  const at = MONTHS.indexOf(month.toLowerCase());
  const [hour = 0, minute = 0, second = 0] = time.map(Number);
  if (at < 0 || hour > 23 || minute > 59 || second > 60) return undefined;
  const ms = Date.UTC(fullYear(year ?? "", now), at, Number(day), hour, minute, second);
  // A day that the month does not have would be one of the next month.
  return new Date(ms).getUTCDate() === Number(day) || second === 60 ? ms : undefined;
}

/** RFC 9110 section 5.6.7: a two-digit year more than 50 years ahead is in the past. */
function fullYear(year: string, now: number): number {
  if (year.length !== 2) return Number(year);
  const present = new Date(now).getUTCFullYear();
  const candidate = present - (present % 100) + Number(year);
  return candidate > present + 50 ? candidate - 100 : candidate;
}

/** The Date field, made once a second. */
export class DateLine {
  #second = Number.NaN;
  #text = "";

  at(now: number): string {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = formatDate(now);
    }
    return this.#text;
  }
}
