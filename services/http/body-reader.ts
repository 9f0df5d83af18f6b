import { toLatin1 } from "../../src/wire/bytes.ts";
import { Collector } from "../../src/wire/collector.ts";
import { FieldLines } from "./field-lines.ts";
import type { HttpOptions } from "./options.ts";
import { type FieldMap, type Framing, NO_FIELDS, type Refusal } from "./request.ts";

const CR = 0x0d;
const LF = 0x0a;
/** Of one chunk's size and extensions. */
const MAX_SIZE_LINE = 4096;
/** Of all size lines beyond what the sizes themselves need: a bound for those who send extensions for ever. */
const MAX_EXTENSION_OCTETS = 16 * 1024;

const BAD_CHUNK: Refusal = { status: 400, why: "a chunk is malformed" };
const LONG_EXTENSIONS: Refusal = { status: 400, why: "the chunk extensions are too long" };
const TOO_LONG: Refusal = { status: 413, why: "the body is too long" };
const BAD_TRAILER: Refusal = { status: 400, why: "a trailer field is malformed" };
const LONG_TRAILERS: Refusal = { status: 431, why: "the trailer section is too long" };
const MANY_TRAILERS: Refusal = { status: 431, why: "there are too many trailer fields" };

/** RFC 9112 section 7.1: chunk-size, then extensions that nobody here knows (section 7.1.1). */
const SIZE_LINE = /^([0-9A-Fa-f]+)(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/;

type Part = "octets" | "size" | "chunk" | "chunk-end" | "trailers" | "done";

/** What to say when the end of a line does not come in time. */
const LONG_LINES: { readonly [part in Part]?: Refusal } = {
  size: LONG_EXTENSIONS,
  "chunk-end": BAD_CHUNK,
  trailers: LONG_TRAILERS,
};

/** Reads one request's body, by length or by chunks (RFC 9112 sections 6 and 7), with bounded memory. */
export class BodyReader {
  readonly #options: HttpOptions;
  readonly #collector = new Collector();
  readonly #trailers = new FieldLines();
  #part: Part;
  /** Octets still to come of the body or the chunk. */
  #left = 0;
  /** A line of which the end has not come. */
  #line = "";
  #extensionOctets = 0;
  #trailerOctets = 0;

  refusal: Refusal | undefined;

  constructor(framing: Framing, options: HttpOptions) {
    this.#options = options;
    this.#part = framing === "chunked" ? "size" : "octets";
    if (framing !== "chunked") this.#left = framing;
  }

  get done(): boolean {
    return this.#part === "done";
  }

  get trailers(): FieldMap {
    return this.#trailers.count === 0 ? NO_FIELDS : this.#trailers.map;
  }

  /** The body, once. */
  take(): Uint8Array {
    return this.#collector.take();
  }

  /** Reads from `bytes` at `at`; returns where it stopped: behind the body, or at the end of what has come. */
  read(bytes: Uint8Array, at: number): number {
    let from = at;
    while (from < bytes.length && !this.done && !this.refusal) {
      if (this.#part === "octets" || this.#part === "chunk") from = this.#readOctets(bytes, from);
      else from = this.#readLine(bytes, from);
    }
    return from;
  }

  #readOctets(bytes: Uint8Array, from: number): number {
    const count = Math.min(this.#left, bytes.length - from);
    this.#collector.append(bytes.subarray(from, from + count));
    this.#left -= count;
    if (this.#left === 0) this.#part = this.#part === "octets" ? "done" : "chunk-end";
    return from + count;
  }

  /** A line counts only when its LF has come; what is too long is refused at the octet that makes it so. */
  #readLine(bytes: Uint8Array, from: number): number {
    const limit = this.#lineLimit();
    const room = limit - this.#line.length;
    const found = bytes.subarray(from, from + room).indexOf(LF);
    const end = found < 0 ? Math.min(bytes.length, from + room) : from + found;
    this.#line += toLatin1(bytes, from, end);
    if (found < 0) {
      if (this.#line.length >= limit) this.refusal = LONG_LINES[this.#part];
      return end;
    }
    const line = this.#line;
    this.#line = "";
    // RFC 9112 section 2.2 allows a bare LF in the head; between chunks two readers could take it for different things.
    if (line.charCodeAt(line.length - 1) === CR) this.#takeLine(line.slice(0, -1));
    else this.refusal = this.#part === "trailers" ? BAD_TRAILER : BAD_CHUNK;
    return end + 1;
  }

  #lineLimit(): number {
    if (this.#part === "trailers") return this.#options.maxHeadOctets - this.#trailerOctets;
    return this.#part === "size" ? MAX_SIZE_LINE : 2;
  }

  #takeLine(line: string): void {
    if (this.#part === "size") this.#takeSize(line);
    else if (this.#part === "trailers") this.#takeTrailer(line);
    else if (line === "") this.#part = "size";
    else this.refusal = BAD_CHUNK;
  }

  #takeSize(line: string): void {
    const digits = SIZE_LINE.exec(line)?.[1];
    if (digits === undefined) {
      this.refusal = BAD_CHUNK;
      return;
    }
    const size = Number.parseInt(digits, 16);
    this.#extensionOctets += line.length - size.toString(16).length;
    this.#left = size;
    if (this.#extensionOctets > MAX_EXTENSION_OCTETS) this.refusal = LONG_EXTENSIONS;
    else if (this.#collector.octets + size > this.#options.maxBodyOctets) this.refusal = TOO_LONG;
    else this.#part = size === 0 ? "trailers" : "chunk";
  }

  #takeTrailer(line: string): void {
    this.#trailerOctets += line.length + 2;
    if (line === "") this.#part = "done";
    else if (this.#trailers.count >= this.#options.maxHeaders) this.refusal = MANY_TRAILERS;
    else if (this.#trailers.take(line, 0, line.length) === undefined) this.refusal = BAD_TRAILER;
  }
}
