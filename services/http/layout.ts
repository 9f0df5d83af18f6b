import type { Fields } from "../../src/contract/machine.ts";
import { concat, EMPTY, fromLatin1, joinLatin1 } from "../../src/wire/bytes.ts";
import type { Header } from "./reply.ts";

/** A larger body is not copied behind its head. */
const COPIED_OCTETS = 16 * 1024;

/** What of the request decides how its response looks. */
export interface Occasion {
  readonly method: string;
  /** `1.0` or `1.1`. */
  readonly version: string;
  readonly keepAlive: boolean;
}

/** How a response looks that no request asked for. */
export const UNASKED: Occasion = { method: "GET", version: "1.1", keepAlive: false };

/** A response as octets. */
export interface Rendered {
  /** In the order in which they are sent; with a `pauseMs`, each piece of the body is one. */
  readonly parts: readonly Uint8Array[];
  /** The reply as the journal shows it. */
  readonly fields: Fields;
}

/** RFC 9110 section 6.4.1 and section 15.3.6: the other statuses have no content. */
export function hasContent(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 205 && status !== 304;
}

/** A head and its body in the parts in which they leave. */
export function layOut(head: string, body: readonly Uint8Array[], pauseMs = 0): Uint8Array[] {
  const [first = EMPTY, ...rest] = body;
  if (pauseMs > 0) return [joinLatin1(head, first), ...rest];
  const octets = octetsOf(body);
  if (octets > COPIED_OCTETS) return [fromLatin1(head), ...body];
  return [joinLatin1(head, rest.length === 0 ? first : concat(body))];
}

export function octetsOf(pieces: readonly Uint8Array[]): number {
  let octets = 0;
  for (const piece of pieces) octets += piece.length;
  return octets;
}

interface MutableFields {
  [name: string]: string | string[];
}

/** Names in lower case; a name that comes more than once has a list. */
export function fieldMap(headers: readonly Header[]): MutableFields {
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
