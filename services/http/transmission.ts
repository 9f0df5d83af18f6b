import type { Fields } from "../../src/contract/machine.ts";
import type { Rendered } from "./layout.ts";
import type { Request } from "./request.ts";

/** What leaves in one turn. */
const TURN_OCTETS = 64 * 1024;

/** A response on its way out, a turn at a time. */
export class Transmission {
  readonly request: Request;
  readonly fields: Fields;
  readonly keepAlive: boolean;
  /** The wait between two parts; 0 if the peer's reading sets the pace. */
  readonly pauseMs: number;
  readonly #parts: readonly Uint8Array[];
  #part = 0;
  #offset = 0;

  constructor(request: Request, rendered: Rendered, keepAlive: boolean, pauseMs: number) {
    this.request = request;
    this.fields = rendered.fields;
    this.keepAlive = keepAlive;
    this.pauseMs = pauseMs;
    this.#parts = rendered.parts;
  }

  get over(): boolean {
    return this.#part === this.#parts.length;
  }

  /** The next octets to send: one part if the pace is set by time, otherwise as many as fit into a turn. */
  next(): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let room = TURN_OCTETS;
    while (room > 0 && !this.over) {
      const part = this.#parts[this.#part] as Uint8Array;
      const piece = part.subarray(this.#offset, this.#offset + room);
      pieces.push(piece);
      room -= piece.length;
      this.#offset += piece.length;
      if (this.#offset < part.length) break;
      this.#part += 1;
      this.#offset = 0;
      if (this.pauseMs > 0) break;
    }
    return pieces;
  }
}
