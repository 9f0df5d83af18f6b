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

/**
 * A connection under these faults is its service's no more, and never will be: nothing comes of what is asked there, or TLS
 * below it never comes to be.
 */
export function isMuting(faults: readonly Fault[], tls: boolean): boolean {
  return faults.some(({ effects, stopReading, channels, direction }) => {
    if (channels) return false;
    const { raw, truncate, stall, cut } = effects;
    if (cut?.after === 0) return true;
    // Without TLS a connection that stands still is the service's, which goes on when the fault is taken back.
    if (tls && (stopReading || (direction === "out" && stall?.after === 0))) return true;
    return direction === "out" && (raw !== undefined || truncate === 0);
  });
}
