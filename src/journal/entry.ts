import type { ChannelId, Endpoint, Fields } from "../contract/machine.ts";
import type { Transport } from "../contract/service.ts";
import { asBuffer } from "../wire/bytes.ts";
import type { OctetStore } from "./octet-store.ts";

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
  /** Octets as they came in one piece; a Buffer, for whoever reads the journal. */
  | { readonly kind: "received"; readonly bytes: Uint8Array; readonly channel?: ChannelId | undefined }
  | { readonly kind: "sent"; readonly bytes: Uint8Array; readonly channel?: ChannelId | undefined }
  /** A request, and how it was answered. */
  | {
      readonly kind: "exchange";
      readonly request: Fields;
      readonly reply: Fields;
      /** What its fields count in the journal's bound, in octets. */
      readonly weight?: number;
      /** Over UDP: the datagram and its answer, as octets. */
      readonly datagram?: { readonly received: Uint8Array; readonly sent: Uint8Array | undefined };
    }
  | { readonly kind: "note"; readonly event: string; readonly detail: Fields }
  /** A secondary connection is up. */
  | { readonly kind: "channel"; readonly channel: ChannelId; readonly local: Endpoint; readonly peer: Endpoint }
  /** One side will send no more. */
  | { readonly kind: "end"; readonly by: "peer" | "service"; readonly channel?: ChannelId | undefined }
  | { readonly kind: "close"; readonly how: CloseCause; readonly error?: string | undefined };

/** `peer` and `service` name who closed first; `reset` is an RST from the peer, `destroyed` the harness's last resort. */
export type CloseCause = "peer" | "service" | "reset" | "destroyed";

export type EntryKind = Happening["kind"];

/** A larger piece is kept as it came. */
const COPIED_OCTETS = 8 * 1024;

/** Octets from the peer of a stream. */
export class ReceivedEntry {
  readonly kind = "received";
  readonly seq: number;
  readonly time: number;
  readonly session: SessionRecord;
  readonly channel: ChannelId | undefined;
  readonly octets: number;
  readonly #block: Uint8Array;
  readonly #start: number;

  constructor(
    seq: number,
    time: number,
    session: SessionRecord,
    store: OctetStore,
    bytes: Uint8Array,
    channel: ChannelId | undefined,
  ) {
    this.seq = seq;
    this.time = time;
    this.session = session;
    this.channel = channel;
    this.octets = bytes.length;
    const copied = bytes.length <= COPIED_OCTETS;
    this.#start = copied ? store.place(bytes.length) : 0;
    this.#block = copied ? store.block : bytes;
    if (copied) this.#block.set(bytes, this.#start);
  }

  get bytes(): Uint8Array {
    return this.#block.subarray(this.#start, this.#start + this.octets);
  }

  plain(): Entry {
    const { seq, time, session, kind, bytes, channel } = this;
    return { seq, time, session, kind, bytes: asBuffer(bytes), ...(channel === undefined ? {} : { channel }) };
  }
}

/** A datagram and its answer: kept as octets, and decoded only when somebody reads it. */
export class DatagramEntry {
  readonly kind = "exchange";
  readonly seq: number;
  readonly time: number;
  readonly peer: Endpoint;
  readonly #binding: DatagramBinding;
  readonly #block: Uint8Array;
  readonly #start: number;
  readonly #middle: number;
  /** Where the answer ends; 0 if there was none. */
  readonly #end: number;

  constructor(
    seq: number,
    time: number,
    binding: DatagramBinding,
    peer: Endpoint,
    store: OctetStore,
    received: Uint8Array,
    sent: Uint8Array | undefined,
  ) {
    this.seq = seq;
    this.time = time;
    this.peer = peer;
    this.#binding = binding;
    this.#start = store.place(received.length + (sent?.length ?? 0));
    this.#middle = this.#start + received.length;
    this.#block = store.block;
    this.#block.set(received, this.#start);
    this.#end = sent ? this.#middle + sent.length : 0;
    if (sent) this.#block.set(sent, this.#middle);
  }

  get received(): Uint8Array {
    return this.#block.subarray(this.#start, this.#middle);
  }

  get sent(): Uint8Array | undefined {
    return this.#end === 0 ? undefined : this.#block.subarray(this.#middle, this.#end);
  }

  /** How many octets it holds. */
  get octets(): number {
    return Math.max(this.#middle, this.#end) - this.#start;
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

  /** Decoded when somebody looks, once. */
  plain(): Entry {
    const { seq, time, session, kind } = this;
    let exchanged: ReturnType<DatagramBinding["decode"]> | undefined;
    const decoded = () => {
      exchanged ??= this.#binding.decode(this.received, this.sent);
      return exchanged;
    };
    return {
      seq,
      time,
      session,
      kind,
      datagram: { received: this.received.slice(), sent: this.sent?.slice() },
      get request() {
        return decoded().request;
      },
      get reply() {
        return decoded().reply;
      },
    };
  }
}

/** What was asked and answered, in fields. */
export interface Exchanged {
  readonly request: Fields;
  readonly reply: Fields;
}

/** An exchange whose fields are made when somebody reads it. */
export class UnreadEntry {
  readonly kind = "exchange";
  readonly seq: number;
  readonly time: number;
  readonly session: SessionRecord;
  readonly weight: number;
  readonly #source: Exchanged;

  constructor(seq: number, time: number, session: SessionRecord, source: Exchanged, weight: number) {
    this.seq = seq;
    this.time = time;
    this.session = session;
    this.weight = weight;
    this.#source = source;
  }

  get request(): Fields {
    return this.#source.request;
  }

  get reply(): Fields {
    return this.#source.reply;
  }

  plain(): Entry {
    const { seq, time, session, kind, request, reply, weight } = this;
    return { seq, time, session, kind, request, reply, weight };
  }
}

/** An entry as whoever reads the journal gets it: an object that can be compared, copied and printed. */
export function plainEntry(entry: Entry): Entry {
  if (entry instanceof ReceivedEntry || entry instanceof DatagramEntry || entry instanceof UnreadEntry)
    return entry.plain();
  return entry.kind === "sent" && !Buffer.isBuffer(entry.bytes) ? { ...entry, bytes: asBuffer(entry.bytes) } : entry;
}

/** What a datagram entry needs to know of the port it came to. */
export interface DatagramBinding {
  readonly service: string;
  readonly name: string;
  readonly local: Endpoint;
  decode(received: Uint8Array, sent: Uint8Array | undefined): { readonly request: Fields; readonly reply: Fields };
}
