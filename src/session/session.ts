import type { Clock, Timer } from "../contract/clock.ts";
import type { Fault } from "../contract/fault.ts";
import type { ChannelId, CloseHow, Fields, Input, Machine, Output } from "../contract/machine.ts";
import type { CloseCause, SessionRecord } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import type { Connection, ConnectionEvents, Network } from "../transport/connection.ts";
import type { ChannelOwner } from "./channel.ts";
import { Channels } from "./channels.ts";
import type { Event } from "./event.ts";
import { linger, UNREAD_MS } from "./linger.ts";
import { Pull } from "./pull.ts";
import { SessionTimers } from "./session-timers.ts";
import { type FaultedStream, type Impairment, StreamFaults } from "./stream-faults.ts";

export interface SessionParts {
  readonly record: SessionRecord;
  readonly machine: Machine;
  readonly connection: Connection;
  readonly network: Network;
  readonly clock: Clock;
  readonly journal: Journal;
  /** For faults that need chance; a number in [0, 1). */
  readonly random?: () => number;
  /** Called once, when nothing of the session is left. */
  readonly over: (session: Session) => void;
}

/**
 * One machine on one connection.
 *
 * Theory of operation: everything that happens (octets, FINs, timers, channels, shutdown) enters one inbox and is handled
 * to its last output before the next; outputs that make new events (a listener that fails at once) append to the inbox, so
 * the machine is never entered twice. While the peer does not read (the send queue is full), the connection is paused and
 * octets wait in it; the rest of the inbox goes on. Faults stand between the connection and both the inbox and the outputs;
 * while there are none, nothing does.
 */
export class Session implements ConnectionEvents, FaultedStream {
  readonly record: SessionRecord;
  readonly #machine: Machine;
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #over: (session: Session) => void;
  readonly #timers: SessionTimers;
  readonly #random: () => number;
  readonly #channels: Channels;
  readonly #inbox: Event[] = [];
  /** Octets that have come since the last exchange. */
  #unanswered = 0;
  #busy = false;
  #phase: "open" | "closing" | "closed" = "open";
  #cause: CloseCause | undefined;
  #full = false;
  #isPaused = false;
  #pull: Pull | undefined;
  #linger: Timer | undefined;
  #faults: StreamFaults | undefined;
  /** A fault has ended the connection, and the machine does not know it yet. */
  #isCut = false;
  #isHalfClosed = false;
  #isStarted = false;
  #peerHasEnded = false;
  /** The connection ended while the machine was at work: what to do after it. */
  #gone: (() => void) | undefined;

  constructor(parts: SessionParts) {
    this.record = parts.record;
    this.#machine = parts.machine;
    this.#connection = parts.connection;
    this.#clock = parts.clock;
    this.#journal = parts.journal;
    this.#over = parts.over;
    this.#timers = new SessionTimers(parts.clock, (event) => this.tell(event));
    this.#random = parts.random ?? (() => MIDDLE);
    const { network, clock } = parts;
    this.#channels = new Channels({ network, clock, random: this.#random, owner: (id) => this.#channelOwner(id) });
  }

  /** The machine's state, in the RFC's word. */
  get state(): string {
    return this.#machine.state;
  }

