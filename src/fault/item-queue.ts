import { concat } from "../wire/bytes.ts";
import { type Item, isMark, type Next } from "./stage.ts";

/** Where a stage's `begin` stands among what waits. */
export const BEGIN = Symbol("begin");

export type Waiting = Item | typeof BEGIN;

/** What waits in a stage, in order. */
export class ItemQueue {
  readonly #items: Waiting[] = [];
  #octets = 0;

  get octets(): number {
    return this.#octets;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  push(item: Waiting): void {
    this.#items.push(item);
    this.#octets += octetsIn(item);
  }

  /** The first is no octets, or there is none. */
  get isAtMark(): boolean {
    const [first] = this.#items;
    return first !== undefined && octetsIn(first) === 0;
  }

  shift(): Waiting | undefined {
    const item = this.#items.shift();
    if (item !== undefined) this.#octets -= octetsIn(item);
    return item;
  }

  /** Takes up to so many octets, as far as the next mark. */
  shiftOctets(limit: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let room = limit;
    while (room > 0) {
      const [first] = this.#items;
      if (!(first instanceof Uint8Array)) break;
      const part = first.subarray(0, room);
      parts.push(part);
      room -= part.length;
      this.#octets -= part.length;
      if (part.length < first.length) this.#items[0] = first.subarray(part.length);
      else this.#items.shift();
    }
    return parts.length === 1 && parts[0] ? parts[0] : concat(parts);
  }

  /** Hands over the first. `false` if there was none. */
  passOne(next: Next): boolean {
    const item = this.shift();
    if (item === undefined) return false;
    if (item === BEGIN) next.begin();
    else next.take(item);
    return true;
  }

  passAll(next: Next): void {
    while (this.passOne(next));
  }

  clear(): void {
    this.#items.length = 0;
    this.#octets = 0;
  }
}

function octetsIn(item: Waiting): number {
  return item === BEGIN || isMark(item) ? 0 : item.length;
}
