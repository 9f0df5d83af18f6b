import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import { LINE_OCTETS, RINGS } from "./ring.ts";

/**
 * One TCP session of the Character Generator Protocol (RFC 864): the ring of characters for as long as the peer stays.
 *
 * Theory of operation: every piece is the same two rings of octets, sent when the queue is empty. TCP's flow control is the
 * service's only brake, and an endless stream costs no memory.
 */
export class ChargenMachine implements Machine {
  state: "ESTABLISHED" | "CLOSED" = "ESTABLISHED";
  readonly #maxOctets: number;
  readonly #idleMs: number;
  #octets = 0;

  /** `lines` 0: without end. */
  constructor(options: { readonly lines: number; readonly idleMs: number }) {
    this.#maxOctets = options.lines === 0 ? Number.POSITIVE_INFINITY : options.lines * LINE_OCTETS;
    this.#idleMs = options.idleMs;
  }

  handle(input: Input): Iterable<Output> {
    switch (input.type) {
      case "open":
        return [{ do: "idle", ms: this.#idleMs }, ...this.#generate()];
      case "pull":
        return this.#generate();
      case "idle":
      case "shutdown":
        return [...this.#finish(), { do: "close", how: input.type === "idle" ? "reset" : "end" }];
      case "closed":
        return this.#finish();
      default:
        // RFC 864: any data received is thrown away. A peer that half-closes may still be reading; one that has closed
        // answers the next piece with an RST.
        return [];
    }
  }

  #generate(): Output[] {
    const bytes = RINGS.subarray(0, Math.min(RINGS.length, this.#maxOctets - this.#octets));
    this.#octets += bytes.length;
    if (this.#octets < this.#maxOctets) return [{ do: "send", bytes }, { do: "pull" }];
    return [{ do: "send", bytes }, ...this.#finish(), { do: "close", how: "end" }];
  }

  #finish(): Output[] {
    this.state = "CLOSED";
    return [{ do: "exchange", request: {}, reply: { octets: this.#octets } }];
  }
}
