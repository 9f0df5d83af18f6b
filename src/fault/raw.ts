import { Passing, type StageParts } from "./stage.ts";

/** Octets in place of those that were to come. */
export class Raw extends Passing {
  readonly #instead: Uint8Array;

  constructor(instead: Uint8Array, parts: StageParts) {
    super(parts);
    this.#instead = instead;
  }

  protected override begun(): void {
    if (this.#instead.length > 0) this.parts.next.take(this.#instead);
  }

  protected octets(): void {
    // Their place is taken.
  }
}
