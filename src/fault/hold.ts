import type { Gate } from "../contract/fault.ts";
import { Holding } from "./holding.ts";
import { BEGIN, type Waiting } from "./item-queue.ts";
import type { StageParts } from "./stage.ts";

/** Everything waits until the test lets go. */
export class Hold extends Holding {
  readonly #gate: Gate;
  #forget: (() => void) | undefined;
  #isOpen = false;

  constructor(gate: Gate, parts: StageParts) {
    super(parts);
    this.#gate = gate;
  }

  override get isStuck(): boolean {
    return !this.#isOpen && !this.queue.isEmpty;
  }

  protected arrived(item: Waiting): void {
    if (item !== BEGIN) return;
    const forget = this.#gate.wait(() => {
      if (!this.#isOpen) this.release();
    });
    if (!this.#isOpen) this.#forget = forget;
  }

  protected override halt(): void {
    super.halt();
    this.#isOpen = true;
    this.#forget?.();
    this.#forget = undefined;
  }
}
