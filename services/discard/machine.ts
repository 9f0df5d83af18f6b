import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import { Excerpt } from "../../src/wire/excerpt.ts";

/** One TCP session of the Discard Protocol (RFC 863): what comes is thrown away, and nothing is sent. */
export class DiscardMachine implements Machine {
  state: "ESTABLISHED" | "CLOSED" = "ESTABLISHED";
  readonly #idleMs: number;
  readonly #discarded = new Excerpt();

  constructor(idleMs: number) {
    this.#idleMs = idleMs;
  }

  handle(input: Input): Iterable<Output> {
    switch (input.type) {
      case "open":
        return [{ do: "idle", ms: this.#idleMs }];
      case "data":
        this.#discarded.push(input.bytes);
        return [];
      case "end": // RFC 863: until the calling user terminates the connection
      case "idle":
      case "shutdown":
        return [...this.#finish(), { do: "close", how: "end" }];
      case "closed":
        return this.#finish();
      default:
        return [];
    }
  }

  #finish(): Output[] {
    this.state = "CLOSED";
    if (this.#discarded.octets === 0) return [];
    return [{ do: "exchange", request: this.#discarded.fields, reply: {} }];
  }
}
