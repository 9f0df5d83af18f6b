import type { Effects } from "../contract/fault.ts";
import { concat, copyOf } from "../wire/bytes.ts";

/** An answer that faults befall: what is left of it, and what is still to happen to it on its way. */
export interface ImpairedDatagram {
  /** `undefined`: nothing is sent. */
  readonly bytes: Uint8Array | undefined;
  readonly effects: readonly Effects[];
}

/** Does to an answer what changes its octets; a copy, for it may have to wait. */
export function impairDatagram(answer: Uint8Array | undefined, effects: readonly Effects[]): ImpairedDatagram {
  let bytes = answer && copyOf(answer);
  for (const effect of effects) bytes = changed(bytes, effect);
  return { bytes, effects };
}

function changed(before: Uint8Array | undefined, effects: Effects): Uint8Array | undefined {
  const { from = 0, raw, corrupt, truncate, stall, cut } = effects;
  const head = before?.subarray(0, from);
  let bytes = before?.subarray(from);
  if (raw) bytes = copyOf(raw);
  if (!bytes) return undefined;
  if (corrupt) {
    const to = Math.min(bytes.length, corrupt.after + corrupt.octets);
    for (let at = corrupt.after; at < to; at += 1) bytes[at] = (bytes[at] ?? 0) ^ corrupt.mask;
  }
  const limits = [truncate, stall?.after, cut?.after].filter((limit) => limit !== undefined);
  for (const limit of limits) bytes = bytes.subarray(0, limit);
  if (bytes.length === 0 && !head?.length && limits.length > 0) return undefined;
  return head && head.length > 0 ? concat([head, bytes]) : bytes;
}
