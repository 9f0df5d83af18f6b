/**
 * The contract between a protocol and the session that carries it: octets and clock ticks go in as values, and what
 * should happen comes out as values. A machine never touches a socket, a file, a timer or the clock.
 */

import type { Fault } from "./fault.ts";

/** One end of a conversation. `port` is 0 where the transport has no ports (memory). */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Names a secondary connection of a session, such as FTP's data connection; the machine chooses the name. */
export type ChannelId = string;

/** What a machine is told. `now` is the session's clock in milliseconds since the epoch. */
export type Input = { readonly now: number } & (
  | { readonly type: "open"; readonly local: Endpoint; readonly peer: Endpoint }
  /** Octets from the peer, in whatever pieces the network made of them. The machine may keep `bytes`; nobody changes them. */
  | { readonly type: "data"; readonly bytes: Uint8Array; readonly channel?: ChannelId }
  /** The peer will send no more (half-close); it may still read. */
  | { readonly type: "end"; readonly channel?: ChannelId }
  /** The connection or channel is gone, however that came about. For the main connection it is the last input. */
  | { readonly type: "closed"; readonly channel?: ChannelId }
  | { readonly type: "timer"; readonly name: string }
  /** Nothing has arrived or left for the time given by the last `idle` output. */
  | { readonly type: "idle" }
  /** The send queue has room again, after a `pull` output. */
  | { readonly type: "pull"; readonly channel?: ChannelId }
  /** The listener asked for by a `listen` output is bound. */
  | { readonly type: "listening"; readonly channel: ChannelId; readonly local: Endpoint }
  /** The peer has connected to the channel's listener. */
  | { readonly type: "channel"; readonly channel: ChannelId; readonly peer: Endpoint }
  /** The channel cannot be had. */
  | { readonly type: "refused"; readonly channel: ChannelId; readonly reason: string }
  /**
   * The harness stops, or a limit of sessions is reached: say goodbye in the protocol's words, and close. With
   * `too-many-sessions` it is the first input, and no `open` comes.
   */
  | { readonly type: "shutdown"; readonly reason: "stopping" | "too-many-sessions" }
);

/** What a machine wants done, in this order. */
export type Output =
  /** The machine must not change `bytes` afterwards: the journal keeps them by reference. */
  | { readonly do: "send"; readonly bytes: Uint8Array; readonly channel?: ChannelId }
  /**
   * `end`: everything sent so far arrives, then FIN. `reset`: RST at once. `leave`: as `end`, when
   * the peer has taken its leave (QUIT), so that nobody waits for more of it. Nothing is handled after a main `close`.
   */
  | { readonly do: "close"; readonly how: CloseHow; readonly channel?: ChannelId }
  /** Open a listener beside the session's own local address; only the session's peer may connect to it, once. */
  | { readonly do: "listen"; readonly channel: ChannelId }
  /** Ask for a `pull` input once the send queue is (nearly) empty: the way to send much without holding it all. */
  | { readonly do: "pull"; readonly channel?: ChannelId }
  /** (Re)start a named timer, or switch it off. */
  | { readonly do: "timer"; readonly name: string; readonly ms: number | "off" }
  /** Ask for an `idle` input after `ms` without traffic in either direction; set once, it costs nothing per octet. */
  | { readonly do: "idle"; readonly ms: number | "off" }
  /** A request was read and answered: the journal's record of it, in the fields the service declares. */
  | {
      readonly do: "exchange";
      readonly request: Fields;
      readonly reply: Fields;
      /** The fields are made when they are read: the journal keeps the output itself. */
      readonly lazy?: true;
    }
  /** An exchange or a note of another service of the harness, inside this session: the journal has it under that name. */
  | {
      readonly do: "enclosed";
      readonly of: { readonly service: string; readonly name: string };
      readonly output: Extract<Output, { readonly do: "exchange" | "note" }>;
    }
  /** From a rule (`Ruling.output`): what is sent from here to the next `exchange` is a reply that these faults befall. */
  | { readonly do: "fault"; readonly faults: readonly Fault[] }
  /** Something worth telling that is not an exchange: a violation by the peer, a limit reached. */
  | { readonly do: "note"; readonly event: string; readonly detail?: Fields };

export type CloseHow = "end" | "leave" | "reset";

/** A value that the journal can show, match and print. */
export type FieldValue =
  | string
  | number
  | boolean
  | Uint8Array
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue }
  | undefined;

/** A request or a reply as named fields. */
export type Fields = { readonly [name: string]: FieldValue };

/**
 * One session of a protocol.
 *
 * `handle` is never async, never throws for what a peer sent, and never sends anything different because the same
 * octets came in other pieces.
 */
export interface Machine {
  /** The RFC's own word for where the session stands, such as `TRANSACTION`. */
  readonly state: string;
  handle(input: Input): Iterable<Output>;
}

/**
 * A protocol over UDP in which each datagram stands alone: no session is made for it. Many peers share one responder.
 * Returns the datagram to send back, or `undefined` to stay silent. Never throws for what a peer sent.
 */
export interface Responder {
  respond(datagram: Uint8Array, peer: Endpoint, now: number): Uint8Array | undefined;
}
