import type { Fields } from "../../src/contract/machine.ts";
import { concat, EMPTY, fromLatin1, joinLatin1 } from "../../src/wire/bytes.ts";
import { DateLine } from "./date.ts";
import { reasonOf } from "./reasons.ts";
import type { Header, Reply } from "./reply.ts";

/** A larger body is not copied behind its head. */
const COPIED_OCTETS = 16 * 1024;
const CRLF = fromLatin1("\r\n");
const LAST_CHUNK = fromLatin1("0\r\n");

/** What of the request decides how its response looks. */
export interface Occasion {
  readonly method: string;
  /** `1.0` or `1.1`. */
  readonly version: string;
  readonly keepAlive: boolean;
}

/** A response as octets. */
export interface Rendered {
  /** In the order in which they are sent; with a `pauseMs`, each piece of the body is one. */
  readonly parts: readonly Uint8Array[];
  /** The reply as the journal shows it. */
  readonly fields: Fields;
}

/** The one place where replies become octets. */
export class Renderer {
  readonly #server: string;
  readonly #date = new DateLine();
  readonly #lasting = new WeakMap<Reply, { readonly date: string; readonly rendered: Rendered }>();

  constructor(server: string) {
    this.#server = server;
  }

  render(reply: Reply, occasion: Occasion, now: number): Rendered {
    const date = this.#date.at(now);
    if (!reply.lasting || !isUsual(occasion)) return this.#make(reply, occasion, date);
    const kept = this.#lasting.get(reply);
    if (kept?.date === date) return kept.rendered;
    const rendered = this.#make(reply, occasion, date);
    this.#lasting.set(reply, { date, rendered });
    return rendered;
  }

  #make(reply: Reply, occasion: Occasion, date: string): Rendered {
    const pieces = reply.body instanceof Uint8Array ? [reply.body] : reply.body;
    const bodiless = occasion.method === "HEAD" || !hasContent(reply.status);
    const body = bodiless ? [] : pieces;
    const chunked = reply.chunked === true && occasion.version !== "1.0" && hasContent(reply.status);
    const reason = reply.reason ?? reasonOf(reply.status);
    const fields = fieldMap(reply.headers);
    let head = `HTTP/1.1 ${reply.status} ${reason}\r\n`;
    const add = (name: string, key: string, value: string) => {
      if (fields[key] !== undefined) return;
      fields[key] = value;
      head += `${name}: ${value}\r\n`;
    };
    add("Date", "date", date);
    if (this.#server !== "") add("Server", "server", this.#server);
    for (const [name, value] of reply.headers) head += `${name}: ${value}\r\n`;
    if (chunked) add("Transfer-Encoding", "transfer-encoding", "chunked");
    // RFC 9110 section 8.6: no length in 1xx and 204; a 304 need not repeat the one of the 200.
    else if (hasContent(reply.status)) add("Content-Length", "content-length", String(octetsOf(pieces)));
    else if (reply.status === 205) add("Content-Length", "content-length", "0");
    if (!occasion.keepAlive) add("Connection", "connection", "close");
    else if (occasion.version === "1.0") add("Connection", "connection", "keep-alive");
    head += "\r\n";
    const coded = chunked && !bodiless ? chunks(body, reply.trailers ?? []) : body;
    const parts = layOut(head, coded, reply.pauseMs);
    // The journal keeps what leaves: a content that stands in it as it is need not be kept twice.
    const content = coded === body && parts.length === 1 ? parts[0]?.subarray(head.length) : concat(body);
    return { parts, fields: { status: reply.status, reason, headers: fields, body: content } };
  }
}

/** What clients of today send: the responses to them are worth keeping. */
function isUsual(occasion: Occasion): boolean {
  return occasion.method === "GET" && occasion.version === "1.1" && occasion.keepAlive;
}

/** RFC 9110 section 6.4.1 and section 15.3.6: these statuses have no content. */
function hasContent(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 205 && status !== 304;
}

function chunks(pieces: readonly Uint8Array[], trailers: readonly Header[]): Uint8Array[] {
  const coded = pieces
    .filter((piece) => piece.length > 0)
    .map((piece) => concat([fromLatin1(`${piece.length.toString(16)}\r\n`), piece, CRLF]));
  const tail = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return [...coded, concat([LAST_CHUNK, fromLatin1(`${tail}\r\n`)])];
}

function layOut(head: string, body: readonly Uint8Array[], pauseMs = 0): Uint8Array[] {
  const [first = EMPTY, ...rest] = body;
  if (pauseMs > 0) return [joinLatin1(head, first), ...rest];
  const octets = octetsOf(body);
  if (octets > COPIED_OCTETS) return [fromLatin1(head), ...body];
  return [joinLatin1(head, rest.length === 0 ? first : concat(body))];
}

function octetsOf(pieces: readonly Uint8Array[]): number {
  let octets = 0;
  for (const piece of pieces) octets += piece.length;
  return octets;
}

interface MutableFields {
  [name: string]: string | string[];
}

/** Names in lower case; a name that comes more than once has a list. */
function fieldMap(headers: readonly Header[]): MutableFields {
  const map: MutableFields = Object.create(null);
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const before = map[key];
    if (before === undefined) map[key] = value;
    else if (typeof before === "string") map[key] = [before, value];
    else before.push(value);
  }
  return map;
}
