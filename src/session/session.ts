import type { Clock } from "../contract/clock.ts";
import type { Fault } from "../contract/fault.ts";
import type { CloseHow, Fields, Input, Machine, Output } from "../contract/machine.ts";
import type { CloseCause, SessionRecord } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import type { Connection, ConnectionEvents } from "../transport/connection.ts";
import { Channels } from "./channels.ts";
import type { Event } from "./event.ts";
import { befallBoth, impairBoth } from "./place-faults.ts";
import type { SessionParts } from "./session-parts.ts";
import { SessionTimers } from "./session-timers.ts";
import { Stream, type StreamOwner } from "./stream.ts";
import type { Impairment } from "./stream-faults.ts";

/**
 * One machine on one connection.
 *
 * Theory of operation: everything that happens (octets, FINs, timers, channels, shutdown) enters one inbox and is handled
 * to its last output before the next; outputs that make new events (a listener that fails at once) append to the inbox, so
 * the machine is never entered twice. While the peer does not read (the send queue is full), the connection is paused and
 * octets wait in it; the rest of the inbox goes on. Faults stand between the connection and both the inbox and the outputs;
 * while there are none, nothing does.
 */
export class Session implements ConnectionEvents, StreamOwner {
  readonly record: SessionRecord;
  readonly #machine: Machine;
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #timers: SessionTimers;
  readonly #stream: Stream;
  readonly #parts: SessionParts;
  /** Once there were any. */
  #channels: Channels | undefined;
  readonly #inbox: Event[] = [];
  /** Octets that have come since the last exchange. */
  #unanswered = 0;
  #busy = false;
  #phase: "open" | "closing" | "closed" = "open";
  #cause: CloseCause | undefined;
  /** A fault has ended the connection, and the machine does not know it yet. */
  #isCut = false;
  /** The connection ended while the machine was at work: what to do after it. */
  #gone: (() => void) | undefined;

  constructor(parts: SessionParts) {
    this.record = parts.record;
    this.#machine = parts.machine;
    this.#connection = parts.connection;
    this.#clock = parts.clock;
    this.#journal = parts.journal;
    this.#timers = new SessionTimers(parts.clock, (event) => this.tell(event));
    this.#parts = parts;
    this.#stream = new Stream({ owner: this, clock: parts.clock, random: parts.random, pausesWhenFull: true });
  }

  /** The machine's state, in the RFC's word. */
  get state(): string {
    return this.#machine.state;
  }

  start(): void {
    this.#journal.opened(this.record);
    // What a fault says in the client's place comes behind the opening.
    this.#busy = true;
    this.#stream.open(this.#connection);
    this.#busy = false;
    // Cut already: the machine needs to know neither of the connection nor of its end.
    this.#isCut = false;
    this.#inbox.unshift({ type: "open", local: this.#connection.local, peer: this.#connection.peer });
    this.#drainInbox();
    this.#stream.faults?.finish();
    this.#connection.start(this);
  }

