import { type Entry, plainEntry } from "./entry.ts";
import type { Search } from "./search.ts";

/** What a follower needs of the journal. */
export interface Followed {
  /** The oldest entry held and the next to come; `era` changes when numbering starts again. */
  bounds(): { readonly first: number; readonly next: number; readonly era: number };
  isClosed(): boolean;
  entry(seq: number): Entry | undefined;
  /** Calls `changed` once: at the next entry, or when the journal is closed. Returns how to call it off. */
  onChange(changed: () => void): () => void;
}

/**
 * Entries in their order, from a place in the journal onwards.
 *
 * It remembers only where it stands: entries that the journal forgot before they were read are left out, and whoever reads
 * slowly, or stops reading, costs nothing.
 */
export class Follower implements AsyncIterableIterator<Entry, void, undefined> {
  readonly #journal: Followed;
  readonly #search: Search;
  readonly #signal: AbortSignal | undefined;
  #era: number;
  #seq: number;
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(journal: Followed, search: Search, from: number, signal: AbortSignal | undefined) {
    this.#journal = journal;
    this.#search = search;
    this.#signal = signal;
    this.#era = journal.bounds().era;
    this.#seq = from;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Entry, void>> {
    while (!this.#isOver) {
      this.#signal?.throwIfAborted();
      const entry = this.#read();
      if (entry) return { done: false, value: entry };
      if (this.#journal.isClosed()) break;
      await this.#change();
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Entry, void>> {
    this.#isOver = true;
    this.#wake();
    return { done: true, value: undefined };
  }

  #read(): Entry | undefined {
    const { first, next, era } = this.#journal.bounds();
    if (era !== this.#era) this.#seq = first;
    this.#era = era;
    for (this.#seq = Math.max(this.#seq, first); this.#seq < next; ) {
      const entry = this.#journal.entry(this.#seq);
      this.#seq += 1;
      if (entry && this.#search.matches(entry)) return plainEntry(entry);
    }
    return undefined;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        forget();
        this.#signal?.removeEventListener("abort", wake);
        resolve();
      };
      const forget = this.#journal.onChange(wake);
      this.#signal?.addEventListener("abort", wake);
      this.#wake = wake;
    });
  }
}
