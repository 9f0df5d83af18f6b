import { type Mark, Passing, type StageParts } from "./stage.ts";

/** Only so many octets pass. */
export class Truncate extends Passing {
  readonly #limit: number;
  #passed = 0;
  #hasStruck = false;

  constructor(limit: number, parts: StageParts) {
    super(parts);
    this.#limit = limit;
  }

  protected override begun(): void {
    // Silence may be all that there is: nobody would see it strike.
    if (this.#limit === 0) this.#strike();
  }

  protected octets(bytes: Uint8Array): void {
    const room = this.#limit - this.#passed;
    this.#passed += Math.min(room, bytes.length);
    if (room > 0) this.parts.next.take(bytes.subarray(0, room));
    if (bytes.length > room) this.#strike();
  }

  #strike(): void {
    if (this.#hasStruck) return;
    this.#hasStruck = true;
    this.parts.struck("truncate", this.#limit);
  }
}

/** All but the last octet of the reply, or of all that is sent. */
export class TruncateLast extends Passing {
  #last: Uint8Array | undefined;
  #passed = 0;

  override get held(): number {
    return this.#last?.length ?? 0;
  }

  override release(): void {
    super.release();
    this.#passLast();
  }

  protected octets(bytes: Uint8Array): void {
    this.#passLast();
    this.#last = bytes.subarray(bytes.length - 1);
    if (bytes.length === 1) return;
    this.#pass(bytes.subarray(0, -1));
  }

  protected override mark(mark: Mark): void {
    if (mark.mark === "start" || mark.mark === "half-close") this.#passLast();
    else if (this.#last) this.parts.struck("truncate", this.#passed);
    this.#last = undefined;
    super.mark(mark);
  }

  #passLast(): void {
    const last = this.#last;
    this.#last = undefined;
    if (last) this.#pass(last);
  }

  #pass(bytes: Uint8Array): void {
    this.#passed += bytes.length;
    this.parts.next.take(bytes);
  }
}
