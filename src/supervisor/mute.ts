import type { Fault } from "../contract/fault.ts";
import type { Machine, Output } from "../contract/machine.ts";

const NOTHING: readonly Output[] = [];
const GOODBYE: readonly Output[] = [{ do: "close", how: "end" }];

/** Who sits at a connection that a rule has taken from its service: reads everything, and says nothing. */
export function muteMachine(): Machine {
  return {
    state: "MUTE",
    handle: ({ type }) => (type === "end" || type === "shutdown" || type === "idle" ? GOODBYE : NOTHING),
  };
}

/** A connection under these faults never comes to speak the protocol, nor TLS below it. */
export function isMuting(faults: readonly Fault[]): boolean {
  return faults.some(({ effects, stopReading, channels }) => {
    if (channels) return false;
    const { raw, truncate, stall, cut } = effects;
    return stopReading || raw !== undefined || truncate === 0 || stall?.after === 0 || cut?.after === 0;
  });
}
