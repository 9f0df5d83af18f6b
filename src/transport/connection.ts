import type { Endpoint } from "../contract/machine.ts";

/** A stream between a session and its peer, whatever carries it: a socket, TLS on a socket, or memory. */
export interface Connection {
  readonly local: Endpoint;
  readonly peer: Endpoint;
  /** What TLS agreed on, inside TLS. */
  readonly tls: TlsAgreement | undefined;
  /** Nothing waits to be sent: it has all been handed to whatever carries it. */
  readonly hasLeft: boolean;
  /** Tells `events` from now on. Called once; nothing is lost before it. */
  start(events: ConnectionEvents): void;
  /** Queues octets. `false` if the queue is full: `drain` follows when it is empty. */
  write(bytes: Uint8Array): boolean;
  /** Several at once, in one write. */
  writeAll(parts: readonly Uint8Array[]): boolean;
  /** FIN after everything queued. */
  end(): void;
  /** FIN after everything queued, and the end: what the peer still sends is refused. Returns whether it is over. */
  leave(): boolean;
  /** RST, very soon: what was written before has been handed to the system, if the peer reads at all. */
  reset(): void;
  /** Ends the connection now, without ceremony. */
  destroy(): void;
  pause(): void;
  resume(): void;
}

export interface TlsAgreement {
  readonly protocol: string;
  readonly cipher: string;
  readonly servername: string | undefined;
  readonly alpn: string | undefined;
}

export interface ConnectionEvents {
  data(bytes: Uint8Array): void;
  /** The peer's FIN. */
  end(): void;
  drain(): void;
  /** The last event. `error` is what broke the connection, if it did not end in peace. */
  closed(error?: Error): void;
}

/** Where a session's secondary connections come from. */
export interface Network {
  /** Listens for one connection from `peer` at an address and a port of the network's choice. */
  listen(address: string, peer: string, events: ListenEvents): ChannelListener;
}

export interface ListenEvents {
  listening(local: Endpoint): void;
  connection(connection: Connection): void;
  failed(error: Error): void;
}

export interface ChannelListener {
  close(): void;
}
