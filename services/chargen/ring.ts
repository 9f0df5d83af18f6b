import { fromLatin1, unwritten } from "../../src/wire/bytes.ts";

// RFC 864, Data Syntax: 72 character lines of the ASCII printing characters, of which there are 95, in a ring
const CHARACTERS = 72;
const PRINTING = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).join("");

/** A line with its CRLF. */
export const LINE_OCTETS = CHARACTERS + 2;

const lines = Array.from({ length: PRINTING.length }, (_, start) => {
  return `${(PRINTING + PRINTING).slice(start, start + CHARACTERS)}\r\n`;
});

/** Twice around the ring: after it the next octets are the same again. */
export const RINGS: Uint8Array = fromLatin1(lines.join("").repeat(2));

/** So many octets of the ring, from its beginning. */
export function ringOf(octets: number): Uint8Array {
  const ring = unwritten(octets);
  for (let at = 0; at < octets; at += RINGS.length) ring.set(RINGS.subarray(0, octets - at), at);
  return ring;
}
