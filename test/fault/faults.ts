import type { Effects, Fault, Gate } from "../../src/contract/fault.ts";

/** A fault on what the service sends, before its reply, unless said otherwise. */
export function fault(effects: Effects, where: Partial<Fault> = {}): Fault {
  return {
    phase: "before-reply",
    direction: "out",
    channels: false,
    stopReading: false,
    refuse: false,
    effects,
    ...where,
  };
}

/** A gate that a test opens. */
export class TestGate implements Gate {
  readonly #waiting = new Set<() => void>();
  #isOpen = false;

  wait(open: () => void): () => void {
    if (this.#isOpen) open();
    else this.#waiting.add(open);
    return () => this.#waiting.delete(open);
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  open(): void {
    this.#isOpen = true;
    for (const open of [...this.#waiting]) open();
    this.#waiting.clear();
  }
}
