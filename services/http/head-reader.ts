import { EMPTY } from "../../src/wire/bytes.ts";
import { FieldLines } from "./field-lines.ts";
import { type Delimiting, delimit } from "./framing.ts";
import type { HttpOptions } from "./options.ts";
import { type FieldMap, type Head, NO_FIELDS, type Refusal, type Request } from "./request.ts";
import { isHopeless, NOT_HTTP, parseRequestLine, type RequestLine } from "./request-line.ts";
import { isAuthority, NO_QUERY, parseTarget } from "./target.ts";

const CR = 0x0d;

const LONG_LINE: Refusal = { status: 414, why: "the request line is too long" };
const LONG_HEAD: Refusal = { status: 431, why: "the head is too long" };
const MANY_FIELDS: Refusal = { status: 431, why: "there are too many header fields" };
const BAD_FIELD: Refusal = { status: 400, why: "a header field is malformed" };
const BAD_TARGET: Refusal = { status: 400, why: "the request target is malformed" };
const BAD_HOST: Refusal = { status: 400, why: "there must be exactly one sound Host" };

/** Of the text that a remembered section keeps alive. */
const MAX_REMEMBERED = 4096;

/** The request asks for something special, or says how it ends: which fields make a head not plain, or delimit it. */
const DELIMITS = 1;
const PARTICULAR = 2;
const MARKS: ReadonlyMap<string, number> = new Map([
  ["connection", DELIMITS],
  ["content-length", DELIMITS],
  ["expect", DELIMITS],
  ["transfer-encoding", DELIMITS],
  ["if-match", PARTICULAR],
  ["if-modified-since", PARTICULAR],
  ["if-none-match", PARTICULAR],
  ["if-range", PARTICULAR],
  ["if-unmodified-since", PARTICULAR],
  ["origin", PARTICULAR],
  ["range", PARTICULAR],
]);

const NO_LINE: RequestLine = { method: "", target: "", version: "", plain: false };
const BODILESS: { readonly [version: string]: Delimiting } = {
  "HTTP/1.0": { framing: 0, keepAlive: false, expectsContinue: false },
};
const BODILESS_11: Delimiting = { framing: 0, keepAlive: true, expectsContinue: false };

/** A header section and what it comes to. */
interface Section {
  text: string;
  readonly fields: FieldLines;
  marks: number;
}

/**
 * Reads request heads (RFC 9112 sections 2 to 5), strictly and with bounded memory.
 *
 * Theory of operation: `read` is given Latin-1 text and takes lines from it, in place; of a line that is cut off at the
 * end, the text is kept for the next call. A line is judged when it is complete and a limit at the octet that breaks it, so
 * that the verdict never depends on how the octets came in. After the empty line the fields are judged together. Most
 * clients say the same fields again with every request: a section that comes again to the octet is not read again.
 */
export class HeadReader {
  readonly #options: HttpOptions;
  readonly #secure: boolean;
  /** What has come of a line whose end has not. */
  #rest = "";
  /** How many heads there were. */
  #count = 0;
  /** Of the head, in all complete lines. */
  #octets = 0;
  #line: RequestLine | undefined;
  /** The fields of the head that is being read. */
  #section = emptySection();
  /** Those of the last one, with their text if it is worth remembering. */
  #before = this.#section;

  /** The head that the last `read` came to the end of. */
  head: Head | undefined;
  /** Why the peer's octets cannot be read on. */
  refusal: Refusal | undefined;

  constructor(options: HttpOptions, secure: boolean) {
    this.#options = options;
    this.#secure = secure;
  }

  /** Something of a head has come, other than the empty lines before it. */
  get begun(): boolean {
    return this.#line !== undefined || (this.#rest !== "" && this.#rest !== "\r");
  }

  /** What is known of a request whose head is not complete. */
  get partial(): Request {
    const { map } = this.#section.fields;
    return this.#request(this.#line ?? NO_LINE, "", map.host ?? "", map);
  }

