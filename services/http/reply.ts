import type { EnclosedAnswer } from "../../src/contract/enclosed.ts";
import { EMPTY, fromUtf8 } from "../../src/wire/bytes.ts";
import type { Departures } from "./departures.ts";
import { reasonOf } from "./reasons.ts";

/** A field's name and value; characters above U+00FF have no place in either. */
export type Header = readonly [name: string, value: string];

/** A response before it is octets: what an endpoint, a file or a rule answers. */
export interface Reply {
  readonly status: number;
  /** The status's usual phrase, unless given. */
  readonly reason?: string;
  /** Date, Server, Content-Length, Transfer-Encoding and Connection are added where they are not among these. */
  readonly headers: readonly Header[];
  readonly body: Uint8Array | readonly Uint8Array[];
  /** Send each piece of the body as a chunk (RFC 9112 section 7.1); to HTTP/1.0, as one body with its length. */
  readonly chunked?: true;
  /** Sent after the last chunk, where there are chunks. */
  readonly trailers?: readonly Header[];
  /** How long to wait before the first octet. */
  readonly delayMs?: number;
  /** How long to wait between two pieces of the body. */
  readonly pauseMs?: number;
  /** The connection ends after this response. */
  readonly close?: true;
  /** The same object answers again and again: its octets are worth keeping. */
  readonly lasting?: true;
  /** What of it is not as HTTP wants it. */
  readonly departures?: Departures;
  /** It is made of what another service answered to what was inside the request. */
  readonly enclosed?: Pick<EnclosedAnswer, "outputs" | "ruling">;
}

export const TEXT_TYPE = "text/plain; charset=utf-8";
export const JSON_TYPE = "application/json; charset=utf-8";
export const HTML_TYPE = "text/html; charset=utf-8";

export function emptyReply(status: number, ...headers: Header[]): Reply {
  return { status, headers, body: EMPTY };
}

export function contentReply(status: number, type: string, content: string | Uint8Array, ...headers: Header[]): Reply {
  const body = typeof content === "string" ? fromUtf8(content) : content;
  return { status, headers: [["Content-Type", type], ...headers], body };
}

/** What went wrong, for a person: `400 Bad Request: the Host is malformed`. */
export function errorReply(status: number, why: string, ...headers: Header[]): Reply {
  return contentReply(status, TEXT_TYPE, `${status} ${reasonOf(status)}: ${why}\n`, ...headers);
}

export function jsonReply(status: number, value: unknown, ...headers: Header[]): Reply {
  return contentReply(status, JSON_TYPE, `${JSON.stringify(value, undefined, 2)}\n`, ...headers);
}
