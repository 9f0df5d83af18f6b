import { asBuffer, EMPTY, unwritten } from "../../src/wire/bytes.ts";
import { MAX_MESSAGE_OCTETS } from "./message.ts";

/** RFC 1035 section 4.2.2: two octets with the length stand before each message. */
const LENGTH_OCTETS = 2;

/** A message with its length before it, to leave in one write (RFC 7766 section 8); only a rule has the length be untrue. */
export function frame(message: Uint8Array, length = message.length): Uint8Array {
  if (message.length > MAX_MESSAGE_OCTETS) throw new RangeError(`a message of ${message.length} octets has no frame`);
  const framed = unwritten(LENGTH_OCTETS + message.length);
  framed[0] = length >> 8;
  framed[1] = length & 0xff;
  framed.set(message, LENGTH_OCTETS);
  return framed;
}

/** Cuts a stream into messages. Holds what has not been taken: of the last message, never more than 64 KiB. */
export class FrameReader {
  #held: Uint8Array = EMPTY;
  #start = 0;
  #end = 0;
  /** `#held` is ours to write behind `#end`. */
  #roomy = false;

  /** Octets that are not yet taken. */
  get pending(): number {
    return this.#end - this.#start;
  }

  push(bytes: Uint8Array): void {
    if (this.pending === 0) {
      this.#held = bytes;
      this.#start = 0;
      this.#end = bytes.length;
      this.#roomy = false;
      return;
    }
    if (!this.#roomy || this.#end + bytes.length > this.#held.length) {
      // Twice the room each time: a message that comes octet by octet costs O(n).
      const larger = unwritten(2 * (this.pending + bytes.length));
      larger.set(this.#held.subarray(this.#start, this.#end));
      this.#end -= this.#start;
      this.#start = 0;
      this.#held = larger;
      this.#roomy = true;
    }
    this.#held.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The next whole message, without its length. */
  next(): Uint8Array | undefined {
    if (this.pending < LENGTH_OCTETS) return undefined;
    const length = asBuffer(this.#held).readUInt16BE(this.#start);
    if (this.pending < LENGTH_OCTETS + length) return undefined;
    const from = this.#start + LENGTH_OCTETS;
    this.#start = from + length;
    return this.#held.subarray(from, from + length);
  }
}

/** The whole messages at the beginning of a stream. */
export function unframe(octets: Uint8Array): Uint8Array[] {
  const frames = new FrameReader();
  frames.push(octets);
  const messages: Uint8Array[] = [];
  for (let message = frames.next(); message; message = frames.next()) messages.push(message);
  return messages;
}
