import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import { fromLatin1 } from "../../src/wire/bytes.ts";

/** One TCP session of the Daytime Protocol (RFC 867): the time as a line of text, then the end. */
export class DaytimeMachine implements Machine {
  state: "ESTABLISHED" | "CLOSED" = "ESTABLISHED";
  readonly #textOf: (now: number) => string;

  constructor(textOf: (now: number) => string) {
    this.#textOf = textOf;
  }

  handle(input: Input): Iterable<Output> {
    if (input.type !== "open") return []; // RFC 867: any data received is thrown away
    this.state = "CLOSED";
    const text = this.#textOf(input.now);
    return [
      { do: "send", bytes: fromLatin1(`${text}\r\n`) },
      { do: "exchange", request: {}, reply: { text } },
      { do: "close", how: "end" },
    ];
  }
}
