import type { Clock, Timer } from "../contract/clock.ts";
import type { Fault } from "../contract/fault.ts";
import type { ChannelId, CloseHow, Endpoint, Fields } from "../contract/machine.ts";
import type { ChannelListener, Connection, Network } from "../transport/connection.ts";
import type { Event } from "./event.ts";
import { linger } from "./linger.ts";
import { Pull } from "./pull.ts";
import { type FaultedStream, type Impairment, StreamFaults } from "./stream-faults.ts";

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

/** A secondary connection of a session, from the listener that waits for it to its end. */
export class Channel implements FaultedStream {
  readonly #id: ChannelId;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #owner: ChannelOwner;
  #listener: ChannelListener | undefined;
  #connection: Connection | undefined;
  #faults: StreamFaults | undefined;
  readonly #pull: Pull;
  #full = false;
  #isPaused = false;
  #closed = false;
  #ending = false;
  #linger: Timer | undefined;

  constructor(id: ChannelId, clock: Clock, random: () => number, owner: ChannelOwner) {
    this.#id = id;
    this.#clock = clock;
    this.#random = random;
    this.#owner = owner;
    const hasRoom = () => !this.#full && !this.#closed && !this.#faults?.isFull;
    this.#pull = new Pull(hasRoom, () => owner.tell({ type: "pull", channel: id }));
  }

  /** The service has closed it with FIN: what was sent is still on its way. */
  get ending(): boolean {
    return this.#ending;
  }

  get isGone(): boolean {
    return this.#closed;
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

  send(bytes: Uint8Array): void {
    if (!this.isConnected) return;
    if (this.#faults) this.#faults.send(bytes);
    else this.write(bytes);
  }

  /** Says `pull` when the queue is empty. */
  pull(): void {
    this.#pull.ask();
  }

  /** From here on, or from its first octet on. */
  impair(faults: readonly Fault[]): Impairment {
    if (!this.#faults) {
      this.#faults = new StreamFaults(this, this.#clock, this.#random);
      if (this.#connection) this.#faults.start();
    }
    return this.#faults.impair(faults);
  }

  /** The machine closes it. */
  end(how: CloseHow): void {
    this.#listener?.close();
    if (!this.#connection) {
      this.#closed = true;
      this.#owner.gone();
      return;
    }
    if (this.#ending && how !== "reset") return;
    if (how !== "reset") this.#ending = true;
    if (this.#faults) this.#faults.close(how);
    else this.close(how);
  }

  destroy(): void {
    this.#closed = true;
    this.#linger?.stop();
    this.#faults?.destroy();
    this.#listener?.close();
    this.#connection?.destroy();
  }

  // What the flows say.

  write(bytes: Uint8Array): void {
    this.#owner.sent(bytes);
    if (!this.#connection?.write(bytes)) this.#full = true;
  }

  deliver(bytes: Uint8Array): void {
    this.#owner.tell({ type: "data", bytes, channel: this.#id });
  }

  peerEnded(): void {
    this.#owner.tell({ type: "end", channel: this.#id });
  }

  close(how: CloseHow): void {
    const connection = this.#connection;
    if (!connection) return;
    if (how === "reset") {
      connection.reset();
      return;
    }
    this.#owner.ended("service");
    if (how === "leave" && connection.leave()) return;
    if (how === "end") connection.end();
    // Otherwise a peer that never closes could collect connections, one for each listener it asks for.
    this.#linger = linger(connection, this.#clock, () => connection.destroy());
  }

  cut(how: "end" | "reset"): void {
    this.#ending = true;
    this.#connection?.resume();
    this.close(how);
  }

  halfClose(): void {
    this.#owner.ended("service");
    this.#connection?.end();
  }

  struck(detail: Fields): void {
    this.#owner.struck({ ...detail, channel: this.#id });
  }

  changed(): void {
    if (this.#closed) return;
    const isUnread = this.#faults?.isUnread ?? false;
    if (isUnread !== this.#isPaused) {
      this.#isPaused = isUnread;
      if (isUnread) this.#connection?.pause();
      else this.#connection?.resume();
    }
    this.#pull.offer();
  }

  #connected(connection: Connection): void {
    this.#listener = undefined;
    if (this.#closed) {
      connection.destroy();
      return;
    }
    this.#connection = connection;
    this.#owner.connected(connection.local, connection.peer);
    this.#faults?.start();
    this.#owner.tell({ type: "channel", channel: this.#id, peer: connection.peer });
    connection.start({
      data: (bytes) => {
        this.#owner.received(bytes);
        if (this.#faults) this.#faults.receive(bytes);
        else this.deliver(bytes);
      },
      end: () => {
        this.#owner.ended("peer");
        if (this.#faults) this.#faults.receiveEnd();
        else this.peerEnded();
      },
      drain: () => {
        this.#full = false;
        this.#pull.offer();
      },
      closed: () => {
        this.#closed = true;
        this.#linger?.stop();
        this.#faults?.destroy();
        this.#owner.tell({ type: "closed", channel: this.#id });
        this.#owner.gone();
      },
    });
  }
}
