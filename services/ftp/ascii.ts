import { asBuffer } from "../../src/wire/bytes.ts";

/** RFC 959 section 3.1.1.1: on the wire a line ends with CRLF; in the tree with LF. CRLF in the tree stays as it is. */

const LF = 0x0a;
const CR = 0x0d;
/** Half of what one piece may hold, because every octet could be an LF. */
const SOURCE_OCTETS = 32 * 1024;
const PIECE_OCTETS = 64 * 1024;

/** How many octets `bytes` are in TYPE A. */
export function asciiLength(bytes: Uint8Array): number {
  let octets = bytes.length;
  for (let at = nextBareLf(bytes, 0); at >= 0; at = nextBareLf(bytes, at + 1)) octets += 1;
  return octets;
}

/** Where the octet at `offset` of the TYPE A form is in `bytes`; `skip` is 1 if it is the LF behind an inserted CR. */
export function asciiPosition(bytes: Uint8Array, offset: number): { readonly at: number; readonly skip: 0 | 1 } {
  let inserted = 0;
  for (let lf = nextBareLf(bytes, 0); lf >= 0 && lf + inserted < offset; lf = nextBareLf(bytes, lf + 1)) {
    if (lf + inserted + 1 === offset) return { at: lf, skip: 1 };
    inserted += 1;
  }
  return { at: offset - inserted, skip: 0 };
}

/** The octets of a file in TYPE A, from `offset` of that form on, in pieces. */
export function* asciiPieces(bytes: Uint8Array, offset: number): Generator<Uint8Array> {
  const start = asciiPosition(bytes, offset);
  let at = start.at;
  let skip: number = start.skip;
  while (at < bytes.length) {
    const to = Math.min(at + SOURCE_OCTETS, bytes.length);
    const piece = new Uint8Array(2 * (to - at));
    let filled = 0;
    for (; at < to; at += 1) {
      if (bytes[at] === LF && bytes[at - 1] !== CR) piece[filled++] = CR;
      piece[filled++] = bytes[at] as number;
    }
    yield piece.subarray(skip, filled);
    skip = 0;
  }
}

/** The octets of a file in TYPE I, from `offset` on, in pieces. */
export function* imagePieces(bytes: Uint8Array, offset: number): Generator<Uint8Array> {
  for (let at = offset; at < bytes.length; at += PIECE_OCTETS) yield bytes.subarray(at, at + PIECE_OCTETS);
}

/** What the tree keeps of octets that came in TYPE A. */
export function fromAscii(bytes: Uint8Array): Uint8Array {
  const kept = new Uint8Array(bytes.length);
  let filled = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] !== CR || bytes[at + 1] !== LF) kept[filled++] = bytes[at] as number;
  }
  return kept.subarray(0, filled);
}

function nextBareLf(bytes: Uint8Array, from: number): number {
  const octets = asBuffer(bytes);
  let at = octets.indexOf(LF, from);
  while (at > 0 && octets[at - 1] === CR) at = octets.indexOf(LF, at + 1);
  return at;
}
