import { createSocket, type Socket } from "node:dgram";
import type { Clock, Timer } from "../contract/clock.ts";
import type { Endpoint } from "../contract/machine.ts";

/** So many ports are open at a time for answers from where nobody expects them ... */
const MOST_SOURCES = 16;
/** ... and each for so long after its last answer. */
const IDLE_MS = 10_000;

interface Source {
  readonly socket: Socket;
  /** What waits until it is bound. */
  waiting: (() => void)[] | undefined;
  idle: Timer | undefined;
}

/** Ports from which answers leave that a fault sends from elsewhere than they were asked for. */
export class UdpSources {
  readonly #local: Endpoint;
  readonly #clock: Clock;
  readonly #failed: (error: Error) => void;
  readonly #sources = new Map<string, Source>();
  #closing: Promise<unknown>[] = [];

  constructor(local: Endpoint, clock: Clock, failed: (error: Error) => void) {
    this.#local = local;
    this.#clock = clock;
    this.#failed = failed;
  }

  /** Sends from another address, with the same port number where it is free; or from another port of the same address. */
  send(bytes: Uint8Array, peer: Endpoint, from: { readonly port?: number; readonly address?: string }): void {
    const address = from.address ?? this.#local.address;
    const port = from.port ?? (address === this.#local.address ? 0 : this.#local.port);
    const key = `${address} ${port}`;
    const source = this.#sources.get(key) ?? this.#open(key, address, port, from.port === undefined);
    const send = () => {
      source.socket.send(bytes, peer.port, peer.address, (error) => {
        if (error) this.#failed(error);
      });
    };
    if (source.waiting) source.waiting.push(send);
    else send();
    source.idle?.stop();
    source.idle = this.#clock.timer(IDLE_MS, () => this.#close(key));
  }

  async close(): Promise<void> {
    for (const key of [...this.#sources.keys()]) this.#close(key);
    await Promise.all(this.#closing);
  }

  #open(key: string, address: string, port: number, mayBeAnother: boolean): Source {
    for (const oldest of this.#sources.keys()) {
      if (this.#sources.size < MOST_SOURCES) break;
      this.#close(oldest);
    }
    const isV6 = address.includes(":");
    const socket = createSocket({ type: isV6 ? "udp6" : "udp4", ipv6Only: isV6 });
    // What is sent here was not asked of this port.
    socket.on("message", () => undefined);
    socket.unref();
    const source: Source = { socket, waiting: [], idle: undefined };
    this.#sources.set(key, source);
    let wanted = port;
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (source.waiting && mayBeAnother && wanted !== 0 && isElsewhere(error)) {
        wanted = 0;
        socket.bind({ address, port: 0, exclusive: true });
        return;
      }
      if (source.waiting) this.#close(key);
      this.#failed(error);
    });
    socket.on("listening", () => {
      const waiting = source.waiting ?? [];
      source.waiting = undefined;
      for (const send of waiting) send();
    });
    socket.bind({ address, port, exclusive: true });
    return source;
  }

  #close(key: string): void {
    const source = this.#sources.get(key);
    if (!source) return;
    this.#sources.delete(key);
    source.idle?.stop();
    const closing = new Promise<void>((closed) => source.socket.close(() => closed()));
    this.#closing.push(closing);
    void closing.then(() => {
      this.#closing = this.#closing.filter((other) => other !== closing);
    });
  }
}

/** Another port may do: the number is taken there, or not permitted. */
function isElsewhere({ code }: NodeJS.ErrnoException): boolean {
  return code === "EADDRINUSE" || code === "EACCES";
}
