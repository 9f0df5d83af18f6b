import type { FieldValue, Input, Machine, Output } from "../../src/contract/machine.ts";
import { NO_RULES, type Rules } from "../../src/contract/rules.ts";
import { Excerpt } from "../../src/wire/excerpt.ts";

/** One TCP session of the Echo Protocol (RFC 862): what comes goes back. */
export class EchoMachine implements Machine {
  state: "ESTABLISHED" | "CLOSED" = "ESTABLISHED";
  readonly #idleMs: number;
  readonly #rules: Rules<Uint8Array>;
  readonly #request: { [name: string]: FieldValue } = {};
  readonly #came = new Excerpt();
  readonly #sent = new Excerpt();
  /** What came before the rules were asked; afterwards, nothing waits. */
  #waiting: Uint8Array[] | undefined = [];
  /** A rule has answered: what comes is read, and does not go back. */
  #isRuled = false;

  constructor(idleMs: number, rules: Rules<Uint8Array> = NO_RULES) {
    this.#idleMs = idleMs;
    this.#rules = rules;
  }

  handle(input: Input): Iterable<Output> {
    switch (input.type) {
      case "open":
        return [{ do: "idle", ms: this.#idleMs }];
      case "data":
        return this.#read(input.bytes);
      case "end": // RFC 862: until the calling user terminates the connection
      case "idle":
      case "shutdown":
        return [...this.#begin(this.#came), ...this.#finish(), { do: "close", how: "end" }];
      case "closed":
        return this.#finish();
      default:
        return [];
    }
  }

  #read(bytes: Uint8Array): Output[] {
    this.#came.push(bytes);
    if (!this.#waiting) return this.#isRuled ? [] : [this.#send(bytes)];
    this.#waiting.push(bytes);
    // Only rules about what the client says need to know it, and then as much in whatever pieces it came.
    if (!this.#rules.concerns(["octets", "data"])) return this.#begin();
    const line = this.#came.firstLine;
    return line ? this.#begin(Excerpt.of(line)) : [];
  }

  /** Asks the rules, once, and answers what waits. `known` is what is known of the request, if anybody needs to know. */
  #begin(known?: Excerpt): Output[] {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    if (waiting.length === 0) return [];
    const ruling = this.#rules.any ? this.#rules.ask(Object.assign(this.#request, known?.fields)) : undefined;
    if (!ruling) return waiting.map((bytes) => this.#send(bytes));
    const { output, instead, reply } = ruling;
    this.#isRuled = instead || reply !== undefined;
    if (instead) return [output];
    return [output, ...(reply ? [reply] : waiting).map((bytes) => this.#send(bytes))];
  }

  #send(bytes: Uint8Array): Output {
    this.#sent.push(bytes);
    return { do: "send", bytes };
  }

  /** The whole session is one exchange: how its octets were cut is the network's doing, and nobody's request. */
  #finish(): Output[] {
    this.state = "CLOSED";
    if (this.#came.octets === 0) return [];
    const request = Object.assign(this.#request, this.#came.fields);
    return [{ do: "exchange", request, reply: this.#sent.octets === 0 ? {} : this.#sent.fields }];
  }
}