  /** In place of `start`: the machine says that there are too many sessions, and nothing else. */
  refuse(counts: Fields): void {
    this.#journal.opened(this.record);
    this.#journal.note(this.record, "too-many-sessions", counts);
    this.#stream.open(this.#connection);
    this.tell({ type: "shutdown", reason: "too-many-sessions" });
    // A service that never keeps anybody has no words for it.
    if (this.#phase === "open") this.#close("end");
    this.#connection.start(this);
  }

  /** Asks the machine to say goodbye. A session whose words would never arrive is ended at once. */
  shutdown(): void {
    this.tell({ type: "shutdown", reason: "stopping" });
    if (this.#stream.faults?.isStuck) this.destroy();
  }

  /** Lets faults befall the session from here on; before `start`, from its first octet on. */
  impair(faults: readonly Fault[]): Impairment {
    return impairBoth(this.#stream, this.#channelsAtAll(), faults);
  }

  /** Ends the session now, whatever the peer does. */
  destroy(): void {
    this.#cause ??= "destroyed";
    this.#connection.destroy();
    this.closed();
  }

  data(bytes: Uint8Array): void {
    if (this.#phase !== "open") return; // read and dropped: the goodbye must reach the peer
    const now = this.#clock.now();
    this.#timers.touched(now);
    this.#journal.received(this.record, now, bytes);
    this.#unanswered += bytes.length;
    if (this.#stream.faults) {
      this.#stream.faults.receive(bytes);
      return;
    }
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
    this.#stream.receiveEnd();
  }

  drain(): void {
    this.#stream.drained();
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
    this.#stream.stop();
    this.#channels?.destroy();
    if (wasOpen || this.#isCut) this.#handleLast();
    const how = error && wasOpen ? "reset" : (this.#cause ?? "peer");
    this.#journal.closed(this.record, how, error?.message);
    this.#parts.over(this);
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
      this.#stream.reset();
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
        if (this.#stream.faults) {
          if (first) this.#write(first, more, now);
          first = more = undefined;
          this.#stream.faults.send(output.bytes);
          continue;
        }
        this.#journal.sent(this.record, now, output.bytes);
        if (!first) first = output.bytes;
        else if (more) more.push(output.bytes);
        else more = [first, output.bytes];
        continue;
      }
      if (output.do === "exchange") {
        this.#recordExchange(output, now);
        this.#stream.faults?.finish();
        continue;
      }
      // What is sent in one turn leaves in one write; other outputs keep their place in the order.
      if (first) this.#write(first, more, now);
      first = more = undefined;
      if (this.#isCut) this.#record(output);
      else this.#do(output);
      if (this.#phase !== "open" && !this.#isCut) return;
    }
    if (first) this.#write(first, more, now);
  }

  #write(first: Uint8Array, all: Uint8Array[] | undefined, now: number): void {
    this.#timers.touched(now);
    this.#stream.put(first, all);
  }

  #do(output: Output): void {
    switch (output.do) {
      case "send":
        if (output.channel !== undefined) this.#channels?.get(output.channel)?.send(output.bytes);
        return;
      case "close":
        if (output.channel === undefined) this.#close(output.how);
        else this.#channels?.get(output.channel)?.close(output.how);
        return;
      case "listen":
        this.#channelsAtAll().listen(output.channel, this.#connection.local.address, this.#connection.peer.address);
        return;
      case "fault":
        befallBoth(this.#stream, this.#channelsAtAll(), output.faults);
        return;
      case "pull":
        if (output.channel === undefined) this.#stream.pull();
        else this.#channels?.get(output.channel)?.askPull();
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
    else if (output.do === "exchange") this.#recordExchange(output, this.#clock.now());
    else if (output.do === "enclosed") this.#recordEnclosed({ ...this.record, ...output.of }, output.output);
  }

  #recordExchange(output: Extract<Output, { do: "exchange" }>, now: number): void {
    if (output.lazy) this.#journal.unread(this.record, now, output, this.#unanswered);
    else this.#journal.exchange(this.record, now, output.request, output.reply, this.#unanswered);
    this.#unanswered = 0;
  }

  #recordEnclosed(record: SessionRecord, output: Extract<Output, { do: "enclosed" }>["output"]): void {
    if (output.do === "note") this.#journal.note(record, output.event, output.detail);
    else this.#journal.exchange(record, this.#clock.now(), output.request, output.reply, this.#unanswered);
  }

  /** The machine closes: nothing is handled any more, and what it sent leaves first. */
  #close(how: CloseHow): void {
    this.#phase = "closing";
    this.#cause ??= "service";
    this.#timers.stop();
    this.#channels?.close(how === "reset" ? "all" : "idle");
    this.#stream.end(how);
  }

  sent(bytes: Uint8Array): void {
    const now = this.#clock.now();
    this.#timers.touched(now);
    this.#journal.sent(this.record, now, bytes);
  }

  deliver(bytes: Uint8Array): void {
    this.tell({ type: "data", bytes });
  }

  peerEnded(): void {
    if (this.#phase !== "open") return;
    this.#cause ??= "peer";
    this.tell({ type: "end" });
  }

  ended(): void {
    this.#journal.ended(this.record, "service");
  }

  cut(): void {
    if (this.#phase === "closed") return;
    this.#isCut = this.#phase === "open";
    this.#phase = "closing";
    this.#cause = "service";
    this.#timers.stop();
    this.#channels?.close("all");
  }

  struck(detail: Fields): void {
    this.#journal.note(this.record, "fault", detail);
  }

  pull(): void {
    this.tell({ type: "pull" });
  }

  lingered(): void {
    this.destroy();
  }

  #channelsAtAll(): Channels {
    this.#channels ??= new Channels({ ...this.#parts, timers: this.#timers, tell: (event) => this.tell(event) });
    return this.#channels;
  }
}
