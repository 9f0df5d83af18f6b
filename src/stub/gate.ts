import type { Gate } from "../contract/fault.ts";

/** What holds replies until a test lets them go, the oldest first. */
export class TestGate implements Gate {
  #waiting: Set<() => void> | undefined;
  #isOpen = false;

  get waiting(): number {
    return this.#waiting?.size ?? 0;
  }

  wait(open: () => void): () => void {
    if (this.#isOpen) {
      open();
      return () => undefined;
    }
    this.#waiting ??= new Set();
    this.#waiting.add(open);
    return () => this.#waiting?.delete(open);
  }

  /** Lets so many go, and with `Infinity` all that will ever come. */
  release(count: number): void {
    this.#isOpen ||= count === Number.POSITIVE_INFINITY;
    for (const open of [...(this.#waiting ?? [])].slice(0, Math.max(0, count))) {
      this.#waiting?.delete(open);
      open();
    }
  }
}
