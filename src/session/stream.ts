import type { Clock, Timer } from "../contract/clock.ts";
import type { Fault } from "../contract/fault.ts";
import type { CloseHow, Fields } from "../contract/machine.ts";
import type { Connection } from "../transport/connection.ts";
import { linger, UNREAD_MS } from "./linger.ts";
import { Pull } from "./pull.ts";
import { type FaultedStream, type Impairment, StreamFaults } from "./stream-faults.ts";

/** Whose connection it is: a session, or one of its channels. */
export interface StreamOwner {
  /** Octets are leaving. */
  sent(bytes: Uint8Array): void;
  /** Octets of the peer are for the machine. */
  deliver(bytes: Uint8Array): void;
  /** The peer's FIN is for the machine. */
  peerEnded(): void;
  /** Our FIN is leaving. */
  ended(): void;
  /** A fault is about to end the connection. */
  cut(): void;
  /** A fault has struck that leaves its mark for good. */
  struck(detail: Fields): void;
  /** There is room, and the machine asked for it. */
  pull(): void;
  /** Nothing more is to be waited for. */
  lingered(): void;
}

export interface StreamParts {
  readonly owner: StreamOwner;
  readonly clock: Clock;
  readonly random?: (() => number) | undefined;
  /** Nothing is read while the peer does not read: its requests would be answered into a queue. */
  readonly pausesWhenFull: boolean;
}

/**
 * One connection of a session, as far as octets leave and it ends: with the faults on it while there are any. What the
 * faults let through comes back by the methods of `FaultedStream`; without them, that is done at once.
 */
export class Stream implements FaultedStream {
  /** While there are any. Whoever has octets gives them to these first. */
  faults: StreamFaults | undefined;
  readonly #parts: StreamParts;
  #connection: Connection | undefined;
  #pull: Pull | undefined;
  #full = false;
  #isPaused = false;
  #isClosing = false;
  #isHalfClosed = false;
  #peerHasEnded = false;
  #linger: Timer | undefined;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  /** Whoever sends is to wait. */
  get isFull(): boolean {
    return this.#full || (this.faults?.isFull ?? false);
  }

  /** The connection is there; faults that wait for it begin. */
  open(connection: Connection): void {
    this.#connection = connection;
    this.faults?.start();
  }

  /** From here on, or from the first octet on. */
  impair(faults: readonly Fault[]): Impairment {
    return this.faulted().impair(faults);
  }

  faulted(): StreamFaults {
    if (this.faults) return this.faults;
    const faults = new StreamFaults(this, this.#parts.clock, this.#parts.random ?? middle);
    if (this.#connection) faults.start();
    this.faults = faults;
    return faults;
  }

  /** To the connection, past all faults. Several pieces leave in one write. */
  put(first: Uint8Array, all?: readonly Uint8Array[]): void {
    const connection = this.#connection;
    if (!connection) return;
    const room = all ? connection.writeAll(all) : connection.write(first);
    if (room || this.#full) return;
    this.#full = true;
    if (!this.#parts.pausesWhenFull) return;
    this.#isPaused = true;
    connection.pause();
  }

  /** The connection has room again. */
  drained(): void {
    this.#full = false;
    this.changed();
  }

  /** The machine wants to be told when there is room. */
  pull(): void {
    this.#pull ??= new Pull(
      () => !this.isFull,
      () => this.#parts.owner.pull(),
    );
    this.#pull.ask();
  }

  /** The peer's FIN has come. */
  receiveEnd(): void {
    this.#peerHasEnded = true;
    if (this.faults) this.faults.receiveEnd();
    else this.peerEnded();
    this.#giveUpIfStuck();
  }

  /** The owner closes; what it sent before leaves first. */
  end(how: CloseHow): void {
    this.#isClosing = true;
    if (this.faults) this.faults.close(how);
    else this.close(how);
    this.#giveUpIfStuck();
  }

  /** RST, whatever waits. */
  reset(): void {
    this.#isClosing = true;
    this.faults?.destroy();
    this.#connection?.reset();
  }

  /** The connection is gone. */
  stop(): void {
    this.#isClosing = true;
    this.#linger?.stop();
    this.faults?.destroy();
  }

  write(bytes: Uint8Array): void {
    this.#parts.owner.sent(bytes);
    this.put(bytes);
  }

  deliver(bytes: Uint8Array): void {
    this.#parts.owner.deliver(bytes);
  }

  peerEnded(): void {
    this.#parts.owner.peerEnded();
  }

  close(how: CloseHow): void {
    const connection = this.#connection;
    if (!connection) return;
    if (how === "reset") {
      connection.reset();
      return;
    }
    if (!this.#isHalfClosed) this.#parts.owner.ended();
    if (how === "leave") {
      if (connection.leave()) return;
    } else {
      connection.resume();
      connection.end();
    }
    this.#linger?.stop();
    this.#linger = linger(connection, this.#parts.clock, () => this.#parts.owner.lingered());
  }

  cut(how: "end" | "reset"): void {
    this.#isClosing = true;
    this.#parts.owner.cut();
    this.close(how);
  }

  halfClose(): void {
    this.#isHalfClosed = true;
    this.#parts.owner.ended();
    this.#connection?.end();
  }

  struck(detail: Fields): void {
    this.#parts.owner.struck(detail);
  }

  /** There may be room again, or none any more; and the last fault may be over. */
  changed(): void {
    const faults = this.faults;
    if (!this.#isClosing) {
      const isUnread = (this.#full && this.#parts.pausesWhenFull) || (faults?.isUnread ?? false);
      if (isUnread !== this.#isPaused) this.#pause(isUnread);
    }
    if (faults?.isClear) this.faults = undefined;
    this.#pull?.offer();
  }

  #pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (isPaused) this.#connection?.pause();
    else this.#connection?.resume();
  }

  /** A peer that has ended may have gone altogether: words that are stuck would never find out. */
  #giveUpIfStuck(): void {
    if (!this.#isClosing || !this.#peerHasEnded || !this.faults?.isStuck) return;
    this.#linger?.stop();
    this.#linger = this.#parts.clock.timer(UNREAD_MS, () => this.#parts.owner.lingered());
  }
}

/** In place of chance: no jitter. */
const middle = () => 0.5;
