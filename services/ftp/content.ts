import { fromLatin1 } from "../../src/wire/bytes.ts";
import { asciiLength, asciiPieces, imagePieces } from "./ascii.ts";
import type { RuledData } from "./ruled-reply.ts";

/** What a download sends, in the TYPE in force. */
export interface Content {
  readonly octets: number;
  /** All of it from an offset on, in pieces. */
  pieces(from: number): Iterator<Uint8Array>;
}

export function asciiContent(bytes: Uint8Array): Content {
  return { octets: asciiLength(bytes), pieces: (from) => asciiPieces(bytes, from) };
}

export function imageContent(bytes: Uint8Array): Content {
  return { octets: bytes.length, pieces: (from) => imagePieces(bytes, from) };
}

/** What a rule has sent. */
export function contentOfRule(data: RuledData): Content {
  return data instanceof Uint8Array ? imageContent(data) : generatedContent(data.octets);
}

const LINE_OCTETS = 16;
const LINES_PER_PIECE = 4096;

/** So many octets that nobody has stored: lines of 16, each with its offset. */
export function generatedContent(octets: number): Content {
  return { octets, pieces: (from) => generatedPieces(octets, from) };
}

function* generatedPieces(octets: number, from: number): Generator<Uint8Array> {
  for (let at = from; at < octets; ) {
    const firstLine = Math.floor(at / LINE_OCTETS);
    const lines = Array.from({ length: LINES_PER_PIECE }, (_, n) => offsetLine((firstLine + n) * LINE_OCTETS));
    const start = at - firstLine * LINE_OCTETS;
    const piece = fromLatin1(lines.join("")).subarray(start, start + octets - at);
    at += piece.length;
    yield piece;
  }
}

function offsetLine(offset: number): string {
  return `${String(offset).padStart(8, "0").slice(-8)} ......\n`;
}
