import type { Clock } from "../contract/clock.ts";
import type { Effects } from "../contract/fault.ts";
import { Bandwidth } from "./bandwidth.ts";
import { Corrupt } from "./corrupt.ts";
import { Cut } from "./cut.ts";
import { Delay } from "./delay.ts";
import { HalfClose } from "./half-close.ts";
import { Hold } from "./hold.ts";
import { Latency } from "./latency.ts";
import { Raw } from "./raw.ts";
import { Slice } from "./slice.ts";
import type { Item, Next, Stage, StageParts } from "./stage.ts";
import { Stall } from "./stall.ts";
import { Truncate, TruncateLast } from "./truncate.ts";

export interface EffectParts {
  readonly clock: Clock;
  random(): number;
  /** An effect has done what cannot be undone, behind so many octets. */
  struck(effects: Effects, effect: string, after: number): void;
}

type MakeStage = (parts: StageParts) => Stage;

/** The stages of some effects on one direction of one stream, in the order in which `Effects` names them. */
export class EffectStages {
  readonly effects: Effects;
  /** Gets what comes out of the last stage. */
  next: (item: Item) => void;
  readonly #stages: readonly Stage[];
  readonly #first: Next;
  /** Octets that are still to pass untouched; `undefined` while it has not begun. */
  #untouched: number | undefined;
  #works = false;
  #isReleased = false;

  constructor(effects: Effects, { clock, random, struck }: EffectParts, next: (item: Item) => void) {
    this.effects = effects;
    this.next = next;
    const last: Next = { begin: () => undefined, take: (item) => this.next(item) };
    const stages: Stage[] = [];
    let first = last;
    for (const make of stagesOf(effects).reverse()) {
      const stage = make({ next: first, clock, random, struck: (effect, after) => struck(effects, effect, after) });
      stages.unshift(stage);
      first = stage;
    }
    this.#stages = stages;
    this.#first = first;
  }

  get held(): number {
    let held = 0;
    for (const stage of this.#stages) held += stage.held;
    return held;
  }

  get isStuck(): boolean {
    return this.#stages.some((stage) => stage.isStuck);
  }

  begin(): void {
    if (this.#isReleased || this.#untouched !== undefined) return;
    this.#untouched = this.effects.from ?? 0;
    if (this.#untouched === 0) this.#work();
  }

  take(item: Item): void {
    if (!(item instanceof Uint8Array)) {
      if (item.mark === "start" && item.of === this) this.begin();
      else if (this.#works) this.#first.take(item);
      else this.next(item);
      return;
    }
    if (this.#works) {
      this.#first.take(item);
      return;
    }
    const untouched = this.#untouched;
    if (untouched === undefined || this.#isReleased) {
      this.next(item);
      return;
    }
    const head = item.subarray(0, untouched);
    this.#untouched = untouched - head.length;
    this.next(head);
    if (this.#untouched > 0) return;
    this.#work();
    if (head.length < item.length) this.take(item.subarray(head.length));
  }

  /** Passes on what waits, in order, and lets everything through from now on. */
  release(): void {
    this.#isReleased = true;
    // What waits in the last stage came first; and nothing may begin because a stage before it lets go.
    for (const stage of this.#stages.toReversed()) stage.release();
  }

  stop(): void {
    for (const stage of this.#stages) stage.stop();
  }

  #work(): void {
    if (this.#isReleased) return;
    this.#works = true;
    this.#first.begin();
  }
}

function stagesOf(effects: Effects): MakeStage[] {
  const { raw, corrupt, truncate, slice, bandwidth, delayMs, latency, hold, stall, cut, halfClose } = effects;
  const stages: MakeStage[] = [];
  if (raw) stages.push((parts) => new Raw(raw, parts));
  if (corrupt) stages.push((parts) => new Corrupt(corrupt, parts));
  if (truncate !== undefined) {
    stages.push((parts) => (truncate < 0 ? new TruncateLast(parts) : new Truncate(truncate, parts)));
  }
  if (slice) stages.push((parts) => new Slice(slice, parts));
  if (bandwidth !== undefined) stages.push((parts) => new Bandwidth(bandwidth, parts));
  if (delayMs !== undefined) stages.push((parts) => new Delay(delayMs, parts));
  if (latency) stages.push((parts) => new Latency(latency, parts));
  if (hold) stages.push((parts) => new Hold(hold, parts));
  if (stall) stages.push((parts) => new Stall(stall.after, parts));
  if (cut) stages.push((parts) => new Cut(cut, parts));
  if (halfClose) stages.push((parts) => new HalfClose(halfClose.after, parts));
  return stages;
}
