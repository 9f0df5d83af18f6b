import { asBuffer, EMPTY, fromLatin1, toLatin1, unwritten } from "../../src/wire/bytes.ts";
import { MAX_NAME_OCTETS, type Name, parentOf, ROOT } from "./names.ts";

/** RFC 1035 section 4.1.4: the two highest bits of a label's length octet mark a pointer. */
const POINTER = 0xc0;
const MAX_POINTER = 0x3fff;

/**
 * Reads numbers, strings and names out of a message.
 *
 * The first thing that is not there, or not right, is kept in `problem`; from then on every read gives zeros, so that
 * only loops need to look.
 */
export class OctetReader {
  readonly #octets: Uint8Array;
  at: number;
  /** Reads end here. */
  end: number;
  problem: string | undefined;

  constructor(octets: Uint8Array, at = 0, end = octets.length) {
    this.#octets = asBuffer(octets);
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  fail(problem: string): void {
    this.problem ??= problem;
    this.at = this.end;
  }

  u8(): number {
    return this.#number(1);
  }

  u16(): number {
    return this.#number(2);
  }

  u32(): number {
    return this.#number(4);
  }

  octets(count: number): Uint8Array {
    const start = this.#skip(count);
    return start < 0 ? EMPTY : this.#octets.subarray(start, start + count);
  }

  /** `count` octets, one character each. */
  latin1(count: number): string {
    const start = this.#skip(count);
    return start < 0 ? "" : toLatin1(this.#octets, start, start + count);
  }

  /** A character-string (RFC 1035 section 3.3), without its length. */
  string(): string {
    return this.latin1(this.u8());
  }

  /** A name, with its compression undone. */
  name(): Name {
    const octets = this.#octets;
    let name = "";
    let at = this.at;
    let end = this.end;
    // A pointer leads to before the part that holds it: so there are no loops, and few steps.
    let start = at;
    // The labels from here on are not yet in `name`.
    let run = at;
    let jumped = false;
    for (;;) {
      const length = octets[at];
      if (length === undefined || at >= end) return this.#badName("the message ends within a name");
      if (length >= POINTER) {
        const target = ((length & ~POINTER) << 8) | (octets[at + 1] ?? 0);
        if (at + 2 > end) return this.#badName("the message ends within a name");
        if (target >= start) return this.#badName("a compression pointer does not point backwards");
        if (!jumped) this.at = at + 2;
        jumped = true;
        name += toLatin1(octets, run, at);
        end = octets.length;
        start = run = at = target;
      } else if (length > 63) {
        return this.#badName(`a label begins with the octet 0x${length.toString(16)}, which has no meaning`);
      } else {
        const next = at + 1 + length;
        if (next > end) return this.#badName("the message ends within a label");
        if (name.length + next - run > MAX_NAME_OCTETS)
          return this.#badName(`a name has more than ${MAX_NAME_OCTETS} octets`);
        at = next;
        if (length === 0) break;
      }
    }
    if (!jumped) this.at = at;
    return (name + toLatin1(octets, run, at)) as Name;
  }

  #badName(problem: string): Name {
    this.fail(problem);
    return ROOT;
  }

  #number(count: number): number {
    const start = this.#skip(count);
    let value = 0;
    if (start >= 0) for (let at = start; at < start + count; at += 1) value = value * 256 + (this.#octets[at] ?? 0);
    return value;
  }

  #skip(count: number): number {
    if (count > this.left) {
      this.fail(`the message ends ${count - this.left} octets too early`);
      return -1;
    }
    this.at += count;
    return this.at - count;
  }
}

/** Builds a message, or the RDATA of one record. */
export class OctetWriter {
  #octets: Uint8Array;
  #length = 0;
  /** Where each name, and each of its ancestors, was written first: the newest last. */
  #written: Map<Name, number> | undefined;

  constructor(expectedOctets: number) {
    this.#octets = unwritten(expectedOctets);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written; later writes may change it. */
  get octets(): Uint8Array {
    return this.#octets.subarray(0, this.#length);
  }

  u8(value: number): void {
    this.#number(value, 1, this.#grow(1));
  }

  u16(value: number): void {
    this.#number(value, 2, this.#grow(2));
  }

  u32(value: number): void {
    this.#number(value, 4, this.#grow(4));
  }

  /** Overwrites two octets written before. */
  setU16(at: number, value: number): void {
    this.#number(value, 2, at);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#octets.set(bytes, at);
  }

  latin1(octets: string): void {
    this.bytes(fromLatin1(octets));
  }

  /** A character-string (RFC 1035 section 3.3). */
  string(octets: string): void {
    this.u8(octets.length);
    this.latin1(octets);
  }

  /**
   * A name, in which the longest ancestor that was written before is a pointer (RFC 1035 section 4.1.4). Only an
   * ancestor in the same case counts, so that every name arrives as it was given.
   */
  compressedName(name: Name): void {
    this.#written ??= new Map();
    for (let rest = name; rest !== ROOT; rest = parentOf(rest)) {
      const before = this.#written.get(rest);
      if (before !== undefined) {
        this.u16((POINTER << 8) | before);
        return;
      }
      if (this.#length <= MAX_POINTER) this.#written.set(rest, this.#length);
      this.string(rest.slice(1, 1 + rest.charCodeAt(0)));
    }
    this.u8(0);
  }

  /** Forgets everything from `length` on. */
  rewind(length: number): void {
    for (const [name, at] of [...(this.#written ?? [])].reverse()) {
      if (at < length) break;
      this.#written?.delete(name);
    }
    this.#length = length;
  }

  #number(value: number, count: number, at: number): void {
    for (let index = count - 1, left = value; index >= 0; index -= 1, left = Math.floor(left / 256))
      this.#octets[at + index] = left & 0xff;
  }

  #grow(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#octets.length) {
      const larger = unwritten(Math.max(this.#length, this.#octets.length * 2));
      larger.set(this.#octets);
      this.#octets = larger;
    }
    return at;
  }
}
