import type { Endpoint } from "../contract/machine.ts";
import type { ChannelListener, Connection, ConnectionEvents, ListenEvents, Network } from "./connection.ts";

const LOOPBACK = "127.0.0.1";
const FIRST_PORT = 40_000;

/** The client's end of a connection in memory. What the server sends is handed over at once, in the same turn. */
export interface MemoryClient {
  readonly local: Endpoint;
  write(bytes: Uint8Array): void;
  end(): void;
  reset(): void;
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
  #ended = { client: false, server: false };
  #closed = false;

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
    };
  }

  start(events: ConnectionEvents): void {
    this.#events = events;
    this.#flush();
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#closed && !this.#ended.server) this.client.events.data(bytes);
    return true;
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    for (const part of parts) this.write(part);
    return true;
  }

  end(): void {
    if (this.#closed || this.#ended.server) return;
    this.#ended.server = true;
    this.client.events.end();
    this.#closeIfBothEnded();
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
    if (this.#ended.client && this.#ended.server) this.#close();
  }

  #close(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events?.closed(error);
  }
}

function ignore(): void {
  // Nobody reads this end yet.
}
