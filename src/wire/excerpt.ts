/** What `Excerpt` keeps, in octets. */
const EXCERPT_OCTETS = 1024;

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

  /** As fields of an exchange. */
  get fields(): { readonly octets: number; readonly data: Uint8Array } {
    return { octets: this.#octets, data: this.#first.subarray(0, Math.min(this.#octets, EXCERPT_OCTETS)) };
  }
}
