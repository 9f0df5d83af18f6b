import { concat } from "./bytes.ts";

/** So many pieces are looked at together ... */
const RUN = 512;
/** ... and joined early if they are smaller than this on average: a piece costs about a hundred octets of its own. */
const SMALL = 1024;
/** A view may keep so many octets alive beside its own. */
const SLACK = 16 * 1024;

/** Joins octets that arrive in pieces: big pieces are copied once, a single one not at all. */
export class Collector {
  #pieces: Uint8Array[] = [];
  #run: Uint8Array[] = [];
  #runOctets = 0;
  #octets = 0;

  get octets(): number {
    return this.#octets;
  }

  append(piece: Uint8Array): void {
    this.#octets += piece.length;
    this.#runOctets += piece.length;
    this.#run.push(piece);
    if (this.#run.length < RUN) return;
    if (this.#runOctets < RUN * SMALL) this.#pieces.push(concat(this.#run));
    else this.#pieces.push(...this.#run);
    this.#run = [];
    this.#runOctets = 0;
  }

  /** Everything appended since the last `take`, in memory of about its own size. */
  take(): Uint8Array {
    const whole = concat([...this.#pieces, ...this.#run]);
    this.clear();
    const beside = whole.buffer.byteLength - whole.length;
    return beside > SLACK && beside > whole.length ? Buffer.from(whole) : whole;
  }

  clear(): void {
    this.#pieces = [];
    this.#run = [];
    this.#runOctets = this.#octets = 0;
  }
}