  start(): void {
    this.#journal.opened(this.record);
    this.#isStarted = true;
    this.#faults?.start();
    // Cut already: the machine needs to know neither of the connection nor of its end.
    this.#isCut = false;
    this.tell({ type: "open", local: this.#connection.local, peer: this.#connection.peer });
    this.#faults?.finish();
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

  /** Asks the machine to say goodbye. A session whose words would never arrive is ended at once. */
  shutdown(): void {
    this.tell({ type: "shutdown", reason: "stopping" });
    if (this.#faults?.isStuck) this.destroy();
  }

  /** Lets faults befall the session from here on; before `start`, from its first octet on. */
  impair(faults: readonly Fault[]): Impairment {
    const onMain = (list: readonly Fault[]) => list.filter(({ channels }) => !channels);
    const onChannels = (list: readonly Fault[]) => list.filter(({ channels }) => channels);
    const main = this.#faulted().impair(onMain(faults));
    const channels = this.#channels.impair(onChannels(faults));
    return {
      change: (others) => {
        main.change(onMain(others));
        channels.change(onChannels(others));
      },
      remove: () => {
        main.remove();
        channels.remove();
      },
    };
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
    if (this.#faults) {
      this.#faults.receive(bytes);
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
    this.#peerHasEnded = true;
    if (this.#phase !== "open") this.#giveUpIfStuck();
    else if (this.#faults) this.#faults.receiveEnd();
    else this.peerEnded();
  }

  drain(): void {
    this.#full = false;
    this.changed();
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
    this.#faults?.destroy();
    this.#channels.destroy();
    if (wasOpen || this.#isCut) this.#handleLast();
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
      this.#faults?.destroy();
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
        if (this.#faults) {
          this.#faults.send(output.bytes);
          continue;
        }
        this.#journal.sent(this.record, now, output.bytes);
        if (!first) first = output.bytes;
        else if (more) more.push(output.bytes);
        else more = [first, output.bytes];
        continue;
      }
      if (output.do === "exchange") {
        this.#recordExchange(output.request, output.reply, now);
        this.#faults?.finish();
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
    const room = all ? this.#connection.writeAll(all) : this.#connection.write(first);
    if (!room && !this.#full) {
      this.#full = this.#isPaused = true;
      this.#connection.pause();
    }
  }

  #do(output: Output): void {
    switch (output.do) {
      case "send":
        if (output.channel !== undefined) this.#channels.get(output.channel)?.send(output.bytes);
        return;
      case "close":
        if (output.channel === undefined) this.#close(output.how);
        else this.#channels.get(output.channel)?.end(output.how);
        return;
      case "listen":
        this.#channels.listen(output.channel, this.#connection.local.address, this.#connection.peer.address);
        return;
      case "fault":
        this.#befall(output.faults);
        return;
      case "pull":
        if (output.channel !== undefined) {
          this.#channels.get(output.channel)?.pull();
          return;
        }
        this.#pull ??= new Pull(
          () => !this.#full && !this.#faults?.isFull,
          () => this.tell({ type: "pull" }),
        );
        this.#pull.ask();
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

  /** The machine closes: nothing is handled any more, and what it sent leaves first. */
  #close(how: CloseHow): void {
    this.#phase = "closing";
    this.#cause ??= "service";
    this.#timers.stop();
    this.#channels.close(how === "reset" ? "all" : "idle");
    if (this.#faults) this.#faults.close(how);
    else this.close(how);
    this.#giveUpIfStuck();
  }

  /** A peer that has ended may have gone altogether: a reply that is stuck cannot find out. */
  #giveUpIfStuck(): void {
    if (this.#phase !== "closing" || !this.#peerHasEnded || !this.#faults?.isStuck) return;
    this.#linger?.stop();
    this.#linger = this.#clock.timer(UNREAD_MS, () => this.destroy());
  }

  // What the flows say, while there are faults; without them, what is done at once.

  write(bytes: Uint8Array): void {
    const now = this.#clock.now();
    this.#journal.sent(this.record, now, bytes);
    this.#write(bytes, undefined, now);
  }

  deliver(bytes: Uint8Array): void {
    this.tell({ type: "data", bytes });
  }

  peerEnded(): void {
    if (this.#phase !== "open") return;
    this.#cause ??= "peer";
    this.tell({ type: "end" });
  }

  close(how: CloseHow): void {
    if (how === "reset") {
      this.#connection.reset();
      return;
    }
    if (!this.#isHalfClosed) this.#journal.ended(this.record, "service");
    if (how === "leave") {
      if (this.#connection.leave()) return;
    } else {
      this.#connection.resume();
      this.#connection.end();
    }
    this.#linger?.stop();
    this.#linger = linger(this.#connection, this.#clock, () => this.destroy());
  }

  cut(how: "end" | "reset"): void {
    if (this.#phase === "closed") return;
    this.#isCut = this.#phase === "open";
    this.#phase = "closing";
    this.#cause = "service";
    this.#timers.stop();
    this.#channels.close("all");
    this.close(how);
  }

  halfClose(): void {
    this.#isHalfClosed = true;
    this.#journal.ended(this.record, "service");
    this.#connection.end();
  }

  struck(detail: Fields): void {
    this.#journal.note(this.record, "fault", detail);
  }

  /** There may be room again, or none any more; and the last fault may be over. */
  changed(): void {
    const faults = this.#faults;
    if (faults?.isClear && this.#isStarted) this.#faults = undefined;
    if (this.#phase === "open") {
      const isPaused = this.#full || (faults?.isUnread ?? false);
      if (isPaused !== this.#isPaused) {
        this.#isPaused = isPaused;
        if (isPaused) this.#connection.pause();
        else this.#connection.resume();
      }
    }
    this.#pull?.offer();
  }

  #faulted(): StreamFaults {
    if (this.#faults) return this.#faults;
    const faults = new StreamFaults(this, this.#clock, this.#random);
    if (this.#isStarted) faults.start();
    this.#faults = faults;
    return faults;
  }

  /** A reply begins that these befall. */
  #befall(faults: readonly Fault[]): void {
    const onChannels = faults.filter(({ channels }) => channels);
    if (onChannels.length > 0) this.#channels.befall(onChannels);
    if (onChannels.length < faults.length) this.#faulted().begin(faults.filter(({ channels }) => !channels));
  }

  #channelOwner(id: ChannelId): ChannelOwner {
    return {
      tell: (event) => this.tell(event),
      connected: (local, peer) => this.#journal.channel(this.record, id, local, peer),
      received: (bytes) => {
        const now = this.#clock.now();
        this.#timers.touched(now);
        this.#journal.received(this.record, now, bytes, id);
      },
      sent: (bytes) => {
        const now = this.#clock.now();
        this.#timers.touched(now);
        this.#journal.sent(this.record, now, bytes, id);
      },
      ended: (by) => this.#journal.ended(this.record, by, id),
      struck: (detail) => this.struck(detail),
      gone: () => undefined,
    };
  }
}

/** In place of chance: jitter of nothing. */
const MIDDLE = 0.5;
