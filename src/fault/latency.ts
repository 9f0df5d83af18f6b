import type { Effects } from "../contract/fault.ts";
import { Holding } from "./holding.ts";
import type { StageParts } from "./stage.ts";

/** Each octet leaves so much later than it came, and none overtakes another. */
export class Latency extends Holding {
  readonly #ms: number;
  readonly #jitterMs: number;
  /** When each of the queue may leave. */
  readonly #times: number[] = [];
  #last = 0;

  constructor({ ms, jitterMs }: NonNullable<Effects["latency"]>, parts: StageParts) {
    super(parts);
    this.#ms = ms;
    this.#jitterMs = jitterMs;
  }

  protected arrived(): void {
    const { clock } = this.parts;
    const jitterMs = this.#jitterMs > 0 ? Math.round((2 * this.parts.random() - 1) * this.#jitterMs) : 0;
    this.#last = Math.max(this.#last, clock.now() + Math.max(0, this.#ms + jitterMs));
    this.#times.push(this.#last);
    if (!this.isWaiting) this.#pass();
  }

  #pass(): void {
    for (;;) {
      const [time] = this.#times;
      if (time === undefined || this.isWaiting) return;
      const restMs = time - this.parts.clock.now();
      if (restMs > 0) {
        this.wait(restMs, () => this.#pass());
        return;
      }
      this.#times.shift();
      this.queue.passOne(this.parts.next);
    }
  }
}
