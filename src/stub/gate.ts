import type { Gate } from "../contract/fault.ts";

/** What holds replies until a test lets them go, the oldest first. */
export class TestGate implements Gate {
  readonly #waiting = new Set<() => void>();
  #isOpen = false;

  get waiting(): number {
    return this.#waiting.size;
  }

  wait(open: () => void): () => void {
    if (this.#isOpen) open();
    else this.#waiting.add(open);
    return () => this.#waiting.delete(open);
  }

  /** Lets so many go, and with `Infinity` all that will ever come. */
  release(count: number): void {
    this.#isOpen ||= count === Number.POSITIVE_INFINITY;
    for (const open of [...this.#waiting].slice(0, Math.max(0, count))) {
      this.#waiting.delete(open);
      open();
    }
  }
}
