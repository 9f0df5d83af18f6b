import type { Clock, Timer } from "../contract/clock.ts";
import type { ChannelId, CloseHow, Fields, Input, Machine, Output } from "../contract/machine.ts";
import type { CloseCause, SessionRecord } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import type { Connection, ConnectionEvents, Network } from "../transport/connection.ts";
import { Channel } from "./channel.ts";
import type { Event } from "./event.ts";
import { linger } from "./linger.ts";
import { SessionTimers } from "./session-timers.ts";

export interface SessionParts {
  readonly record: SessionRecord;
  readonly machine: Machine;
  readonly connection: Connection;
  readonly network: Network;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Called once, when nothing of the session is left. */
  readonly over: (session: Session) => void;
}

/**
 * One machine on one connection.
 *
 * Theory of operation: everything that happens (octets, FINs, timers, channels, shutdown) enters one inbox and is handled
 * to its last output before the next; outputs that make new events (a listener that fails at once) append to the inbox, so
 * the machine is never entered twice. While the peer does not read (the send queue is full), the connection is paused and
 * octets wait in it; the rest of the inbox goes on.
 */
export class Session implements ConnectionEvents {
  readonly record: SessionRecord;
  readonly #machine: Machine;
  readonly #connection: Connection;
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #over: (session: Session) => void;
  readonly #timers: SessionTimers;
  readonly #channels = new Map<ChannelId, Channel>();
  readonly #inbox: Event[] = [];
  /** Octets that have come since the last exchange. */
  #unanswered = 0;
  #busy = false;
  #phase: "open" | "closing" | "closed" = "open";
  #cause: CloseCause | undefined;
  #full = false;
  #pull = false;
  #offering = false;
  #linger: Timer | undefined;
  /** The connection ended while the machine was at work: what to do after it. */
  #gone: (() => void) | undefined;

  constructor(parts: SessionParts) {
    this.record = parts.record;
    this.#machine = parts.machine;
    this.#connection = parts.connection;
    this.#network = parts.network;
    this.#clock = parts.clock;
    this.#journal = parts.journal;
    this.#over = parts.over;
    this.#timers = new SessionTimers(parts.clock, (event) => this.tell(event));
  }

  /** The machine's state, in the RFC's word. */
  get state(): string {
    return this.#machine.state;
  }

