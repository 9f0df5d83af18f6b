import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import { Excerpt } from "../../src/wire/excerpt.ts";

/** One TCP session of the Echo Protocol (RFC 862): what comes goes back. */
export class EchoMachine implements Machine {
  state: "ESTABLISHED" | "CLOSED" = "ESTABLISHED";
  readonly #idleMs: number;
  readonly #echoed = new Excerpt();

  constructor(idleMs: number) {
    this.#idleMs = idleMs;
  }

  handle(input: Input): Iterable<Output> {
    switch (input.type) {
      case "open":
        return [{ do: "idle", ms: this.#idleMs }];
      case "data":
        this.#echoed.push(input.bytes);
        return [{ do: "send", bytes: input.bytes }];
      case "end": // RFC 862: until the calling user terminates the connection
      case "idle":
      case "shutdown":
        return [...this.#finish(), { do: "close", how: "end" }];
      case "closed":
        return this.#finish();
      default:
        return [];
    }
  }

  /** The whole session is one exchange: how its octets were cut is the network's doing, and nobody's request. */
  #finish(): Output[] {
    this.state = "CLOSED";
    if (this.#echoed.octets === 0) return [];
    return [{ do: "exchange", request: this.#echoed.fields, reply: this.#echoed.fields }];
  }
}
