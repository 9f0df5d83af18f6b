import type { Fields } from "../../src/contract/machine.ts";
import { concat, EMPTY, fromLatin1 } from "../../src/wire/bytes.ts";
import { fieldMap, hasContent, layOut, type Occasion, octetsOf, type Rendered } from "./layout.ts";
import { reasonOf } from "./reasons.ts";
import type { Header, Reply } from "./reply.ts";

/** Where a response departs from HTTP because a rule wants it so; texts are Latin-1. */
export interface Departures {
  /** What comes before the response: 1xx, as often as wanted. */
  readonly interim?: string;
  /** In place of everything. */
  readonly raw?: Uint8Array;
  /** In place of the whole status line. */
  readonly statusLine?: string;
  /** In place of `HTTP/1.1`. */
  readonly version?: string;
  /** Fields that are left out, in lower case. */
  readonly without?: ReadonlySet<string>;
  /** Each value in a field of its own, whatever the length is. */
  readonly contentLength?: readonly string[];
  /** Lines behind the fields, whatever they are. */
  readonly lines?: readonly string[];
  /** In place of CRLF in the head. */
  readonly lineEnd?: string;
  readonly blankLine?: false;
  /** HTTP/0.9: the body, and nothing before it. */
  readonly head?: false;
  /** A body where there may be none. */
  readonly forceBody?: true;
  /** In place of every chunk's size. */
  readonly chunkSize?: string;
  /** Behind every chunk's size. */
  readonly chunkExtension?: string;
  readonly lastChunk?: false;
}

const CRLF = "\r\n";

/** A response with its departures, as octets. `usual` are the fields that every response has. */
export function renderDeparting(
  reply: Reply,
  departures: Departures,
  occasion: Occasion,
  usual: readonly Header[],
): Rendered {
  const { interim = "", raw, forceBody, head: hasHead } = departures;
  if (raw) return { parts: layOut(interim, [raw], reply.pauseMs), fields: { body: raw } };
  const pieces = reply.body instanceof Uint8Array ? [reply.body] : reply.body;
  const bodiless = !forceBody && (occasion.method === "HEAD" || !hasContent(reply.status));
  const body = bodiless ? [] : pieces;
  const chunked = reply.chunked === true && occasion.version !== "1.0" && (forceBody || hasContent(reply.status));
  const headers = fieldsOf(reply, departures, occasion, { usual, chunked, octets: octetsOf(pieces) });
  const reason = reply.reason ?? reasonOf(reply.status);
  const status = statusLineOf(reply.status, reason, departures);
  const head = hasHead === false ? "" : headOf(status, headers, departures);
  const coded = chunked && !bodiless ? chunks(body, reply.trailers ?? [], departures) : body;
  const fields: Fields = { status: reply.status, reason, headers: fieldMap(headers), body: concat(body) };
  return { parts: layOut(interim + head, coded, reply.pauseMs), fields };
}

/** `HTTP/1.1 200 OK`; RFC 9112 section 4: three digits. */
export function statusLineOf(status: number, reason: string, { statusLine, version = "HTTP/1.1" }: Departures): string {
  return statusLine ?? `${version} ${String(status).padStart(3, "0")} ${reason}`;
}

function fieldsOf(
  reply: Reply,
  { without, contentLength, forceBody }: Departures,
  occasion: Occasion,
  { usual, chunked, octets }: { readonly usual: readonly Header[]; readonly chunked: boolean; readonly octets: number },
): Header[] {
  const given = new Set(reply.headers.map(([name]) => name.toLowerCase()));
  const mayAdd = ([name]: Header) => !given.has(name.toLowerCase()) && !without?.has(name.toLowerCase());
  const framing: Header[] = [];
  if (chunked) framing.push(["Transfer-Encoding", "chunked"]);
  if (contentLength) framing.push(...contentLength.map((length) => ["Content-Length", length] as const));
  else if (!chunked && (forceBody || hasContent(reply.status))) framing.push(["Content-Length", String(octets)]);
  else if (reply.status === 205) framing.push(["Content-Length", "0"]);
  if (!occasion.keepAlive) framing.push(["Connection", "close"]);
  else if (occasion.version === "1.0") framing.push(["Connection", "keep-alive"]);
  return [...usual.filter(mayAdd), ...reply.headers, ...framing.filter(mayAdd)];
}

function headOf(statusLine: string, headers: readonly Header[], departures: Departures): string {
  const { lines = [], lineEnd = CRLF, blankLine } = departures;
  const all = [statusLine, ...headers.map(([name, value]) => `${name}: ${value}`), ...lines];
  return all.join(lineEnd) + lineEnd + (blankLine === false ? "" : lineEnd);
}

function chunks(
  pieces: readonly Uint8Array[],
  trailers: readonly Header[],
  { chunkSize, chunkExtension, lastChunk }: Departures,
): Uint8Array[] {
  const extension = chunkExtension === undefined ? "" : `;${chunkExtension}`;
  const sizeLine = (octets: number) => fromLatin1(`${chunkSize ?? octets.toString(16)}${extension}${CRLF}`);
  const coded = pieces
    .filter((piece) => piece.length > 0)
    .map((piece) => concat([sizeLine(piece.length), piece, fromLatin1(CRLF)]));
  const tail = trailers.map(([name, value]) => `${name}: ${value}${CRLF}`).join("");
  return [...coded, lastChunk === false ? EMPTY : fromLatin1(`0${extension}${CRLF}${tail}${CRLF}`)];
}
