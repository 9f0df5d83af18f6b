import type { Clock, Timer } from "../contract/clock.ts";
import type { ChannelId, CloseHow, Endpoint } from "../contract/machine.ts";
import type { ChannelListener, Connection, Network } from "../transport/connection.ts";
import type { Event } from "./event.ts";
import { linger } from "./linger.ts";

export interface ChannelOwner {
  tell(event: Event): void;
  connected(local: Endpoint, peer: Endpoint): void;
  received(bytes: Uint8Array): void;
  ended(by: "peer" | "service"): void;
  /** Nothing is left of the channel, and nothing more will be told. */
  gone(): void;
}

/** A secondary connection of a session, from the listener that waits for it to its end. */
export class Channel {
  readonly #id: ChannelId;
  readonly #clock: Clock;
  readonly #owner: ChannelOwner;
  #listener: ChannelListener | undefined;
  #connection: Connection | undefined;
  #full = false;
  #pull = false;
  #offering = false;
  #closed = false;
  #ending = false;
  #linger: Timer | undefined;

  constructor(id: ChannelId, clock: Clock, owner: ChannelOwner) {
    this.#id = id;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** The service has closed it with FIN: what was sent is still on its way. */
  get ending(): boolean {
    return this.#ending;
  }

  /** What is sent goes somewhere. */
  get isConnected(): boolean {
    return this.#connection !== undefined && !this.#closed && !this.#ending;
  }

  listen(network: Network, address: string, peer: string): void {
    this.#listener = network.listen(address, peer, {
      listening: (local) => this.#owner.tell({ type: "listening", channel: this.#id, local }),
      connection: (connection) => this.#connected(connection),
      failed: (error) => {
        this.#closed = true;
        this.#owner.tell({ type: "refused", channel: this.#id, reason: error.message });
        this.#owner.gone();
      },
    });
  }

  write(bytes: Uint8Array): void {
    if (this.isConnected && !this.#connection?.write(bytes)) this.#full = true;
  }

  /** Says `pull` when the queue is empty. */
  pull(): void {
    this.#pull = true;
    this.#offerPull();
  }

  close(how: CloseHow): void {
    this.#listener?.close();
    if (!this.#connection) {
      this.#closed = true;
      this.#owner.gone();
      return;
    }
    if (how === "reset") {
      this.#connection.reset();
      return;
    }
    if (this.#ending) return;
    this.#ending = true;
    this.#owner.ended("service");
    if (how === "leave" && this.#connection.leave()) return;
    if (how === "end") this.#connection.end();
    // Otherwise a peer that never closes could collect connections, one for each listener it asks for.
    const connection = this.#connection;
    this.#linger = linger(connection, this.#clock, () => connection.destroy());
  }

  destroy(): void {
    this.#closed = true;
    this.#linger?.stop();
    this.#listener?.close();
    this.#connection?.destroy();
  }

  #connected(connection: Connection): void {
    this.#listener = undefined;
    if (this.#closed) {
      connection.destroy();
      return;
    }
    this.#connection = connection;
    this.#owner.connected(connection.local, connection.peer);
    this.#owner.tell({ type: "channel", channel: this.#id, peer: connection.peer });
    connection.start({
      data: (bytes) => {
        this.#owner.received(bytes);
        this.#owner.tell({ type: "data", bytes, channel: this.#id });
      },
      end: () => {
        this.#owner.ended("peer");
        this.#owner.tell({ type: "end", channel: this.#id });
      },
      drain: () => {
        this.#full = false;
        this.#offerPull();
      },
      closed: () => {
        this.#closed = true;
        this.#linger?.stop();
        this.#owner.tell({ type: "closed", channel: this.#id });
        this.#owner.gone();
      },
    });
  }

  #offerPull(): void {
    if (!this.#pull || this.#full || this.#offering) return;
    this.#offering = true;
    setImmediate(() => {
      this.#offering = false;
      if (!this.#pull || this.#full || this.#closed) return;
      this.#pull = false;
      this.#owner.tell({ type: "pull", channel: this.#id });
    });
  }
}
