/**
 * What a rule does to a stream or a datagram, checked and complete: the session carries it out, no machine knows of it.
 * Octets are counted from where the fault begins.
 */

/** Which part of an exchange a rule is about. */
export const PHASES = {
  connect:
    "From the first octet of a connection to its last. What lets none of it through strikes before TLS; all else is inside.",
  greeting: "What the service says before it was asked anything, and nothing else.",
  instead: "In place of the reply; the request is not carried out.",
  "before-reply": "The request is carried out; the fault begins with the first octet of its reply.",
  "mid-stream": "The same, with `at` octets of the reply untouched.",
  "after-reply": "Once the reply has left, for the rest of the session.",
} as const;

export type Phase = keyof typeof PHASES;

/**
 * `out`: what the service sends. `in`: what the client sends, from the moment of the rule's output (octets that came with
 * its request are the request's) to the end of the session; befalling it again, the fault begins anew, and is not there twice.
 */
export type Direction = "out" | "in";

/** Effects on octets, in the order in which they work: what one lets through, the next one gets. */
export interface Effects {
  /** So many octets pass untouched before any of this begins. */
  readonly from?: number;
  /** Octets in place of those that were to come. */
  readonly raw?: Uint8Array;
  /** Flips the bits of `mask` in `octets` octets behind the first `after`. */
  readonly corrupt?: { readonly after: number; readonly octets: number; readonly mask: number };
  /** Only so many octets pass; the rest is swallowed, and the connection goes on. -1: all but the last octet of the reply. */
  readonly truncate?: number;
  /** Pieces of so many octets, one every so many milliseconds; with 0, one a turn. */
  readonly slice?: { readonly octets: number; readonly everyMs: number };
  /** Octets a second. */
  readonly bandwidth?: number;
  /** Waits once, before the first octet. */
  readonly delayMs?: number;
  /** Each octet arrives so much later, give or take up to `jitterMs`; never out of order on a stream. */
  readonly latency?: { readonly ms: number; readonly jitterMs: number };
  /** Waits until the test lets go. */
  readonly hold?: Gate;
  /** Behind so many octets nothing moves any more, and the connection stays open. */
  readonly stall?: { readonly after: number };
  /** Behind so many octets the connection ends, by FIN (`end`) or RST (`reset`). */
  readonly cut?: { readonly after: number; readonly how: "end" | "reset" };
  /** Behind so many octets comes our FIN; what the client sends is read on. */
  readonly halfClose?: { readonly after: number };
  /** Datagrams only: so many copies more. */
  readonly duplicate?: number;
  /** Datagrams only: it leaves after so many later ones. */
  readonly reorder?: number;
  /** Datagrams only: from another port of the same address, or another address. */
  readonly source?: { readonly port?: number; readonly address?: string };
}

/** A door that a test opens. */
export interface Gate {
  /** Calls `open` when what waits may go: at once if it may already. Returns how to stop waiting. */
  wait(open: () => void): () => void;
}

/** A fault, and where it strikes. */
export interface Fault {
  readonly phase: Phase;
  readonly direction: Direction;
  /** On the session's secondary connections (FTP's data connection) instead of the main one. */
  readonly channels: boolean;
  readonly effects: Effects;
  /** The connection is read no more: the peer's window closes. */
  readonly stopReading: boolean;
  /** The port is closed for as long as the rule is in force. */
  readonly refuse: boolean;
}
