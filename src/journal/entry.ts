import type { ChannelId, Endpoint, Fields } from "../contract/machine.ts";
import type { Transport } from "../contract/service.ts";

/** Who talked to whom. One record for each connection; over UDP one for each datagram. */
export interface SessionRecord {
  /** Counts the harness's sessions from 1, in the order in which they were opened; 0 for a datagram, which has none. */
  readonly id: number;
  readonly service: string;
  /** The instance's name; the same as `service` unless there are several. */
  readonly name: string;
  readonly transport: Transport;
  readonly local: Endpoint;
  readonly peer: Endpoint;
  /** The TLS version, cipher and names, inside TLS. */
  readonly tls?: Fields | undefined;
}

/** One thing that happened. `seq` counts all entries of the harness from 1; `time` is in milliseconds since the epoch. */
export type Entry = {
  readonly seq: number;
  readonly time: number;
  readonly session: SessionRecord;
} & Happening;

export type Happening =
  | { readonly kind: "open" }
  | { readonly kind: "received"; readonly bytes: Uint8Array; readonly channel?: ChannelId | undefined }
  | { readonly kind: "sent"; readonly bytes: Uint8Array; readonly channel?: ChannelId | undefined }
  /** A request, and how it was answered. */
  | { readonly kind: "exchange"; readonly request: Fields; readonly reply: Fields }
  | { readonly kind: "note"; readonly event: string; readonly detail: Fields }
  /** A secondary connection is up. */
  | { readonly kind: "channel"; readonly channel: ChannelId; readonly local: Endpoint; readonly peer: Endpoint }
  /** One side will send no more. */
  | { readonly kind: "end"; readonly by: "peer" | "service"; readonly channel?: ChannelId | undefined }
  | { readonly kind: "close"; readonly how: CloseCause; readonly error?: string | undefined };

/** `peer` and `service` name who closed first; `reset` is an RST from the peer, `destroyed` the harness's last resort. */
export type CloseCause = "peer" | "service" | "reset" | "destroyed";

export type EntryKind = Happening["kind"];

/** A datagram and its answer: kept as octets, and decoded only when somebody reads it. */
export class DatagramEntry {
  readonly kind = "exchange";
  readonly seq: number;
  readonly time: number;
  readonly peer: Endpoint;
  readonly received: Uint8Array;
  readonly sent: Uint8Array | undefined;
  readonly #binding: DatagramBinding;

  constructor(
    seq: number,
    time: number,
    binding: DatagramBinding,
    peer: Endpoint,
    received: Uint8Array,
    sent: Uint8Array | undefined,
  ) {
    this.seq = seq;
    this.time = time;
    this.#binding = binding;
    this.peer = peer;
    this.received = received;
    this.sent = sent;
  }

  get session(): SessionRecord {
    const { service, name, local } = this.#binding;
    return {
      id: 0,
      service,
      name,
      transport: "udp",
      local,
      peer: { address: this.peer.address, port: this.peer.port },
    };
  }

  get request(): Fields {
    return this.#binding.decode(this.received, this.sent).request;
  }

  get reply(): Fields {
    return this.#binding.decode(this.received, this.sent).reply;
  }
}

/** What a datagram entry needs to know of the port it came to. */
export interface DatagramBinding {
  readonly service: string;
  readonly name: string;
  readonly local: Endpoint;
  decode(received: Uint8Array, sent: Uint8Array | undefined): { readonly request: Fields; readonly reply: Fields };
}
