import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import { askOnConnect, NO_RULES, type Rules } from "../../src/contract/rules.ts";
import { toUtf8 } from "../../src/wire/bytes.ts";
import { encodeQuote, quoteOf } from "./quote.ts";

/** One TCP session of the Quote of the Day Protocol (RFC 865): the quote, then the end. */
export class QotdMachine implements Machine {
  state: "ESTABLISHED" | "CLOSED" = "ESTABLISHED";
  readonly #quotes: readonly string[];
  readonly #rules: Rules<Uint8Array>;

  constructor(quotes: readonly string[], rules: Rules<Uint8Array> = NO_RULES) {
    this.#quotes = quotes;
    this.#rules = rules;
  }

  handle(input: Input): Iterable<Output> {
    if (input.type === "open") return this.#answer(input.now);
    const isOver = input.type === "end" || input.type === "shutdown";
    return isOver ? this.#close() : []; // RFC 865: any data received is thrown away
  }

  #answer(now: number): Output[] {
    const request = {};
    const ruling = askOnConnect(this.#rules, request);
    const outputs: Output[] = ruling ? [ruling.output] : [];
    if (ruling?.instead) return [...outputs, { do: "exchange", request, reply: {} }];
    const bytes = ruling?.reply ?? encodeQuote(quoteOf(this.#quotes, now));
    outputs.push({ do: "send", bytes }, { do: "exchange", request, reply: { text: toUtf8(bytes).trimEnd() } });
    return [...outputs, ...this.#close()];
  }

  #close(): Output[] {
    this.state = "CLOSED";
    return [{ do: "close", how: "end" }];
  }
}
