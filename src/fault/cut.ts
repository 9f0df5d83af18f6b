import type { Effects } from "../contract/fault.ts";
import { type Mark, Passing, type StageParts } from "./stage.ts";

/** Behind so many octets the connection ends. */
export class Cut extends Passing {
  readonly #after: number;
  readonly #how: "end" | "reset";
  #passed = 0;

  constructor({ after, how }: NonNullable<Effects["cut"]>, parts: StageParts) {
    super(parts);
    this.#after = after;
    this.#how = how;
  }

  protected override begun(): void {
    if (this.#after === 0) this.#strike();
  }

  protected octets(bytes: Uint8Array): void {
    const room = this.#after - this.#passed;
    if (room === 0) return;
    this.#passed += Math.min(room, bytes.length);
    this.parts.next.take(bytes.subarray(0, room));
    if (this.#passed === this.#after) this.#strike();
  }

  protected override mark(mark: Mark): void {
    if (this.#passed < this.#after) super.mark(mark);
  }

  #strike(): void {
    this.parts.struck("cut", this.#after);
    this.parts.next.take({ mark: "cut", how: this.#how });
  }
}
