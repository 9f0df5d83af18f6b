/** What `Excerpt` keeps, in octets. */
const EXCERPT_OCTETS = 1024;
const LF = 0x0a;

/** How much came, and how it began: what the journal can keep of a stream that has no end. */
export class Excerpt {
  readonly #first = new Uint8Array(EXCERPT_OCTETS);
  #octets = 0;

  static of(bytes: Uint8Array): Excerpt {
    const excerpt = new Excerpt();
    excerpt.push(bytes);
    return excerpt;
  }

  push(bytes: Uint8Array): void {
    if (this.#octets < EXCERPT_OCTETS) {
      this.#first.set(bytes.subarray(0, EXCERPT_OCTETS - this.#octets), this.#octets);
    }
    this.#octets += bytes.length;
  }

  get octets(): number {
    return this.#octets;
  }

  /** The first line with its LF, or as much of it as is kept; `undefined` while it has not all come. */
  get firstLine(): Uint8Array | undefined {
    const kept = this.#first.subarray(0, Math.min(this.#octets, EXCERPT_OCTETS));
    const end = kept.indexOf(LF);
    if (end >= 0) return kept.subarray(0, end + 1);
    return kept.length === EXCERPT_OCTETS ? kept : undefined;
  }

  /** As fields of an exchange. */
  get fields(): { readonly octets: number; readonly data: Uint8Array } {
    return { octets: this.#octets, data: this.#first.subarray(0, Math.min(this.#octets, EXCERPT_OCTETS)) };
  }
}
