import { asBuffer, fromLatin1 } from "./bytes.ts";

const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const CR_OCTET = fromLatin1("\r");
const CRLF = fromLatin1("\r\n");

/** What a bare LF is: an octet like any other, or the end of a line, which then becomes CRLF. */
export type BareLineFeed = "content" | "line-end";

/**
 * Undoes the dot-stuffing of text that ends with a line of one dot (RFC 5321 section 4.5.2, RFC 3977 section 3.1.1).
 *
 * Theory of operation: the state says what stands before the next octet: the start of a line, a dot there, that dot and a
 * CR, a CR within a line, or anything else. A dot at the start of a line is withheld until the octets after it say
 * whether it ends the text; everything else goes to the sink at once, as views of what was pushed. Within a line only its
 * LF is looked for. The CRLF before the last dot belongs to the text.
 */
export class DotDecoder {
  readonly #sink: (octets: Uint8Array) => void;
  readonly #lineFeedEnds: boolean;
  #state: "start" | "dot" | "dot-cr" | "cr" | "text" = "start";
  #lineOctets = 0;
  #ended = false;
  #bareLineFeeds = 0;
  #longestLine = 0;

  constructor(sink: (octets: Uint8Array) => void, bareLineFeed: BareLineFeed = "content") {
    this.#sink = sink;
    this.#lineFeedEnds = bareLineFeed === "line-end";
  }

  /** The final dot has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** How many LF came without their CR. */
  get bareLineFeeds(): number {
    return this.#bareLineFeeds;
  }

  /** The octets of the longest line that has ended, with its CRLF and without a stuffed dot. */
  get longestLine(): number {
    return this.#longestLine;
  }

  /** Takes octets up to the final dot's line end, and returns how many those were; what follows is not the text's. */
  push(bytes: Uint8Array): number {
    const octets = asBuffer(bytes);
    let at = 0;
    let from = 0; // what the sink has not had begins here
    let line = 0; // the current line begins here, or at the end of an earlier piece
    while (at < octets.length) {
      const octet = octets[at];
      if (this.#state === "start") {
        if (octet === DOT) {
          this.#emit(octets, from, at);
          at += 1;
          from = line = at;
          this.#state = "dot";
        } else this.#state = "text";
      } else if (this.#state === "dot") {
        if (octet === CR) {
          at += 1;
          from = line = at;
          this.#state = "dot-cr";
        } else if (octet === LF && this.#lineFeedEnds) return this.#end(at + 1);
        else this.#state = "text";
      } else if (this.#state === "dot-cr") {
        if (octet === LF) return this.#end(at + 1);
        this.#sink(CR_OCTET);
        this.#lineOctets += 1;
        this.#state = "text";
      } else {
        const lf = octets.indexOf(LF, at);
        if (lf < 0) {
          this.#state = octets[octets.length - 1] === CR ? "cr" : "text";
          break;
        }
        const whole = lf > at ? octets[lf - 1] === CR : this.#state === "cr";
        at = lf + 1;
        if (!whole) this.#bareLineFeeds += 1;
        if (!whole && !this.#lineFeedEnds) {
          this.#state = "text";
          continue;
        }
        this.#longestLine = Math.max(this.#longestLine, this.#lineOctets + at - line);
        this.#lineOctets = 0;
        line = at;
        this.#state = "start";
        if (!whole) {
          this.#emit(octets, from, lf);
          this.#sink(CRLF);
          from = at;
        }
      }
    }
    this.#emit(octets, from, octets.length);
    this.#lineOctets += octets.length - line;
    return octets.length;
  }

  #emit(octets: Uint8Array, from: number, to: number): void {
    if (to > from) this.#sink(octets.subarray(from, to));
  }

  #end(used: number): number {
    this.#ended = true;
    return used;
  }
}
