import type { Endpoint } from "../../contract/machine.ts";
import type { CloseCause } from "../../journal/entry.ts";
import { endsOf } from "./ip.ts";
import type { PacketQueue, QueuedPacket } from "./packet-queue.ts";
import { type Side, TcpConversation } from "./tcp-conversation.ts";

/** A FIN that the service sends and the end of everything so soon behind it are one: the peer's FIN came too. */
const TOGETHER_MS = 1000;

/** A TCP connection of the capture, and what is still to be said of its packets. */
export class Stream {
  /** When what comes next happened, in milliseconds since the epoch. */
  now = 0;
  readonly #tcp: TcpConversation;
  /** Its last packet with data. */
  #data: QueuedPacket | undefined;
  #last: QueuedPacket | undefined;
  #comments: string[] = [];
  /** Comments wait for data from the server. */
  #ahead = false;
  #endedAt: number | undefined;

  constructor(client: Endpoint, server: Endpoint, seed: number, queue: PacketQueue) {
    this.#tcp = new TcpConversation(endsOf(client, server), seed, (from, octets, hasData) => {
      const packet = queue.packet(this.now, from, octets);
      this.#last = packet;
      if (hasData) this.#data = packet;
      if (!this.#ahead || (hasData && from === "server")) packet.comments.push(...this.#comments.splice(0));
      if (this.#comments.length === 0) this.#ahead = false;
    });
  }

  get isOver(): boolean {
    return this.#tcp.isOver;
  }

  open(): void {
    this.#tcp.open();
  }

  send(from: Side, bytes: Uint8Array): void {
    this.#tcp.send(from, bytes);
  }

  end(from: Side): void {
    this.#ahead = false;
    if (from === "server") this.#endedAt ??= this.now;
    this.#tcp.end(from);
  }

  /** The end, as the journal tells it. */
  close(how: CloseCause): void {
    const [client, server] = [this.#tcp.hasEnded("client"), this.#tcp.hasEnded("server")];
    this.#ahead = false;
    // A service that closes says so by an `end`, unless it resets.
    const isReset = !server && (how === "service" || (how === "peer" && client));
    if (how === "reset") this.#tcp.reset("client");
    else if (isReset) this.#tcp.reset("server");
    else if (how === "peer") {
      this.end("client");
      this.end("server");
    } else {
      this.end("server");
      if (how === "service" && this.now - (this.#endedAt ?? 0) < TOGETHER_MS) this.end("client");
    }
  }

  /** Accepted by the system, and refused by an RST. */
  refuse(): void {
    this.open();
    this.#tcp.reset("server");
  }

  /** The end, of which nothing is known but the FINs so far. */
  finish(): void {
    if (!this.#tcp.hasEnded("client") && !this.#tcp.hasEnded("server")) this.#tcp.reset("server");
    this.end("client");
    this.end("server");
  }

  /** Says something of what went over it last; if that is written already, of what comes next. */
  comment(line: string): void {
    const packet = this.#data?.written && this.isOver ? this.#last : this.#data;
    if (packet && !packet.written) packet.comments.push(line);
    else this.#comments.push(line);
  }

  /** Says something of what the server is about to send. */
  commentAhead(line: string): void {
    this.#comments.push(line);
    this.#ahead = true;
  }
}
