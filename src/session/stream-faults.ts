import type { Clock } from "../contract/clock.ts";
import type { Effects, Fault } from "../contract/fault.ts";
import type { CloseHow, Fields } from "../contract/machine.ts";
import { Flow, type Sink } from "../fault/flow.ts";

/** Faults in force on a running session. */
export interface Impairment {
  /** Puts others in their place, without losing an octet. */
  change(faults: readonly Fault[]): void;
  remove(): void;
}

/** A connection as faults see it: what its owner does when the flows say so. */
export interface FaultedStream {
  /** Octets leave for the peer. */
  write(bytes: Uint8Array): void;
  /** Octets of the peer have come through to the machine. */
  deliver(bytes: Uint8Array): void;
  /** The peer's FIN has come through. */
  peerEnded(): void;
  /** What its owner sent before its `close` has left. */
  close(how: CloseHow): void;
  /** A fault ends it. */
  cut(how: "end" | "reset"): void;
  /** A fault sends a FIN. */
  halfClose(): void;
  /** A fault has struck that leaves its mark for good. */
  struck(detail: Fields): void;
  /** More or less is held than before, or reading is to stop or go on. */
  changed(): void;
}

/** Whoever sends, or is read from, waits while more than this is held. */
const FULL_OCTETS = 64 * 1024;

/** The faults that befall one connection, in both directions. */
export class StreamFaults {
  readonly #stream: FaultedStream;
  readonly #out: Flow;
  readonly #in: Flow;
  #standing: readonly { faults: readonly Fault[] }[] = [];
  /** Of the reply on its way: what stands once it has left. */
  #afterReply: readonly Fault[] = [];
  readonly #faults = new WeakMap<Effects, Fault>();
  #isStarted = false;
  #isReadingStopped = false;
  #isHalfClosed = false;
  #isGone = false;

  constructor(stream: FaultedStream, clock: Clock, random: () => number) {
    this.#stream = stream;
    const struck = (effects: Effects, effect: string, after: number) => this.#struck(effects, effect, after);
    const cut = (how: "end" | "reset") => {
      this.destroy();
      stream.cut(how);
    };
    const halfClose = () => {
      if (this.#isHalfClosed) return;
      this.#isHalfClosed = true;
      stream.halfClose();
    };
    const shared = { clock, random, struck, cut, halfClose, moved: () => stream.changed() };
    const out: Sink = {
      ...shared,
      write: (bytes) => {
        if (!this.#isHalfClosed) stream.write(bytes);
      },
      close: (how) => stream.close(how),
    };
    this.#out = new Flow(out);
    this.#in = new Flow({ ...shared, write: (bytes) => stream.deliver(bytes), close: () => stream.peerEnded() });
  }

  /** Nothing is left of them. */
  get isClear(): boolean {
    const isPlain = this.#standing.length === 0 && this.#afterReply.length === 0;
    return isPlain && !this.#isGone && !this.#isHalfClosed && this.#out.isClear && this.#in.isClear;
  }

  /** What was to be sent waits for more than time. */
  get isStuck(): boolean {
    return this.#out.isStuck;
  }

  /** As much is held as may be: whoever sends waits. */
  get isFull(): boolean {
    return this.#out.weight >= FULL_OCTETS;
  }

  /** Nothing is to be read from the peer. */
  get isUnread(): boolean {
    return this.#isReadingStopped || this.isFull || this.#in.weight >= FULL_OCTETS;
  }

  /** The connection is open: what was put in force before begins. */
  start(): void {
    this.#isStarted = true;
    this.#apply();
  }

  send(bytes: Uint8Array): void {
    this.#out.write(bytes);
  }

  receive(bytes: Uint8Array): void {
    this.#in.write(bytes);
  }

  /** The peer's FIN, behind its octets. */
  receiveEnd(): void {
    this.#in.close("end");
  }

  close(how: CloseHow): void {
    this.#out.close(how);
  }

  /** What is sent from here to `finish` is a reply that these befall. What befalls the client's octets stays. */
  begin(faults: readonly Fault[]): void {
    this.finish();
    this.#afterReply = faults.filter(({ phase }) => phase === "after-reply");
    const now = faults.filter(({ phase }) => phase !== "after-reply");
    const onReply = now.filter(({ direction }) => direction === "out");
    const lasting = now.filter(({ direction, stopReading }) => direction === "in" || stopReading);
    this.#remember(onReply);
    if (lasting.length > 0)
      this.#stand(lasting.map((fault) => (fault.direction === "in" ? fault : withoutEffects(fault))));
    if (onReply.length > 0) this.#out.begin(onReply.map(({ effects }) => effects));
  }

  finish(): void {
    this.#out.finish();
    const after = this.#afterReply;
    if (after.length === 0) return;
    this.#afterReply = [];
    this.#out.afterwards(() => this.#stand(after));
  }

  impair(faults: readonly Fault[]): Impairment {
    const standing = { faults };
    this.#standing = [...this.#standing, standing];
    this.#apply();
    return {
      change: (others) => {
        standing.faults = others;
        this.#apply();
      },
      remove: () => {
        this.#standing = this.#standing.filter((other) => other !== standing);
        this.#apply();
      },
    };
  }

  destroy(): void {
    this.#isGone = true;
    this.#out.destroy();
    this.#in.destroy();
  }

  /** For the rest of the session. A fault that befalls it again begins anew, and is not there twice. */
  #stand(faults: readonly Fault[]): void {
    const again = new Set(faults.map(({ effects }) => effects));
    const rest = this.#standing.filter((standing) => !standing.faults.some(({ effects }) => again.has(effects)));
    if (rest.length < this.#standing.length) {
      this.#standing = rest;
      this.#apply();
    }
    this.impair(faults);
  }

  #apply(): void {
    if (!this.#isStarted || this.#isGone) return;
    const faults = this.#standing.flatMap((standing) => standing.faults);
    this.#remember(faults);
    const stopping = faults.find(({ stopReading }) => stopReading);
    const isNew = stopping !== undefined && !this.#isReadingStopped;
    this.#isReadingStopped = stopping !== undefined;
    if (isNew) this.#stream.struck({ phase: stopping.phase, effect: "stop-reading" });
    this.#out.impair(effectsOf(faults, "out"));
    this.#in.impair(effectsOf(faults, "in"));
    this.#stream.changed();
  }

  #remember(faults: readonly Fault[]): void {
    for (const fault of faults) this.#faults.set(fault.effects, fault);
  }

  #struck(effects: Effects, effect: string, after: number): void {
    const { phase, direction } = this.#faults.get(effects) ?? {};
    this.#stream.struck({ phase, direction, effect, after });
  }
}

const NOTHING: Effects = {};

/** Its effects are the reply's; what else there is to it lasts. */
function withoutEffects(fault: Fault): Fault {
  return { ...fault, effects: NOTHING };
}

function effectsOf(faults: readonly Fault[], direction: Fault["direction"]): Effects[] {
  return faults.flatMap((fault) => (fault.direction === direction && hasEffects(fault.effects) ? [fault.effects] : []));
}

function hasEffects(effects: Effects): boolean {
  return Object.keys(effects).length > 0;
}
