import type { Clock, Timer } from "../contract/clock.ts";
import { durationMs } from "../wire/duration.ts";

/** What a timer of Node can hold; more would expire at once. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  timer(ms, expired) {
    let timeout: NodeJS.Timeout;
    const wait = (rest: number) => {
      const isLast = rest <= LONGEST_MS;
      timeout = setTimeout(() => (isLast ? expired() : wait(rest - LONGEST_MS)), Math.min(rest, LONGEST_MS)).unref();
    };
    wait(ms);
    return { stop: () => clearTimeout(timeout) };
  },
};

interface ManualTimer {
  readonly at: number;
  readonly expired: () => void;
}

/** A clock that stands still until it is advanced. Timers expire in the order of their times, then of their making. */
export class ManualClock implements Clock {
  #now: number;
  #timers: ManualTimer[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  timer(ms: number, expired: () => void): Timer {
    const entry = { at: this.#now + ms, expired };
    this.#timers.push(entry);
    return {
      stop: () => {
        this.#timers = this.#timers.filter((other) => other !== entry);
      },
    };
  }

  /** Moves time on by milliseconds, or `"10m"`: what falls due on the way happens at its time, in its order. */
  advance(duration: number | string): void {
    const ms = durationMs(duration);
    if (ms === undefined)
      throw new RangeError(`expected milliseconds or a text such as "10m", got ${String(duration)}`);
    const target = this.#now + ms;
    for (;;) {
      let next: ManualTimer | undefined;
      for (const timer of this.#timers) if (timer.at <= target && (!next || timer.at < next.at)) next = timer;
      if (!next) break;
      const due = next;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#now = due.at;
      due.expired();
    }
    this.#now = target;
  }
}