  /** Reads from `text` at `at`; returns where it stopped: behind the head, or at the text's end. */
  read(text: string, at: number): number {
    this.head = undefined;
    let from = at;
    let section = -1;
    while (!this.head && !this.refusal) {
      if (section === from && this.#line && this.#repeats(text, from)) {
        this.#conclude(this.#line, this.#before);
        return from + this.#before.text.length;
      }
      const end = text.indexOf("\n", from);
      if (end < 0) {
        this.#keep(from === 0 ? text : text.slice(from));
        return text.length;
      }
      const atStart = !this.#line;
      if (this.#rest === "") this.#takeLine(text, from, end);
      else {
        const line = this.#rest + text.slice(from, end);
        this.#rest = "";
        this.#takeLine(line, 0, line.length);
      }
      from = end + 1;
      if (atStart && this.#line) section = from;
    }
    if (this.head && section >= 0 && text.length <= MAX_REMEMBERED) this.#before.text = text.slice(section, from);
    return from;
  }

  /** The fields of the last head come again, to the octet, as those of most clients do. */
  #repeats(text: string, from: number): boolean {
    const before = this.#before.text;
    return before !== "" && before.length <= this.#room && text.startsWith(before, from);
  }

  #keep(piece: string): void {
    this.#rest += piece;
    if (this.#rest.length > this.#room || (!this.#line && isHopeless(this.#rest))) {
      this.refusal = this.#refuseStart(this.#rest);
    }
  }

  #takeLine(text: string, from: number, end: number): void {
    if (end - from > this.#room) {
      this.refusal = this.#refuseStart(text.slice(from, end));
      return;
    }
    this.#octets += end - from + 1;
    // RFC 9112 section 2.2: a line may end in LF alone.
    const to = end > from && text.charCodeAt(end - 1) === CR ? end - 1 : end;
    if (this.#line) {
      if (from === to) this.#conclude(this.#line, this.#section);
      else this.#takeField(text, from, to);
    } else if (from < to) {
      const line = parseRequestLine(text, from, to);
      if ("status" in line) this.refusal = line;
      else this.#line = line;
    }
    // RFC 9112 section 2.2: empty lines before the request line are ignored.
  }

  /** How long the line may be that is being read. */
  get #room(): number {
    const room = this.#options.maxHeadOctets - this.#octets;
    return this.#line ? room : Math.min(room, this.#options.maxRequestLineOctets);
  }

  /** What is wrong with a line that is too long, or will not be a request line: whichever of the two came first. */
  #refuseStart(line: string): Refusal {
    const room = this.#room;
    if (!this.#line && isHopeless(line.slice(0, room + 1))) return NOT_HTTP;
    return !this.#line && room === this.#options.maxRequestLineOctets ? LONG_LINE : LONG_HEAD;
  }

  #takeField(text: string, from: number, to: number): void {
    const section = this.#section;
    if (section.fields.count >= this.#options.maxHeaders) {
      this.refusal = MANY_FIELDS;
      return;
    }
    const name = section.fields.take(text, from, to);
    if (name === undefined) this.refusal = BAD_FIELD;
    else section.marks |= MARKS.get(name) ?? 0;
  }

  /** Judges the head as a whole. */
  #conclude(line: RequestLine, section: Section): void {
    const { map, pairs } = section.fields;
    const { host } = map;
    const plainTarget = line.plain && line.method !== "CONNECT";
    const target = plainTarget ? undefined : parseTarget(line.method, line.target);
    const delimiting =
      section.marks & DELIMITS
        ? delimit(map, line.version, this.#options.maxBodyOctets)
        : (BODILESS[line.version] ?? BODILESS_11);
    // RFC 9112 section 3.2: one Host, which only HTTP/1.0 may leave out. Two of them were joined with a comma and a space.
    if (host === undefined ? line.version !== "HTTP/1.0" : !isAuthority(host)) this.refusal = BAD_HOST;
    else if (!plainTarget && !target) this.refusal = BAD_TARGET;
    else if ("status" in delimiting) this.refusal = delimiting;
    else {
      // RFC 9112 section 3.2.2: the host of an absolute-form target replaces the field's.
      const request = this.#request(line, target?.path ?? line.target, target?.host ?? host ?? "", map, target?.query);
      const { framing, keepAlive, expectsContinue } = delimiting;
      const plain = (section.marks & PARTICULAR) === 0;
      this.#count += 1;
      this.head = { request, fields: pairs, framing, keepAlive, expectsContinue, plain };
      this.#line = undefined;
      this.#octets = 0;
      this.#before = section;
      if (section === this.#section) this.#section = emptySection();
      return;
    }
    this.#section = section;
  }

  #request(line: RequestLine, path: string, host: string, headers: FieldMap, query = NO_QUERY): Request {
    return {
      method: line.method,
      target: line.target,
      path,
      query,
      version: line.version.slice(5),
      host,
      headers,
      trailers: NO_FIELDS,
      body: EMPTY,
      secure: this.#secure,
      ordinal: this.#count + 1,
    };
  }
}

function emptySection(): Section {
  return { text: "", fields: new FieldLines(), marks: 0 };
}
