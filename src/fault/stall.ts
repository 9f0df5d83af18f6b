import { Holding } from "./holding.ts";
import type { StageParts } from "./stage.ts";

/** Behind so many octets nothing moves any more. */
export class Stall extends Holding {
  readonly #after: number;
  #passed = 0;
  #hasStruck = false;

  constructor(after: number, parts: StageParts) {
    super(parts);
    this.#after = after;
  }

  override get isStuck(): boolean {
    return this.#hasStruck;
  }

  protected arrived(): void {
    while (!this.#hasStruck && !this.queue.isEmpty) {
      if (this.queue.isAtMark) {
        this.queue.passOne(this.parts.next);
      } else {
        const piece = this.queue.shiftOctets(this.#after - this.#passed);
        this.#passed += piece.length;
        this.parts.next.take(piece);
      }
      if (this.#passed < this.#after || this.#hasStruck) continue;
      this.#hasStruck = true;
      this.parts.struck("stall", this.#after);
    }
  }

  protected override halt(): void {
    super.halt();
    this.#hasStruck = false;
  }
}
