import type { Endpoint } from "../../src/contract/machine.ts";

/** Names are in lower case; the values of repeated fields are joined with `, ` (RFC 9110 section 5.2). */
export type FieldMap = { readonly [name: string]: string };

export const NO_FIELDS: FieldMap = Object.freeze({});

/** The arguments of a query; a list where a name is repeated. */
export type Query = { readonly [name: string]: string | readonly string[] };

/** A request in the fields that the service declares: what rules match and the journal shows. */
export type Request = {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly query: Query;
  readonly version: string;
  readonly host: string;
  readonly headers: FieldMap;
  /** Filled in when they have come: rules may have been asked about the head before. */
  trailers: FieldMap;
  body: Uint8Array;
  readonly secure: boolean;
  readonly ordinal: number;
};

/** How the end of a request's body is found (RFC 9112 section 6.3): by counting octets, or by chunks. */
export type Framing = number | "chunked";

/** A request's head, read and found sound. */
export interface Head {
  readonly request: Request;
  /** Field names and values in turn, as they came. */
  readonly fields: readonly string[];
  readonly framing: Framing;
  /** The peer wants to send more requests after this one (RFC 9112 section 9.3). */
  readonly keepAlive: boolean;
  readonly expectsContinue: boolean;
  /** No field asks for anything but the whole of what is there: no condition, no range, no origin. */
  readonly plain: boolean;
}

/** Why a request cannot be read on; the connection closes after the response. */
export interface Refusal {
  readonly status: 400 | 408 | 413 | 414 | 417 | 431 | 501 | 503 | 505;
  readonly why: string;
}

/** What is known of a request when it is answered. */
export interface Asked extends Head {
  /** The peer's address. */
  readonly origin: string;
  readonly peer: Endpoint;
  readonly now: number;
}
