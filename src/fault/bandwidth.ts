import { Holding } from "./holding.ts";
import type { StageParts } from "./stage.ts";

/** Octets leave in portions of so many milliseconds, so that a line seems slow and not jerky. */
const PORTION_MS = 10;
const SECOND_MS = 1000;

/** So many octets a second. */
export class Bandwidth extends Holding {
  readonly #msPerOctet: number;
  readonly #portion: number;
  /** Until then the line is busy with what has left. */
  #busyUntil = 0;

  constructor(octetsPerSecond: number, parts: StageParts) {
    super(parts);
    this.#msPerOctet = SECOND_MS / octetsPerSecond;
    this.#portion = Math.max(1, Math.floor(PORTION_MS / this.#msPerOctet));
  }

  protected arrived(): void {
    if (!this.isWaiting) this.#next();
  }

  /** Marks leave with the octets before them; octets when the line has had time for them. */
  #next(): void {
    while (this.queue.isAtMark) this.queue.passOne(this.parts.next);
    if (this.queue.isEmpty || this.isWaiting) return;
    const now = this.parts.clock.now();
    this.#busyUntil = Math.max(this.#busyUntil, now);
    const portion = Math.min(this.#portion, this.queue.octets);
    this.wait(Math.ceil(this.#busyUntil + portion * this.#msPerOctet - now), () => this.#pass());
  }

  /** A timer that comes late brings more. */
  #pass(): void {
    const due = Math.floor((this.parts.clock.now() - this.#busyUntil) / this.#msPerOctet + ROUNDING);
    const piece = this.queue.shiftOctets(due);
    this.#busyUntil += piece.length * this.#msPerOctet;
    if (piece.length > 0) this.parts.next.take(piece);
    this.#next();
  }
}

/** A whole octet must not be missing because a tenth of a millisecond has no exact binary fraction. */
const ROUNDING = 1e-6;
