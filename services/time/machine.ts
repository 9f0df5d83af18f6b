import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import { encodeSeconds, secondsSince1900 } from "./seconds.ts";

/** One TCP session of the Time Protocol (RFC 868): four octets, then the end. */
export class TimeMachine implements Machine {
  state: "ESTABLISHED" | "CLOSED" = "ESTABLISHED";

  handle(input: Input): Iterable<Output> {
    if (input.type !== "open") return [];
    this.state = "CLOSED";
    const seconds = secondsSince1900(input.now);
    return [
      { do: "send", bytes: encodeSeconds(seconds) },
      { do: "exchange", request: {}, reply: { seconds } },
      { do: "close", how: "end" },
    ];
  }
}