  start(): void {
    this.#journal.opened(this.record);
    this.tell({ type: "open", local: this.#connection.local, peer: this.#connection.peer });
    this.#connection.start(this);
  }

  /** In place of `start`: the machine says that there are too many sessions, and nothing else. */
  refuse(counts: Fields): void {
    this.#journal.opened(this.record);
    this.#journal.note(this.record, "too-many-sessions", counts);
    this.tell({ type: "shutdown", reason: "too-many-sessions" });
    // A service that never keeps anybody has no words for it.
    if (this.#phase === "open") this.#close("end");
    this.#connection.start(this);
  }

  /** Asks the machine to say goodbye. */
  shutdown(): void {
    this.tell({ type: "shutdown", reason: "stopping" });
  }

  /** Ends the session now, whatever the peer does. */
  destroy(): void {
    this.#cause ??= "destroyed";
    this.#connection.destroy();
    this.closed();
  }

  // What the connection says.

  data(bytes: Uint8Array): void {
    if (this.#phase !== "open") return; // read and dropped: the goodbye must reach the peer
    const now = this.#clock.now();
    this.#timers.touched(now);
    this.#journal.received(this.record, now, bytes);
    this.#unanswered += bytes.length;
    if (this.#busy) {
      this.#inbox.push({ type: "data", bytes });
      return;
    }
    this.#handle({ type: "data", now, bytes });
    if (this.#inbox.length > 0) this.#drainInbox();
  }

  end(): void {
    if (this.#phase === "closed") return;
    this.#journal.ended(this.record, "peer");
    if (this.#phase === "open") {
      this.#cause ??= "peer";
      this.tell({ type: "end" });
    }
  }

  drain(): void {
    this.#full = false;
    if (this.#phase === "open") this.#connection.resume();
    this.#offerPull();
  }

  closed(error?: Error): void {
    if (this.#phase === "closed") return;
    if (this.#busy) {
      // Whatever the machine is at comes to its end first.
      this.#gone ??= () => this.closed(error);
      return;
    }
    const wasOpen = this.#phase === "open";
    this.#phase = "closed";
    this.#timers.stop();
    this.#linger?.stop();
    for (const channel of this.#channels.values()) channel.destroy();
    this.#channels.clear();
    if (wasOpen) this.#handleLast();
    const how = error && wasOpen ? "reset" : (this.#cause ?? "peer");
    this.#journal.closed(this.record, how, error?.message);
    this.#over(this);
  }

  /** Puts an event into the inbox, and handles it unless the machine is at work. */
  tell(event: Event): void {
    this.#inbox.push(event);
    if (!this.#busy) this.#drainInbox();
  }

  #drainInbox(): void {
    while (this.#phase === "open") {
      const event = this.#inbox.shift();
      if (!event) return;
      this.#handle({ ...event, now: this.#clock.now() } as Input);
    }
    this.#inbox.length = 0;
  }

  #handle(input: Input): void {
    this.#busy = true;
    try {
      this.#perform(this.#machine.handle(input), input.now);
    } catch (error) {
      this.#recordCrash(error);
      this.#cause = "service";
      this.#phase = "closing";
      this.#connection.reset();
    } finally {
      this.#busy = false;
    }
    this.#gone?.();
  }

  /** The connection is gone: only the journal can still be told something. */
  #handleLast(): void {
    this.#busy = true;
    try {
      for (const output of this.#machine.handle({ type: "closed", now: this.#clock.now() })) this.#record(output);
    } catch (error) {
      this.#recordCrash(error);
    }
  }

  /** A crash inside a machine ends its session, never the process. */
  #recordCrash(error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#journal.note(this.record, "crash", { stack });
  }

  #perform(outputs: Iterable<Output>, now: number): void {
    let first: Uint8Array | undefined;
    let more: Uint8Array[] | undefined;
    for (const output of outputs) {
      if (output.do === "send" && output.channel === undefined) {
        this.#journal.sent(this.record, now, output.bytes);
        if (!first) first = output.bytes;
        else if (more) more.push(output.bytes);
        else more = [first, output.bytes];
        continue;
      }
      if (output.do === "exchange") {
        this.#recordExchange(output.request, output.reply, now);
        continue;
      }
      // What is sent in one turn leaves in one write; other outputs keep their place in the order.
      if (first) this.#write(first, more, now);
      first = more = undefined;
      this.#do(output, now);
      if (this.#phase !== "open") return;
    }
    if (first) this.#write(first, more, now);
  }

  #write(first: Uint8Array, all: Uint8Array[] | undefined, now: number): void {
    this.#timers.touched(now);
    const room = all ? this.#connection.writeAll(all) : this.#connection.write(first);
    if (!room && !this.#full) {
      this.#full = true;
      this.#connection.pause();
    }
  }

  #do(output: Output, now: number): void {
    switch (output.do) {
      case "send": {
        const channel = output.channel === undefined ? undefined : this.#channels.get(output.channel);
        if (!channel?.isConnected) return;
        this.#journal.sent(this.record, now, output.bytes, output.channel);
        this.#timers.touched(now);
        channel.write(output.bytes);
        return;
      }
      case "close":
        if (output.channel === undefined) this.#close(output.how);
        else this.#channels.get(output.channel)?.close(output.how);
        return;
      case "listen":
        this.#listen(output.channel);
        return;
      case "pull":
        if (output.channel === undefined) {
          this.#pull = true;
          this.#offerPull();
        } else this.#channels.get(output.channel)?.pull();
        return;
      case "timer":
        this.#timers.set(output.name, output.ms);
        return;
      case "idle":
        this.#timers.setIdle(output.ms);
        return;
      default:
        this.#record(output);
    }
  }

  /** The outputs that only the journal carries out. */
  #record(output: Output): void {
    if (output.do === "note") this.#journal.note(this.record, output.event, output.detail);
    else if (output.do === "exchange") this.#recordExchange(output.request, output.reply, this.#clock.now());
  }

  #recordExchange(request: Fields, reply: Fields, now: number): void {
    this.#journal.exchange(this.record, now, request, reply, this.#unanswered);
    this.#unanswered = 0;
  }

  #close(how: CloseHow): void {
    this.#phase = "closing";
    this.#cause ??= "service";
    this.#timers.stop();
    // What a channel has still to deliver may arrive while the last words do.
    for (const channel of this.#channels.values()) if (how === "reset" || !channel.ending) channel.destroy();
    if (how === "reset") {
      this.#connection.reset();
      return;
    }
    this.#journal.ended(this.record, "service");
    if (how === "leave") {
      if (this.#connection.leave()) return;
    } else {
      this.#connection.resume();
      this.#connection.end();
    }
    this.#linger = linger(this.#connection, this.#clock, () => this.destroy());
  }

  #listen(id: ChannelId): void {
    const replaced = this.#channels.get(id);
    this.#channels.delete(id); // so that its end is no news
    replaced?.destroy();
    const channel: Channel = new Channel(id, this.#clock, {
      tell: (event) => {
        if (this.#channels.get(id) === channel) this.tell(event);
      },
      connected: (local, peer) => this.#journal.channel(this.record, id, local, peer),
      received: (bytes) => {
        const now = this.#clock.now();
        this.#timers.touched(now);
        this.#journal.received(this.record, now, bytes, id);
      },
      ended: (by) => this.#journal.ended(this.record, by, id),
      gone: () => {
        if (this.#channels.get(id) === channel) this.#channels.delete(id);
      },
    });
    this.#channels.set(id, channel);
    channel.listen(this.#network, this.#connection.local.address, this.#connection.peer.address);
  }

  /** In a turn of its own, so that an endless producer leaves room for everybody else. */
  #offerPull(): void {
    if (!this.#pull || this.#full || this.#offering) return;
    this.#offering = true;
    setImmediate(() => {
      this.#offering = false;
      if (!this.#pull || this.#full) return; // full again meanwhile: `drain` comes back to it
      this.#pull = false;
      this.tell({ type: "pull" });
    });
  }
}
