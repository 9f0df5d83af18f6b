/**
 * One protocol inside another: whole messages that come as the content of another service's requests, such as DNS queries
 * inside HTTP (RFC 8484). Both services are instances of one harness; neither knows the other, only a media type.
 */

import type { Endpoint, Fields, Output } from "./machine.ts";
import type { Ruling } from "./rules.ts";

/** A message inside another service's request. */
export interface EnclosedMessage {
  readonly octets: Uint8Array;
  /** Who sent the request around it. */
  readonly peer: Endpoint;
  /** In milliseconds since the epoch. */
  readonly now: number;
}

/** What a service makes of it. */
export interface EnclosedExchange {
  readonly request: Fields;
  readonly reply: Fields;
  /** `undefined`: a rule takes the answer away. */
  readonly octets: Uint8Array | undefined;
  /** For how many seconds the answer may be kept. */
  readonly freshSeconds: number;
  readonly ruling: Ruling | undefined;
}

/** What the service around it gets. */
export interface EnclosedAnswer extends Pick<EnclosedExchange, "octets" | "freshSeconds" | "ruling"> {
  /** What happened inside, to be put out before anything of the response; the ruling's output comes behind it. */
  readonly outputs: readonly Output[];
}

/** Asks a service by such a message; `undefined`: it is no request. */
export type AskEnclosed = (message: EnclosedMessage) => EnclosedAnswer | undefined;
