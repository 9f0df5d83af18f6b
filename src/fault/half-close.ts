import { Passing, type StageParts } from "./stage.ts";

/** Behind so many octets comes our FIN. Whoever sends the octets swallows what follows. */
export class HalfClose extends Passing {
  readonly #after: number;
  #passed = 0;

  constructor(after: number, parts: StageParts) {
    super(parts);
    this.#after = after;
  }

  protected override begun(): void {
    if (this.#after === 0) this.#strike();
  }

  protected octets(bytes: Uint8Array): void {
    const room = this.#after - this.#passed;
    if (room <= 0) {
      this.parts.next.take(bytes);
      return;
    }
    this.#passed += Math.min(room, bytes.length);
    this.parts.next.take(bytes.subarray(0, room));
    if (this.#passed < this.#after) return;
    this.#strike();
    if (bytes.length > room) this.parts.next.take(bytes.subarray(room));
  }

  #strike(): void {
    this.parts.struck("half-close", this.#after);
    this.parts.next.take({ mark: "half-close" });
  }
}
