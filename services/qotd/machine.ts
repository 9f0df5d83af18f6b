import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import { toLatin1 } from "../../src/wire/bytes.ts";
import { encodeQuote, quoteOf } from "./quote.ts";

/** One TCP session of the Quote of the Day Protocol (RFC 865): the quote, then the end. */
export class QotdMachine implements Machine {
  state: "ESTABLISHED" | "CLOSED" = "ESTABLISHED";
  readonly #quotes: readonly string[];

  constructor(quotes: readonly string[]) {
    this.#quotes = quotes;
  }

  handle(input: Input): Iterable<Output> {
    if (input.type !== "open") return []; // RFC 865: any data received is thrown away
    this.state = "CLOSED";
    const bytes = encodeQuote(quoteOf(this.#quotes, input.now));
    return [
      { do: "send", bytes },
      { do: "exchange", request: {}, reply: { text: toLatin1(bytes).trimEnd() } },
      { do: "close", how: "end" },
    ];
  }
}
