import { Holding } from "./holding.ts";
import { BEGIN, type Waiting } from "./item-queue.ts";
import type { StageParts } from "./stage.ts";

/** Waits once: what comes first leaves so much later, and nothing overtakes it. */
export class Delay extends Holding {
  readonly #ms: number;
  /** When the first octet came, or the end without any. */
  #firstAt: number | undefined;
  #isOver = false;

  constructor(ms: number, parts: StageParts) {
    super(parts);
    this.#ms = ms;
  }

  protected arrived(item: Waiting): void {
    if (this.#isOver) {
      this.queue.passAll(this.parts.next);
      return;
    }
    if (item === BEGIN) {
      this.wait(this.#ms, () => this.#begun());
      return;
    }
    this.#firstAt ??= this.parts.clock.now();
    if (!this.isWaiting) this.#waitForFirst(this.#firstAt);
  }

  /** Effects behind this one, such as a cut behind no octet at all, begin later too. */
  #begun(): void {
    this.queue.passOne(this.parts.next);
    if (this.#firstAt !== undefined && !this.isWaiting) this.#waitForFirst(this.#firstAt);
  }

  #waitForFirst(firstAt: number): void {
    const restMs = firstAt + this.#ms - this.parts.clock.now();
    if (restMs <= 0) this.#pass();
    else this.wait(restMs, () => this.#pass());
  }

  #pass(): void {
    this.#isOver = true;
    this.queue.passAll(this.parts.next);
  }
}
