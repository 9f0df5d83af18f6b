import type { Effects } from "../contract/fault.ts";
import { copyOf } from "../wire/bytes.ts";
import { Passing, type StageParts } from "./stage.ts";

/** Octets with some of their bits the other way round. */
export class Corrupt extends Passing {
  readonly #where: NonNullable<Effects["corrupt"]>;
  #passed = 0;

  constructor(where: NonNullable<Effects["corrupt"]>, parts: StageParts) {
    super(parts);
    this.#where = where;
  }

  protected octets(bytes: Uint8Array): void {
    const from = Math.max(0, this.#where.after - this.#passed);
    const to = Math.min(bytes.length, this.#where.after + this.#where.octets - this.#passed);
    this.#passed += bytes.length;
    this.parts.next.take(from < to ? flipped(bytes, from, to, this.#where.mask) : bytes);
  }
}

/** A copy: the octets themselves are others' too. */
function flipped(bytes: Uint8Array, from: number, to: number, mask: number): Uint8Array {
  const copy = copyOf(bytes);
  for (let at = from; at < to; at += 1) copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
}
