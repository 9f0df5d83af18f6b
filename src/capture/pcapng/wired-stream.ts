import type { CloseCause } from "../../journal/entry.ts";
import type { TlsWire } from "../../transport/tls-wire.ts";
import type { PacketQueue } from "./packet-queue.ts";
import type { Stream } from "./stream.ts";
import type { Side } from "./tcp-conversation.ts";

/**
 * A TLS connection in the capture: its records as they went over the wire, and the secrets that decrypt them.
 *
 * Until the handshake is complete, what comes from the peer waits until it was read: its secrets must stand before it.
 */
export class WiredStream implements TlsWire {
  readonly stream: Stream;
  readonly #queue: PacketQueue;
  readonly #now: () => number;
  readonly #over: () => void;
  #unread: Uint8Array[] = [];
  #isSecured = false;
  #isClosed = false;
  #isClaimed = false;
  /** How the session inside ended, once it has. */
  #how: CloseCause | undefined;

  constructor(stream: Stream, queue: PacketQueue, now: () => number, over: () => void) {
    this.stream = stream;
    this.#queue = queue;
    this.#now = now;
    this.#over = over;
    stream.now = now();
    stream.open();
  }

  key(line: Uint8Array): void {
    this.#queue.keys(Buffer.from(line));
  }

  received(bytes: Uint8Array): void {
    if (this.#isSecured) this.#carry("client", bytes);
    else this.#unread.push(bytes);
  }

  sent(bytes: Uint8Array): void {
    this.#readAll();
    this.#carry("server", bytes);
  }

  secured(): void {
    this.#readAll();
    this.#isSecured = true;
  }

  ended(by: "peer" | "service"): void {
    this.#readAll();
    this.stream.now = this.#now();
    this.stream.end(by === "peer" ? "client" : "server");
  }

  closed(how: "peace" | "reset"): void {
    this.#readAll();
    this.#isClosed = true;
    this.stream.now = this.#now();
    if (how === "reset") this.stream.close("reset");
    else if (!this.#isClaimed) this.#how = "destroyed"; // it never came to a session
    this.#finish();
  }

  /** A session of the journal is inside. */
  claim(): void {
    this.#isClaimed = true;
  }

  /** The journal's word on the session inside. */
  sessionClosed(how: CloseCause): void {
    this.#how ??= how;
    if (how === "reset") this.stream.close(how); // whatever else the wire may tell
    this.#finish();
  }

  /** What the wire cannot tell, a FIN from an RST of ours, the session can; whichever of them comes last. */
  #finish(): void {
    if (!this.#isClosed || this.#how === undefined) return;
    this.stream.close(this.#how);
    this.#over();
  }

  #readAll(): void {
    for (const bytes of this.#unread.splice(0)) this.#carry("client", bytes);
  }

  #carry(from: Side, bytes: Uint8Array): void {
    this.stream.now = this.#now();
    this.stream.send(from, bytes);
  }
}
