import type { Direction, Effects, Fault, Gate, Phase } from "../contract/fault.ts";
import { isPlainMap, type Place, printValue } from "../match/place.ts";
import { canonicalAddress } from "../ports/addresses.ts";
import { fromUtf8 } from "../wire/bytes.ts";

/** A fault as users write it: a word, or effects that work together. Durations are milliseconds or `"50ms"`, `"2s"`. */
export type FaultInput = FaultWord | FaultEffects;

/** The faults that need no number. */
export const FAULT_WORDS = {
  reset: "The connection ends by RST.",
  close: "The connection ends by FIN.",
  silence: "Nothing is sent, and the connection goes on.",
  drop: "The same, as one says it of datagrams.",
  stall: "Nothing is sent any more, and the connection stays open.",
  "half-close": "FIN, and what the client sends is still read.",
  "stop-reading": "The connection is read no more: the client's window closes.",
  refuse: "The port is closed for as long as the rule is in force, and opens again.",
  truncate: "The last octet is missing.",
  duplicate: "UDP: the datagram comes twice.",
  reorder: "UDP: the datagram comes after the next one.",
} as const;

export type FaultWord = keyof typeof FAULT_WORDS;

type Duration = number | string;
type Behind = true | { readonly after: number };

export interface FaultEffects {
  /** Waits once, before the first octet. */
  readonly delay?: Duration;
  /** Each octet comes so much later. */
  readonly latency?: Duration | { readonly ms: Duration; readonly jitter?: Duration };
  /** Octets a second. */
  readonly bandwidth?: number;
  /** Pieces of so many octets. */
  readonly slice?: number | { readonly octets: number; readonly every?: Duration };
  /** Turns bits over: in one octet behind so many, or in more. `mask` says which bits; all. */
  readonly corrupt?: true | number | { readonly after?: number; readonly octets?: number; readonly mask?: number };
  /** So many octets come, and the rest does not. */
  readonly truncate?: number;
  readonly silence?: true;
  readonly drop?: true;
  readonly stall?: Behind;
  /** FIN. */
  readonly close?: Behind;
  /** RST. */
  readonly reset?: Behind;
  readonly halfClose?: Behind;
  readonly stopReading?: true;
  readonly refuse?: true;
  /** Octets in place of the reply. */
  readonly raw?: string | Uint8Array;
  /** UDP: so many copies more. */
  readonly duplicate?: true | number;
  /** UDP: it comes after so many later ones. */
  readonly reorder?: true | number;
  /** UDP: the answer comes from another port or address. */
  readonly source?: { readonly port?: number; readonly address?: string };
  /** What the service sends (`out`, unless said otherwise), or what the client sends. */
  readonly direction?: "out" | "in";
  /** FTP: on the data connection. */
  readonly on?: "data";
}

/** Every key of `FaultEffects`, for error messages and the JSON Schema. */
export const FAULT_KEYS = [
  "delay",
  "latency",
  "bandwidth",
  "slice",
  "corrupt",
  "truncate",
  "silence",
  "drop",
  "stall",
  "close",
  "reset",
  "halfClose",
  "stopReading",
  "refuse",
  "raw",
  "duplicate",
  "reorder",
  "source",
  "direction",
  "on",
] as const satisfies readonly (keyof FaultEffects)[];

const WORDS_AS_EFFECTS: { readonly [word in FaultWord]: FaultEffects } = {
  reset: { reset: true },
  close: { close: true },
  silence: { silence: true },
  drop: { drop: true },
  stall: { stall: true },
  "half-close": { halfClose: true },
  "stop-reading": { stopReading: true },
  refuse: { refuse: true },
  truncate: { truncate: -1 },
  duplicate: { duplicate: 1 },
  reorder: { reorder: 1 },
};

/** Where a fault strikes: what `when` says of it. */
export interface Where {
  readonly phase: Phase | undefined;
  /** Of `mid-stream`: so many octets are untouched. */
  readonly at: number;
  readonly gate: Gate | undefined;
}

