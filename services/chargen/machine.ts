import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import { askOnConnect, NO_RULES, type Rules } from "../../src/contract/rules.ts";
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
  readonly #rules: Rules<Uint8Array>;
  readonly #request = {};
  #octets = 0;
  /** A rule has it say nothing. */
  #isSilent = false;

  /** `lines` 0: without end. */
  constructor(options: { readonly lines: number; readonly idleMs: number }, rules: Rules<Uint8Array> = NO_RULES) {
    this.#rules = rules;
    this.#maxOctets = options.lines === 0 ? Number.POSITIVE_INFINITY : options.lines * LINE_OCTETS;
    this.#idleMs = options.idleMs;
  }

  handle(input: Input): Iterable<Output> {
    switch (input.type) {
      case "open":
        return [{ do: "idle", ms: this.#idleMs }, ...this.#begin()];
      case "pull":
        return this.#generate();
      case "idle":
      case "shutdown":
        return [...this.#finish(), { do: "close", how: input.type === "idle" ? "reset" : "end" }];
      case "closed":
        return this.#finish();
      case "end":
        // A peer that half-closes may still be reading; one that has closed answers the next piece with an RST.
        return this.#isSilent ? [...this.#finish(), { do: "close", how: "end" }] : [];
      default:
        return []; // RFC 864: any data received is thrown away
    }
  }

  #begin(): Output[] {
    const ruling = askOnConnect(this.#rules, this.#request);
    if (!ruling) return this.#generate();
    const { output, instead, reply } = ruling;
    this.#isSilent = instead;
    if (instead) return [output];
    if (!reply) return [output, ...this.#generate()];
    this.#octets = reply.length;
    return [output, { do: "send", bytes: reply }, ...this.#finish(), { do: "close", how: "end" }];
  }

  #generate(): Output[] {
    const bytes = RINGS.subarray(0, Math.min(RINGS.length, this.#maxOctets - this.#octets));
    this.#octets += bytes.length;
    if (this.#octets < this.#maxOctets) return [{ do: "send", bytes }, { do: "pull" }];
    return [{ do: "send", bytes }, ...this.#finish(), { do: "close", how: "end" }];
  }

  #finish(): Output[] {
    this.state = "CLOSED";
    return [{ do: "exchange", request: this.#request, reply: this.#isSilent ? {} : { octets: this.#octets } }];
  }
}
