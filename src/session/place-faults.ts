import type { Fault } from "../contract/fault.ts";
import type { Channels } from "./channels.ts";
import type { Stream } from "./stream.ts";
import type { Impairment } from "./stream-faults.ts";

/** Puts faults in force on a session's connection and on its channels, each where it belongs. */
export function impairBoth(stream: Stream, channels: Channels, faults: readonly Fault[]): Impairment {
  const main = stream.impair(onMain(faults));
  const secondary = channels.impair(onChannels(faults));
  return {
    change: (others) => {
      main.change(onMain(others));
      secondary.change(onChannels(others));
    },
    remove: () => {
      main.remove();
      secondary.remove();
    },
  };
}

/** A reply begins that these befall; on channels they begin at once. */
export function befallBoth(stream: Stream, channels: Channels, faults: readonly Fault[]): void {
  const main = onMain(faults);
  if (main.length < faults.length) channels.befall(onChannels(faults));
  if (main.length > 0) stream.faulted().begin(main);
}

function onMain(faults: readonly Fault[]): readonly Fault[] {
  return faults.filter(({ channels }) => !channels);
}

function onChannels(faults: readonly Fault[]): readonly Fault[] {
  return faults.filter(({ channels }) => channels);
}
