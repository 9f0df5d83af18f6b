import type { Effects } from "../contract/fault.ts";
import { Holding } from "./holding.ts";
import type { StageParts } from "./stage.ts";

/** Pieces of so many octets, one every so many milliseconds. */
export class Slice extends Holding {
  readonly #octets: number;
  readonly #everyMs: number;
  #turn: NodeJS.Immediate | undefined;

  constructor({ octets, everyMs }: NonNullable<Effects["slice"]>, parts: StageParts) {
    super(parts);
    this.#octets = octets;
    this.#everyMs = everyMs;
  }

  protected arrived(): void {
    this.#passMarks();
    if (!this.isWaiting && this.#turn === undefined) this.#pass();
  }

  protected override halt(): void {
    super.halt();
    if (this.#turn) clearImmediate(this.#turn);
    this.#turn = undefined;
  }

  /** One piece, with the marks around it. */
  #pass(): void {
    this.#passMarks();
    if (this.queue.isEmpty) return;
    const piece = this.queue.shiftOctets(this.#octets);
    this.#pace();
    this.parts.next.take(piece);
    this.#passMarks();
  }

  #passMarks(): void {
    while (this.queue.isAtMark) this.queue.passOne(this.parts.next);
  }

  #pace(): void {
    if (this.#everyMs > 0) {
      this.wait(this.#everyMs, () => this.#pass());
      return;
    }
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      this.#pass();
    });
  }
}
