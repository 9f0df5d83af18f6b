import { fromLatin1 } from "../../src/wire/bytes.ts";

// RFC 865: short enough for 512 characters, the end of the line included
const MAX_OCTETS = 512;
const DAY_MS = 86_400_000;

/** The quote of the day: each quote in turn, a day each (UTC), so that one clock makes one quote. */
export function quoteOf(quotes: readonly string[], now: number): string {
  if (quotes.length === 0) return "";
  const day = Math.floor(now / DAY_MS);
  return quotes[((day % quotes.length) + quotes.length) % quotes.length] ?? "";
}

/** The quote as it is sent: ASCII printing characters, space, CR and LF (RFC 865), and no more than fit. */
export function encodeQuote(quote: string): Uint8Array {
  const ascii = quote.replace(/\r?\n/g, "\r\n").replace(/[^\x20-\x7e\r\n]/gu, "?");
  return fromLatin1(`${ascii.slice(0, MAX_OCTETS - 2).trimEnd()}\r\n`);
}
