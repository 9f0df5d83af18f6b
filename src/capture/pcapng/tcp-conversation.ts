import { type Ends, ipPacket, TCP } from "./ip.ts";

export type Side = "client" | "server";

/** Takes a packet that was just made; `hasData` if it carries more than flags. */
export type Emit = (from: Side, octets: Buffer, hasData: boolean) => void;

const HEADER_OCTETS = 20;
const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const PSH = 0x08;
const ACK = 0x10;

/** What fits into an Ethernet frame beside the headers of IP and TCP. */
const MSS = { 4: 1460, 6: 1440 } as const;
const WINDOW_SCALE = 7;
const FIRST_WINDOW = 0xffff;
/** 64 KiB, scaled. */
const WINDOW = 512;
/** So many segments are acknowledged together: less than a window of them. */
const SEGMENTS_ACKNOWLEDGED = 16;

interface Sender {
  /** The sequence number of its next octet. */
  next: number;
  /** What it has acknowledged of the other's. */
  acknowledged: number;
  /** Segments it has sent that the other has not acknowledged. */
  unacknowledged: number;
  ended: boolean;
}

/**
 * One TCP connection as packets (RFC 9293), made from what the two ends said: a network that loses, repeats and reorders
 * nothing.
 */
export class TcpConversation {
  readonly #ends: Ends;
  readonly #emit: Emit;
  readonly #sides: { readonly [S in Side]: Sender };
  #segments = 0;
  #over = false;

  /** `seed` tells this connection's sequence numbers from those of others between the same ends. */
  constructor(ends: Ends, seed: number, emit: Emit) {
    this.#ends = ends;
    this.#emit = emit;
    const client = initialSequence(seed * 2 + 1);
    const server = initialSequence(seed * 2 + 2);
    this.#sides = {
      client: { next: client, acknowledged: server, unacknowledged: 0, ended: false },
      server: { next: server, acknowledged: client, unacknowledged: 0, ended: false },
    };
  }

  /** Nothing more can be sent: both have ended, or one has reset. */
  get isOver(): boolean {
    return this.#over;
  }

  hasEnded(side: Side): boolean {
    return this.#sides[side].ended;
  }

  /** The three-way handshake. */
  open(): void {
    const mss = Buffer.of(2, 4, 0, 0);
    mss.writeUInt16BE(MSS[this.#ends.version], 2);
    const scale = Buffer.of(1, 3, 3, WINDOW_SCALE);
    const settings = Buffer.concat([mss, scale]);
    this.#segment("client", SYN, settings);
    this.#advance("client", 1);
    this.#segment("server", SYN | ACK, settings);
    this.#advance("server", 1);
    this.#segment("client", ACK);
  }

  send(from: Side, bytes: Uint8Array): void {
    const side = this.#sides[from];
    if (this.#over || side.ended) return;
    const mss = MSS[this.#ends.version];
    for (let at = 0; at < bytes.length; at += mss) {
      const piece = bytes.subarray(at, at + mss);
      const isLast = at + mss >= bytes.length;
      this.#segment(from, isLast ? PSH | ACK : ACK, undefined, piece);
      this.#advance(from, piece.length);
      side.unacknowledged += 1;
      if (side.unacknowledged >= SEGMENTS_ACKNOWLEDGED) this.#acknowledge(other(from));
    }
  }

  /** FIN, and the other's ACK. */
  end(from: Side): void {
    const side = this.#sides[from];
    if (this.#over || side.ended) return;
    this.#segment(from, FIN | ACK);
    this.#advance(from, 1);
    side.ended = true;
    this.#acknowledge(other(from));
    this.#over = this.#sides[other(from)].ended;
  }

  reset(from: Side): void {
    if (this.#over) return;
    this.#segment(from, RST | ACK);
    this.#over = true;
  }

  #acknowledge(by: Side): void {
    if (this.#sides[by].acknowledged !== this.#sides[other(by)].next) this.#segment(by, ACK);
  }

  #advance(from: Side, octets: number): void {
    const side = this.#sides[from];
    side.next = (side.next + octets) >>> 0;
  }

  #segment(from: Side, flags: number, settings: Buffer = NO_SETTINGS, data: Uint8Array = NO_SETTINGS): void {
    const side = this.#sides[from];
    const peer = this.#sides[other(from)];
    const head = HEADER_OCTETS + settings.length;
    const octets = Buffer.alloc(head + data.length);
    octets.writeUInt16BE(this.#ends[from].port, 0);
    octets.writeUInt16BE(this.#ends[other(from)].port, 2);
    octets.writeUInt32BE(side.next, 4);
    if (flags & ACK) {
      octets.writeUInt32BE(peer.next, 8);
      side.acknowledged = peer.next;
      peer.unacknowledged = 0;
    }
    octets[12] = (head / 4) << 4;
    octets[13] = flags;
    octets.writeUInt16BE(flags & SYN ? FIRST_WINDOW : WINDOW, 14);
    octets.set(settings, HEADER_OCTETS);
    octets.set(data, head);
    this.#segments += 1;
    this.#emit(
      from,
      ipPacket(this.#ends.version, this.#ends[from], this.#ends[other(from)], {
        protocol: TCP,
        octets,
        checksumAt: 16,
        id: this.#segments,
      }),
      data.length > 0,
    );
  }
}

const NO_SETTINGS = Buffer.alloc(0);

function other(side: Side): Side {
  return side === "client" ? "server" : "client";
}

/** Spread over the whole range, and always the same: a journal has one capture. */
function initialSequence(seed: number): number {
  return Math.imul(seed, 0x9e3779b1) >>> 0;
}
