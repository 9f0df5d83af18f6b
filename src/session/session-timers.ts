import type { Clock, Timer } from "../contract/clock.ts";
import type { Event } from "./event.ts";

/** A session's named timers, and its idle timer, which costs one stored number per piece of traffic. */
export class SessionTimers {
  readonly #clock: Clock;
  readonly #tell: (event: Event) => void;
  #named: Map<string, Timer> | undefined;
  #idle: Timer | undefined;
  #idleMs = 0;
  #lastTraffic = 0;

  constructor(clock: Clock, tell: (event: Event) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Octets have arrived or left. */
  touched(now: number): void {
    this.#lastTraffic = now;
  }

  set(name: string, ms: number | "off"): void {
    this.#named ??= new Map();
    this.#named.get(name)?.stop();
    this.#named.delete(name);
    if (ms === "off") return;
    const expired = () => {
      this.#named?.delete(name);
      this.#tell({ type: "timer", name });
    };
    this.#named.set(name, this.#clock.timer(ms, expired));
  }

  setIdle(ms: number | "off"): void {
    this.#idle?.stop();
    this.#idle = undefined;
    if (ms === "off") return;
    this.#idleMs = ms;
    this.#lastTraffic = this.#clock.now();
    this.#watchIdle(ms);
  }

  stop(): void {
    this.#idle?.stop();
    this.#idle = undefined;
    if (this.#named) for (const timer of this.#named.values()) timer.stop();
    this.#named = undefined;
  }

  #watchIdle(ms: number): void {
    this.#idle = this.#clock.timer(ms, () => {
      const rest = this.#lastTraffic + this.#idleMs - this.#clock.now();
      if (rest > 0) this.#watchIdle(rest);
      else this.#tell({ type: "idle" });
    });
  }
}
