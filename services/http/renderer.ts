import { concat, fromLatin1 } from "../../src/wire/bytes.ts";
import { DateLine } from "./date.ts";
import { renderDeparting } from "./departures.ts";
import { fieldMap, hasContent, layOut, type Occasion, octetsOf, type Rendered } from "./layout.ts";
import { reasonOf } from "./reasons.ts";
import type { Header, Reply } from "./reply.ts";

const CRLF = fromLatin1("\r\n");
const LAST_CHUNK = fromLatin1("0\r\n");

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
    if (reply.departures) return renderDeparting(reply, reply.departures, occasion, this.#usual(date));
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

  #usual(date: string): readonly Header[] {
    return [["Date", date], ...(this.#server === "" ? [] : [["Server", this.#server] as const])];
  }
}

/** What clients of today send: the responses to them are worth keeping. */
function isUsual(occasion: Occasion): boolean {
  return occasion.method === "GET" && occasion.version === "1.1" && occasion.keepAlive;
}

function chunks(pieces: readonly Uint8Array[], trailers: readonly Header[]): Uint8Array[] {
  const coded = pieces
    .filter((piece) => piece.length > 0)
    .map((piece) => concat([fromLatin1(`${piece.length.toString(16)}\r\n`), piece, CRLF]));
  const tail = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return [...coded, concat([LAST_CHUNK, fromLatin1(`${tail}\r\n`)])];
}
