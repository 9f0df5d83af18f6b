import type { Clock } from "../contract/clock.ts";
import type { Fault } from "../contract/fault.ts";
import type { ChannelId, CloseHow, Endpoint, Fields } from "../contract/machine.ts";
import type { ChannelListener, Connection, ConnectionEvents, Network } from "../transport/connection.ts";
import type { Event } from "./event.ts";
import { Stream, type StreamOwner } from "./stream.ts";
import type { Impairment } from "./stream-faults.ts";

export interface ChannelOwner {
  tell(event: Event): void;
  connected(local: Endpoint, peer: Endpoint): void;
  received(bytes: Uint8Array): void;
  sent(bytes: Uint8Array): void;
  ended(by: "peer" | "service"): void;
  /** A fault has struck. */
  struck(detail: Fields): void;
  /** Nothing is left of the channel, and nothing more will be told. */
  gone(): void;
}

export interface ChannelParts {
  readonly owner: ChannelOwner;
  readonly clock: Clock;
  readonly random?: (() => number) | undefined;
}

/** A secondary connection of a session, from the listener that waits for it to its end. */
export class Channel implements ConnectionEvents, StreamOwner {
  readonly #id: ChannelId;
  readonly #owner: ChannelOwner;
  readonly #stream: Stream;
  #listener: ChannelListener | undefined;
  #connection: Connection | undefined;
  #closed = false;
  #ending = false;

  constructor(id: ChannelId, { owner, clock, random }: ChannelParts) {
    this.#id = id;
    this.#owner = owner;
    this.#stream = new Stream({ owner: this, clock, random, pausesWhenFull: false });
  }

  /** The service has closed it with FIN: what was sent is still on its way. */
  get ending(): boolean {
    return this.#ending;
  }

  get isGone(): boolean {
    return this.#closed;
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

  send(bytes: Uint8Array): void {
    if (!this.#connection || this.#closed || this.#ending) return;
    if (this.#stream.faults) this.#stream.faults.send(bytes);
    else this.#stream.write(bytes);
  }

  /** Says `pull` when the queue is empty. */
  askPull(): void {
    this.#stream.pull();
  }

  impair(faults: readonly Fault[]): Impairment {
    return this.#stream.impair(faults);
  }

  close(how: CloseHow): void {
    this.#listener?.close();
    if (!this.#connection) {
      this.#closed = true;
      this.#owner.gone();
      return;
    }
    if (how !== "reset") {
      if (this.#ending) return;
      this.#ending = true;
    }
    this.#stream.end(how);
  }

  destroy(): void {
    this.#closed = true;
    this.#stream.stop();
    this.#listener?.close();
    this.#connection?.destroy();
  }

  // What the connection says.

  data(bytes: Uint8Array): void {
    this.#owner.received(bytes);
    if (this.#stream.faults) this.#stream.faults.receive(bytes);
    else this.deliver(bytes);
  }

  end(): void {
    this.#owner.ended("peer");
    this.#stream.receiveEnd();
  }

  drain(): void {
    this.#stream.drained();
  }

  closed(): void {
    this.#closed = true;
    this.#stream.stop();
    this.#owner.tell({ type: "closed", channel: this.#id });
    this.#owner.gone();
  }

  // What its stream says.

  sent(bytes: Uint8Array): void {
    this.#owner.sent(bytes);
  }

  deliver(bytes: Uint8Array): void {
    this.#owner.tell({ type: "data", bytes, channel: this.#id });
  }

  peerEnded(): void {
    this.#owner.tell({ type: "end", channel: this.#id });
  }

  ended(): void {
    this.#owner.ended("service");
  }

  cut(): void {
    this.#ending = true;
  }

  struck(detail: Fields): void {
    this.#owner.struck({ ...detail, channel: this.#id });
  }

  pull(): void {
    if (!this.#closed && !this.#ending) this.#owner.tell({ type: "pull", channel: this.#id });
  }

  /** Otherwise a peer that never closes could collect connections, one for each listener it asks for. */
  lingered(): void {
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
    this.#stream.open(connection);
    this.#owner.tell({ type: "channel", channel: this.#id, peer: connection.peer });
    connection.start(this);
  }
}
