import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import { askOnConnect, NO_RULES, type Rules } from "../../src/contract/rules.ts";
import { fromLatin1, toUtf8 } from "../../src/wire/bytes.ts";

/** One TCP session of the Daytime Protocol (RFC 867): the time as a line of text, then the end. */
export class DaytimeMachine implements Machine {
  state: "ESTABLISHED" | "CLOSED" = "ESTABLISHED";
  readonly #textOf: (now: number) => string;
  readonly #rules: Rules<Uint8Array>;

  constructor(textOf: (now: number) => string, rules: Rules<Uint8Array> = NO_RULES) {
    this.#textOf = textOf;
    this.#rules = rules;
  }

  handle(input: Input): Iterable<Output> {
    if (input.type === "open") return this.#answer(input.now);
    const isOver = input.type === "end" || input.type === "shutdown";
    return isOver ? this.#close() : []; // RFC 867: any data received is thrown away
  }

  #answer(now: number): Output[] {
    const request = {};
    const ruling = askOnConnect(this.#rules, request);
    const outputs: Output[] = ruling ? [ruling.output] : [];
    if (ruling?.instead) return [...outputs, { do: "exchange", request, reply: {} }];
    const bytes = ruling?.reply ?? fromLatin1(`${this.#textOf(now)}\r\n`);
    outputs.push({ do: "send", bytes }, { do: "exchange", request, reply: { text: toUtf8(bytes).trimEnd() } });
    return [...outputs, ...this.#close()];
  }

  #close(): Output[] {
    this.state = "CLOSED";
    return [{ do: "close", how: "end" }];
  }
}
