import type { Fault } from "../../src/contract/fault.ts";
import type { Output } from "../../src/contract/machine.ts";
import { toLatin1 } from "../../src/wire/bytes.ts";
import { END, type Script, sceneOf, send } from "./fixture.ts";

export const EXCHANGE: Output = { do: "exchange", request: {}, reply: {} };

/** Answers each piece with itself in angle brackets; the request `!` comes with these faults. */
export const answers = (faults: readonly Fault[]): Script =>
  function* (input) {
    if (input.type === "open") yield send("hi ");
    if (input.type === "shutdown") yield send("bye");
    if (input.type === "shutdown" || input.type === "end") yield END;
    if (input.type !== "data" || input.channel !== undefined) return;
    if (toLatin1(input.bytes).startsWith("!")) yield { do: "fault", faults };
    yield send("<");
    yield { do: "send", bytes: input.bytes };
    yield send(">");
    yield EXCHANGE;
  };

/** A session in memory that answers so, under standing faults. */
export const answering = (faults: readonly Fault[], standing: readonly Fault[] = []) =>
  sceneOf(answers(faults), { faults: standing });
