import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { Endpoint } from "../contract/machine.ts";

/** Told what really goes over the wire of one TLS connection, and the secrets that decrypt it. */
export interface TlsWire {
  /** A line of an NSS key log, with its line end. */
  key(line: Uint8Array): void;
  received(bytes: Uint8Array): void;
  sent(bytes: Uint8Array): void;
  /** The handshake is complete: secrets for what came so far have been told. */
  secured(): void;
  ended(by: "peer" | "service"): void;
  /** The last event. */
  closed(how: "peace" | "reset"): void;
}

/** Makes somebody a witness of a TLS connection, before its first octet; `undefined` if nobody wants to be. */
export type WitnessTls = (ends: { readonly local: Endpoint; readonly peer: Endpoint }) => TlsWire | undefined;

/** Stands between a TCP socket and TLS on it, where somebody wants to see the records. Changes nothing that passes. */
export class TlsTap extends Duplex {
  readonly #socket: Socket;
  readonly #wire: TlsWire;

  constructor(socket: Socket, wire: TlsWire) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#wire = wire;
    let failed = false;
    socket.on("data", (bytes: Buffer) => {
      wire.received(bytes);
      if (!this.push(bytes)) socket.pause();
    });
    socket.on("end", () => {
      wire.ended("peer");
      this.push(null);
    });
    socket.on("error", (error) => {
      failed = true;
      this.destroy(error);
    });
    socket.once("close", () => {
      wire.closed(failed ? "reset" : "peace");
      this.destroy();
    });
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#wire.sent(bytes);
    this.#socket.write(bytes, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#wire.ended("service");
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

/** Several witnesses as one. */
export function allOf(wires: readonly TlsWire[]): TlsWire {
  const [first] = wires;
  if (first && wires.length === 1) return first;
  const tell = (event: (wire: TlsWire) => void) => {
    for (const wire of wires) event(wire);
  };
  return {
    key: (line) => tell((wire) => wire.key(line)),
    received: (bytes) => tell((wire) => wire.received(bytes)),
    sent: (bytes) => tell((wire) => wire.sent(bytes)),
    secured: () => tell((wire) => wire.secured()),
    ended: (by) => tell((wire) => wire.ended(by)),
    closed: (how) => tell((wire) => wire.closed(how)),
  };
}
