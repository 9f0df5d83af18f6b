import type { Endpoint } from "../contract/machine.ts";
import type { ChannelListener, Connection, ConnectionEvents, ListenEvents, Network } from "./connection.ts";

const LOOPBACK = "127.0.0.1";
const FIRST_PORT = 40_000;
/** The queue of a server whose client does not read is full at this. */
const FULL_OCTETS = 16 * 1024;

/** The client's end of a connection in memory. What the server sends is handed over at once, in the same turn. */
export interface MemoryClient {
  readonly local: Endpoint;
  write(bytes: Uint8Array): void;
  end(): void;
  reset(): void;
  /** Stops reading: what the server sends waits in its queue. */
  pause(): void;
  resume(): void;
  /** Set by whoever reads. */
  events: Pick<ConnectionEvents, "data" | "end"> & { reset(): void };
}

/** Connections without a network: for dialogues, fuzzing and determinism. Ports are handed out in order. */
export class MemoryNetwork implements Network {
  readonly #listeners = new Map<number, ListenEvents>();
  #nextPort = FIRST_PORT;

  /** A connected pair. The server's side is given to a session, the client's side to whoever plays the client. */
  connect(serverPort: number): { server: Connection; client: MemoryClient } {
    const server = new MemoryConnection(
      { address: LOOPBACK, port: serverPort },
      { address: LOOPBACK, port: this.#nextPort++ },
    );
    return { server, client: server.client };
  }

  /** Connects to a listener that a session opened; `undefined` if nobody listens there. */
  dial(port: number): MemoryClient | undefined {
    const events = this.#listeners.get(port);
    if (!events) return undefined;
    this.#listeners.delete(port);
    const { server, client } = this.connect(port);
    // The client listens first: a service may speak as soon as it is connected.
    queueMicrotask(() => events.connection(server));
    return client;
  }

  listen(address: string, _peer: string, events: ListenEvents): ChannelListener {
    const port = this.#nextPort++;
    this.#listeners.set(port, events);
    events.listening({ address, port });
    return { close: () => this.#listeners.delete(port) };
  }
}

class MemoryConnection implements Connection {
  readonly local: Endpoint;
  readonly peer: Endpoint;
  readonly tls = undefined;
  readonly client: MemoryClient;
  #events: ConnectionEvents | undefined;
  /** What the client did while nobody listened or the session had paused us. */
  #waiting: (() => void)[] = [];
  #paused = false;
  /** What the server sent while the client did not read. */
  #queue: Uint8Array[] | undefined;
  #queued = 0;
  #ended = { client: false, server: false };
  #closed = false;
  #error: Error | undefined;

  constructor(local: Endpoint, peer: Endpoint) {
    this.local = local;
    this.peer = peer;
    this.client = {
      local: peer,
      events: { data: ignore, end: ignore, reset: ignore },
      write: (bytes) => this.#tell(() => this.#events?.data(bytes)),
      end: () =>
        this.#tell(() => {
          this.#ended.client = true;
          this.#events?.end();
          this.#closeIfBothEnded();
        }),
      reset: () => this.#close(new Error("connection reset by peer")),
      pause: () => {
        this.#queue ??= [];
      },
      resume: () => this.#deliver(),
    };
  }

  get hasLeft(): boolean {
    return this.#queued === 0;
  }

  start(events: ConnectionEvents): void {
    this.#events = events;
    if (this.#closed) events.closed(this.#error);
    else this.#flush();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closed || this.#ended.server) return true;
    if (!this.#queue) {
      this.client.events.data(bytes);
      return true;
    }
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    return this.#queued < FULL_OCTETS;
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    let room = true;
    for (const part of parts) room = this.write(part);
    return room;
  }

  end(): void {
    if (this.#closed || this.#ended.server) return;
    this.#ended.server = true;
    this.#sendFin();
  }

  leave(): boolean {
    this.destroy();
    return true;
  }

  reset(): void {
    if (this.#closed) return;
    this.client.events.reset();
    this.#close();
  }

  destroy(): void {
    if (!this.#ended.server && !this.#closed) this.client.events.end();
    this.#close();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#flush();
  }

  #deliver(): void {
    const queue = this.#queue;
    this.#queue = undefined;
    if (!queue || this.#closed) return;
    const wasFull = this.#queued >= FULL_OCTETS;
    this.#queued = 0;
    for (const bytes of queue) this.client.events.data(bytes);
    if (this.#ended.server) this.#sendFin();
    else if (wasFull) this.#events?.drain();
  }

  /** After everything that is queued. */
  #sendFin(): void {
    if (this.#queue) return;
    this.client.events.end();
    this.#closeIfBothEnded();
  }

  #tell(event: () => void): void {
    this.#waiting.push(event);
    this.#flush();
  }

  #flush(): void {
    while (this.#events && !this.#paused && !this.#closed) {
      const event = this.#waiting.shift();
      if (!event) return;
      event();
    }
  }

  #closeIfBothEnded(): void {
    if (this.#ended.client && this.#ended.server && !this.#queue) this.#close();
  }

  #close(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#error = error;
    this.#events?.closed(error);
  }
}

function ignore(): void {
  // Nobody reads this end yet.
}
