/** Blocks begin small and double up to this size; more than an eighth of it gets a block of its own. */
const BLOCK_OCTETS = 256 * 1024;
const FIRST_BLOCK_OCTETS = 4 * 1024;

/**
 * Keeps small pieces of octets side by side in large blocks.
 *
 * What arrives comes in an allocation of its own, and thousands of those, kept, are what a garbage collector is slow at.
 * A copy lets the allocation die young; a block dies when the last entry that points into it is forgotten.
 */
export class OctetStore {
  /** The block of the last place. */
  block = new Uint8Array(0);
  #used = 0;
  /** Of the next block. */
  #size = FIRST_BLOCK_OCTETS;

  /** Makes a place for so many octets, and returns where in `block` it begins. */
  place(octets: number): number {
    if (octets > BLOCK_OCTETS / 8) {
      this.block = new Uint8Array(octets);
      this.#used = octets;
      return 0;
    }
    if (this.#used + octets > this.block.length) {
      while (this.#size < octets) this.#size *= 2;
      this.block = new Uint8Array(this.#size);
      this.#size = Math.min(this.#size * 2, BLOCK_OCTETS);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += octets;
    return start;
  }
}
