import type { Clock } from "../contract/clock.ts";
import type { Fault } from "../contract/fault.ts";
import type { ChannelId } from "../contract/machine.ts";
import type { SessionRecord } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import type { Network } from "../transport/connection.ts";
import { Channel, type ChannelOwner } from "./channel.ts";
import type { Event } from "./event.ts";
import type { SessionTimers } from "./session-timers.ts";
import type { Impairment } from "./stream-faults.ts";

export interface ChannelsParts {
  readonly network: Network;
  readonly clock: Clock;
  readonly random?: (() => number) | undefined;
  readonly journal: Journal;
  /** The session's record. */
  readonly record: SessionRecord;
  readonly timers: SessionTimers;
  tell(event: Event): void;
}

/** The secondary connections of a session, and the faults on them. */
export class Channels {
  readonly #parts: ChannelsParts;
  readonly #channels = new Map<ChannelId, Channel>();
  /** On every channel. */
  #standing: readonly StandingFaults[] = [];
  /** On the next one. */
  #next: readonly Fault[] = [];

  constructor(parts: ChannelsParts) {
    this.#parts = parts;
  }

  get(id: ChannelId): Channel | undefined {
    return this.#channels.get(id);
  }

  /** Waits for the session's peer beside the session's own address. */
  listen(id: ChannelId, address: string, peer: string): void {
    const replaced = this.#channels.get(id);
    this.#channels.delete(id); // so that its end is no news
    replaced?.destroy();
    const { network, clock, random } = this.#parts;
    const channel: Channel = new Channel(id, {
      clock,
      random,
      owner: this.#owner(id, () => this.#channels.get(id) === channel),
    });
    this.#channels.set(id, channel);
    for (const standing of this.#standing) standing.extend(channel);
    if (this.#next.length > 0) channel.impair(this.#next);
    this.#next = [];
    channel.listen(network, address, peer);
  }

  /** For the whole life of the channel that there is, or of the next one. */
  befall(faults: readonly Fault[]): void {
    const [present] = [...this.#channels.values()].filter((channel) => !channel.ending);
    if (present) present.impair(faults);
    else this.#next = [...this.#next, ...faults];
  }

  /** On every channel there is and will be. */
  impair(faults: readonly Fault[]): Impairment {
    const standing = new StandingFaults(faults);
    this.#standing = [...this.#standing, standing];
    for (const channel of this.#channels.values()) standing.extend(channel);
    return {
      change: (others) => standing.change(others),
      remove: () => {
        this.#standing = this.#standing.filter((other) => other !== standing);
        standing.remove();
      },
    };
  }

  /** The session has closed: what a channel has still to deliver may arrive while the last words do. */
  close(how: "all" | "idle"): void {
    for (const channel of this.#channels.values()) if (how === "all" || !channel.ending) channel.destroy();
  }

  destroy(): void {
    this.close("all");
    this.#channels.clear();
  }

  /** What a channel tells, as long as no other has taken its name. */
  #owner(id: ChannelId, isCurrent: () => boolean): ChannelOwner {
    const { journal, record, clock, timers, tell } = this.#parts;
    const touched = () => {
      const now = clock.now();
      timers.touched(now);
      return now;
    };
    return {
      tell: (event) => {
        if (isCurrent()) tell(event);
      },
      connected: (local, peer) => journal.channel(record, id, local, peer),
      received: (bytes) => journal.received(record, touched(), bytes, id),
      sent: (bytes) => journal.sent(record, touched(), bytes, id),
      ended: (by) => journal.ended(record, by, id),
      struck: (detail) => journal.note(record, "fault", detail),
      gone: () => {
        if (isCurrent()) this.#channels.delete(id);
      },
    };
  }
}

/** Faults that one impairment puts on every channel. */
class StandingFaults {
  #faults: readonly Fault[];
  readonly #on = new Map<Channel, Impairment>();

  constructor(faults: readonly Fault[]) {
    this.#faults = faults;
  }

  extend(channel: Channel): void {
    for (const old of this.#on.keys()) if (old.isGone) this.#on.delete(old);
    this.#on.set(channel, channel.impair(this.#faults));
  }

  change(faults: readonly Fault[]): void {
    this.#faults = faults;
    for (const impairment of this.#on.values()) impairment.change(faults);
  }

  remove(): void {
    for (const impairment of this.#on.values()) impairment.remove();
  }
}
