import type { Timer } from "../contract/clock.ts";
import { BEGIN, ItemQueue, type Waiting } from "./item-queue.ts";
import type { Item, Stage, StageParts } from "./stage.ts";

/** A stage in which octets, and whatever stands between them, wait. */
export abstract class Holding implements Stage {
  protected readonly parts: StageParts;
  protected readonly queue = new ItemQueue();
  #timer: Timer | undefined;
  #isReleased = false;

  constructor(parts: StageParts) {
    this.parts = parts;
  }

  get held(): number {
    return this.queue.octets;
  }

  get isStuck(): boolean {
    return false;
  }

  begin(): void {
    if (this.#isReleased && this.queue.isEmpty) this.parts.next.begin();
    else this.#enter(BEGIN);
  }

  take(item: Item): void {
    if (this.#isReleased && this.queue.isEmpty) this.parts.next.take(item);
    else this.#enter(item);
  }

  release(): void {
    this.#isReleased = true;
    this.halt();
    this.queue.passAll(this.parts.next);
  }

  stop(): void {
    this.halt();
    this.queue.clear();
  }

  /** Something came, and is the last in the queue. */
  protected abstract arrived(item: Waiting): void;

  /** Switches off whatever would move the queue. */
  protected halt(): void {
    this.#timer?.stop();
    this.#timer = undefined;
  }

  protected get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  protected wait(ms: number, then: () => void): void {
    this.#timer = this.parts.clock.timer(Math.max(0, ms), () => {
      this.#timer = undefined;
      then();
    });
  }

  #enter(item: Waiting): void {
    this.queue.push(item);
    if (!this.#isReleased) this.arrived(item);
  }
}