/** Checks one fault; fails at the place with what is wrong. */
export function faultOf(input: unknown, where: Where, place: Place): Fault {
  const written = typeof input === "string" ? ofWord(input, place) : input;
  if (!isPlainMap(written))
    place.fail(`expected a fault such as "reset", or a map of effects, got ${printValue(input)}`);
  const map = place.map(written, FAULT_KEYS, "fault");
  const effects = effectsOf(map, where, place);
  const { on } = map;
  const direction = directionOf(map.direction, place.at("direction"));
  if (on !== undefined && on !== "data") place.at("on").fail(`expected data, got ${printValue(on)}`);
  const refuse = isTrue(map.refuse, place.at("refuse"));
  const stopReading = isTrue(map.stopReading, place.at("stopReading"));
  const isEmpty = Object.keys(effects).every((key) => key === "from");
  if (isEmpty && !refuse && !stopReading) place.fail("there is no fault in it");
  return {
    phase: where.phase ?? defaultPhase(effects, direction === "in" || on === "data", refuse),
    direction,
    channels: on === "data",
    effects,
    stopReading,
    refuse,
  };
}

function directionOf(value: unknown, place: Place): Direction {
  if (value === undefined || value === "out") return "out";
  return value === "in" ? "in" : place.fail(`expected out or in, got ${printValue(value)}`);
}

function ofWord(word: string, place: Place): FaultEffects {
  return WORDS_AS_EFFECTS[place.word(word, Object.keys(FAULT_WORDS), "fault") as FaultWord];
}

/** Without a reply, what ends or swallows it comes in its place; what changes its course needs one. */
function defaultPhase(effects: Effects, elsewhere: boolean, refuse: boolean): Phase {
  if (refuse) return "connect";
  if (effects.halfClose?.after === 0) return "after-reply";
  return isInstead(effects) && !elsewhere ? "instead" : "before-reply";
}

/** Nothing of a reply could be seen: there is no need for one. */
export function isInstead({ raw, truncate, stall, cut }: Effects): boolean {
  return raw !== undefined || truncate === 0 || stall?.after === 0 || cut?.after === 0;
}

function effectsOf(map: { readonly [key: string]: unknown }, { at, gate }: Where, place: Place): Effects {
  const raw = map.raw === undefined ? undefined : octetsOf(map.raw, place.at("raw"));
  const isDropped = isTrue(map.drop, place.at("drop"));
  const isSilent = isTrue(map.silence, place.at("silence")) || isDropped;
  if (isSilent && map.truncate !== undefined) place.at("truncate").fail("of silence nothing can be cut off");
  const truncate = isSilent ? 0 : truncateOf(map.truncate, place.at("truncate"));
  // Where nothing else is said, an end comes behind what is let through.
  const passing = truncate !== undefined && truncate > 0 ? truncate : (raw?.length ?? 0);
  const behind = (key: string): { readonly after: number } | undefined => {
    const value = map[key];
    if (value === undefined || value === false) return undefined;
    if (value === true) return { after: passing };
    const { after } = place.at(key).mapOr(value, ["after"], "true, or a map of after");
    return { after: place.at(key, "after").whole(after, 0) };
  };
  const close = behind("close");
  const reset = behind("reset");
  if (close && reset) place.fail("close and reset exclude each other");
  const stall = behind("stall");
  const halfClose = behind("halfClose");
  refuseUnreached(map, truncate, place);
  const slice = sliceOf(map.slice, place.at("slice"));
  const latency = latencyOf(map.latency, place.at("latency"));
  const corrupt = corruptOf(map.corrupt, place.at("corrupt"));
  const duplicate = copies(map.duplicate, place.at("duplicate"));
  const reorder = copies(map.reorder, place.at("reorder"));
  const source = sourceOf(map.source, place.at("source"));
  return {
    ...(at > 0 ? { from: at } : {}),
    ...(raw ? { raw } : {}),
    ...(corrupt ? { corrupt } : {}),
    ...(truncate === undefined ? {} : { truncate }),
    ...(slice ? { slice } : {}),
    ...(map.bandwidth === undefined ? {} : { bandwidth: place.at("bandwidth").whole(map.bandwidth, 1) }),
    ...(map.delay === undefined ? {} : { delayMs: place.at("delay").duration(map.delay) }),
    ...(latency ? { latency } : {}),
    ...(gate ? { hold: gate } : {}),
    ...(stall ? { stall } : {}),
    ...(close ? { cut: { ...close, how: "end" } as const } : {}),
    ...(reset ? { cut: { ...reset, how: "reset" } as const } : {}),
    ...(halfClose ? { halfClose } : {}),
    ...(duplicate === undefined ? {} : { duplicate }),
    ...(reorder === undefined ? {} : { reorder }),
    ...(source ? { source } : {}),
  };
}

