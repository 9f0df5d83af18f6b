import type { Socket } from "node:net";
import type { Endpoint } from "../contract/machine.ts";
import type { Connection, ConnectionEvents, TlsAgreement } from "./connection.ts";

/**
 * How long the peer has for reading what was sent before an RST. Clients built on libuv, such as Node's, take an RST that
 * reaches them together with octets for a FIN.
 */
const RESET_AFTER_MS = 2;

/** A TCP socket, or TLS on one, as a connection. `socket` must have been accepted with `allowHalfOpen`. */
export class SocketConnection implements Connection {
  readonly #socket: Socket;
  /** The TCP socket itself: below TLS another one than `#socket`. */
  readonly #tcp: Socket;
  readonly local: Endpoint;
  readonly peer: Endpoint;
  readonly tls: TlsAgreement | undefined;
  #error: Error | undefined;

  constructor(socket: Socket, tcp: Socket = socket, tls?: TlsAgreement) {
    this.#socket = socket;
    this.#tcp = tcp;
    this.tls = tls;
    this.local = { address: tcp.localAddress ?? "", port: tcp.localPort ?? 0 };
    this.peer = { address: tcp.remoteAddress ?? "", port: tcp.remotePort ?? 0 };
    // From here on a broken socket must never be an uncaught exception.
    socket.on("error", (error) => {
      this.#error ??= error;
    });
  }

  get hasLeft(): boolean {
    return this.#socket.writableLength === 0;
  }

  start(events: ConnectionEvents): void {
    const socket = this.#socket;
    socket.on("data", (bytes: Uint8Array) => events.data(bytes));
    // Without octets before it, a FIN shows itself to nobody in particular.
    if (socket.readableEnded) setImmediate(() => events.end());
    else socket.on("end", () => events.end());
    socket.on("drain", () => events.drain());
    if (socket.destroyed) setImmediate(() => events.closed(this.#error));
    else socket.on("close", () => events.closed(this.#error));
  }

  write(bytes: Uint8Array): boolean {
    return this.#socket.write(bytes);
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    this.#socket.cork();
    let room = true;
    for (const part of parts) room = this.#socket.write(part);
    this.#socket.uncork();
    return room;
  }

  end(): void {
    this.#socket.end();
  }

  leave(): boolean {
    // What is written is the system's already: closing sends the FIN behind it.
    if (this.#socket === this.#tcp && this.#tcp.writableLength === 0) {
      this.#tcp.destroy();
      return true;
    }
    this.#socket.destroySoon();
    return false;
  }

  reset(): void {
    const reset = () => {
      // The system refuses an RST while a FIN is on its way.
      const finishing = this.#tcp.writableEnded && !this.#tcp.writableFinished && this.#tcp.writableLength === 0;
      if (finishing && !this.#tcp.destroyed) this.#tcp.once("finish", () => this.#resetNow());
      else this.#resetNow();
    };
    // A peer in this very process reads between timers and immediates, however late the timers are.
    setTimeout(() => setImmediate(reset), RESET_AFTER_MS);
  }

  #resetNow(): void {
    this.#tcp.resetAndDestroy();
    if (this.#socket !== this.#tcp) this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}
