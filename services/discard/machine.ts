import type { FieldValue, Input, Machine, Output } from "../../src/contract/machine.ts";
import { NO_RULES, type Rules } from "../../src/contract/rules.ts";
import { Excerpt } from "../../src/wire/excerpt.ts";

/** One TCP session of the Discard Protocol (RFC 863): what comes is thrown away, and nothing is sent. */
export class DiscardMachine implements Machine {
  state: "ESTABLISHED" | "CLOSED" = "ESTABLISHED";
  readonly #idleMs: number;
  readonly #rules: Rules;
  readonly #request: { [name: string]: FieldValue } = {};
  readonly #discarded = new Excerpt();
  #hasAsked = false;

  constructor(idleMs: number, rules: Rules = NO_RULES) {
    this.#idleMs = idleMs;
    this.#rules = rules;
  }

  handle(input: Input): Iterable<Output> {
    switch (input.type) {
      case "open":
        return [{ do: "idle", ms: this.#idleMs }];
      case "data":
        this.#discarded.push(input.bytes);
        return this.#read();
      case "end": // RFC 863: until the calling user terminates the connection
      case "idle":
      case "shutdown":
        return [...this.#ask(this.#discarded), ...this.#finish(), { do: "close", how: "end" }];
      case "closed":
        return this.#finish();
      default:
        return [];
    }
  }

  #read(): Output[] {
    if (this.#hasAsked) return [];
    // Only rules about what the client says need to know it, and then as much in whatever pieces it came.
    if (!this.#rules.concerns(["octets", "data"])) return this.#ask();
    const line = this.#discarded.firstLine;
    return line ? this.#ask(Excerpt.of(line)) : [];
  }

  /** Asks the rules, once. `known` is what is known of the request, if anybody needs to know. */
  #ask(known?: Excerpt): Output[] {
    if (this.#hasAsked || this.#discarded.octets === 0) return [];
    this.#hasAsked = true;
    const ruling = this.#rules.any ? this.#rules.ask(Object.assign(this.#request, known?.fields)) : undefined;
    return ruling ? [ruling.output] : [];
  }

  #finish(): Output[] {
    this.state = "CLOSED";
    if (this.#discarded.octets === 0) return [];
    return [{ do: "exchange", request: Object.assign(this.#request, this.#discarded.fields), reply: {} }];
  }
}
