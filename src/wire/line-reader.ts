import { asBuffer, concat, EMPTY } from "./bytes.ts";

/** A line, or what came of it. */
export type Line =
  /** `bytes` without the line end; `end` is how the peer ended it. */
  | { readonly type: "line"; readonly bytes: Uint8Array; readonly end: "crlf" | "lf" }
  /** The line was longer than allowed; its octets are gone, and reading goes on after its end. */
  | { readonly type: "overlong" };

const LF = 0x0a;
const CR = 0x0d;

/**
 * Cuts a stream of octets into lines, with bounded memory.
 *
 * Theory of operation: octets are kept as they came. `next` looks for LF from where the last look ended, so that a line
 * arriving one octet at a time costs O(n). A line over the limit is dropped as it arrives, and reported once, at its
 * end. `take` hands out raw octets between two lines, for literals, bodies and chunks.
 */
export class LineReader {
  readonly #maxOctets: number;
  #held: Uint8Array = EMPTY;
  #start = 0;
  #scanned = 0;
  #overlong = false;

  /** `maxOctets` counts a line with its CRLF, as the RFCs do. */
  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets;
  }

  push(bytes: Uint8Array): void {
    if (this.#start === this.#held.length) {
      this.#held = bytes;
      this.#scanned = 0;
    } else {
      this.#held = concat([this.#held.subarray(this.#start), bytes]);
      this.#scanned -= this.#start;
    }
    this.#start = 0;
  }

  /** Octets that have arrived and were not handed out. */
  get pending(): number {
    return this.#held.length - this.#start;
  }

  /** The octets of the line being dropped, if any, are not in `pending`. */
  get dropping(): boolean {
    return this.#overlong;
  }

  next(): Line | undefined {
    const held = this.#held;
    const at = asBuffer(held).indexOf(LF, this.#scanned);
    if (at < 0) {
      this.#scanned = held.length;
      if (held.length - this.#start >= this.#maxOctets) {
        this.#overlong = true;
        this.clear();
      }
      return undefined;
    }
    const start = this.#start;
    this.#start = this.#scanned = at + 1;
    if (this.#overlong || at + 1 - start > this.#maxOctets) {
      this.#overlong = false;
      return { type: "overlong" };
    }
    const crlf = at > start && held[at - 1] === CR;
    return { type: "line", bytes: held.subarray(start, crlf ? at - 1 : at), end: crlf ? "crlf" : "lf" };
  }

  /** Up to `octets` raw octets, or `undefined` if none are here. */
  take(octets: number): Uint8Array | undefined {
    const count = Math.min(octets, this.pending);
    if (count === 0) return undefined;
    const taken = this.#held.subarray(this.#start, this.#start + count);
    this.#start += count;
    this.#scanned = this.#start;
    return taken;
  }

  /** Forgets what has arrived: for STARTTLS, where plaintext must not survive (RFC 3207 section 4.2). */
  clear(): void {
    this.#held = EMPTY;
    this.#start = this.#scanned = 0;
  }
}
