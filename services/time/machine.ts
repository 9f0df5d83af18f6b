import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import { askOnConnect, NO_RULES, type Rules } from "../../src/contract/rules.ts";
import { decodeSeconds, encodeSeconds, secondsSince1900 } from "./seconds.ts";

/** One TCP session of the Time Protocol (RFC 868): four octets, then the end. */
export class TimeMachine implements Machine {
  state: "ESTABLISHED" | "CLOSED" = "ESTABLISHED";
  readonly #rules: Rules<Uint8Array>;

  constructor(rules: Rules<Uint8Array> = NO_RULES) {
    this.#rules = rules;
  }

  handle(input: Input): Iterable<Output> {
    if (input.type === "open") return this.#answer(input.now);
    const isOver = input.type === "end" || input.type === "shutdown";
    return isOver ? this.#close() : [];
  }

  #answer(now: number): Output[] {
    const request = {};
    const ruling = askOnConnect(this.#rules, request);
    const outputs: Output[] = ruling ? [ruling.output] : [];
    if (ruling?.instead) return [...outputs, { do: "exchange", request, reply: {} }];
    const bytes = ruling?.reply ?? encodeSeconds(secondsSince1900(now));
    outputs.push({ do: "send", bytes }, { do: "exchange", request, reply: { seconds: decodeSeconds(bytes) } });
    return [...outputs, ...this.#close()];
  }

  #close(): Output[] {
    this.state = "CLOSED";
    return [{ do: "close", how: "end" }];
  }
}