/** Nothing comes behind the last octet, or behind a stall. */
function refuseUnreached(map: { readonly [key: string]: unknown }, truncate: number | undefined, place: Place): void {
  const offsetOf = (key: string): number | undefined => {
    const value = map[key] as boolean | { readonly after: number } | undefined;
    return typeof value === "object" ? value.after : value ? 0 : undefined;
  };
  const stalled = offsetOf("stall");
  for (const key of ["stall", "close", "reset", "halfClose"]) {
    const after = offsetOf(key) ?? 0;
    if (truncate !== undefined && truncate >= 0 && after > truncate)
      place.at(key, "after").fail(`only ${truncate} octets come, and so it never would`);
    if (stalled !== undefined && after > stalled)
      place.at(key, "after").fail(`behind ${stalled} octets nothing moves any more, and so it never would`);
  }
}

function isTrue(value: unknown, place: Place): boolean {
  if (value !== undefined && typeof value !== "boolean") place.fail(`expected true, got ${printValue(value)}`);
  return value === true;
}

/** -1: all but the last octet. */
function truncateOf(value: unknown, place: Place): number | undefined {
  return value === undefined ? undefined : place.whole(value, -1);
}

function sliceOf(value: unknown, place: Place): Effects["slice"] {
  if (value === undefined) return undefined;
  if (typeof value === "number") return { octets: place.whole(value, 1), everyMs: 0 };
  const { octets, every = 0 } = place.mapOr(
    value,
    ["octets", "every"],
    "a number of octets, or a map of octets and every",
  );
  return { octets: place.at("octets").whole(octets, 1), everyMs: place.at("every").duration(every) };
}

function latencyOf(value: unknown, place: Place): Effects["latency"] {
  if (value === undefined) return undefined;
  if (typeof value !== "object") return { ms: place.duration(value), jitterMs: 0 };
  const { ms, jitter = 0 } = place.mapOr(value, ["ms", "jitter"], "a duration, or a map of ms and jitter");
  return { ms: place.at("ms").duration(ms), jitterMs: place.at("jitter").duration(jitter) };
}

const ALL_BITS = 0xff;

function corruptOf(value: unknown, place: Place): Effects["corrupt"] {
  if (value === undefined || value === false) return undefined;
  if (value === true) return { after: 0, octets: 1, mask: ALL_BITS };
  if (typeof value === "number") return { after: place.whole(value, 0), octets: 1, mask: ALL_BITS };
  const {
    after = 0,
    octets = 1,
    mask = ALL_BITS,
  } = place.mapOr(value, ["after", "octets", "mask"], "true, a number, or a map of after, octets and mask");
  return {
    after: place.at("after").whole(after, 0),
    octets: place.at("octets").whole(octets, 1),
    mask: place.at("mask").whole(mask, 1, ALL_BITS),
  };
}

const MOST_COPIES = 100;

function copies(value: unknown, place: Place): number | undefined {
  if (value === undefined || value === false) return undefined;
  return value === true ? 1 : place.whole(value, 1, MOST_COPIES);
}

function sourceOf(value: unknown, place: Place): Effects["source"] {
  if (value === undefined) return undefined;
  const { port, address } = place.mapOr(value, ["port", "address"], "a map of port and address");
  if (port === undefined && address === undefined) place.fail("expected a port, an address, or both");
  if (address !== undefined && (typeof address !== "string" || canonicalAddress(address) === undefined))
    place.at("address").fail(`expected an IP address, got ${printValue(address)}`);
  const HIGHEST_PORT = 65_535;
  return {
    ...(port === undefined ? {} : { port: place.at("port").whole(port, 0, HIGHEST_PORT) }),
    ...(typeof address === "string" ? { address } : {}),
  };
}

function octetsOf(value: unknown, place: Place): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return typeof value === "string"
    ? fromUtf8(value)
    : place.fail(`expected a text or octets, got ${printValue(value)}`);
}
