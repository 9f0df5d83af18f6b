import type { Effects } from "../contract/fault.ts";
import type { CloseHow } from "../contract/machine.ts";
import { type EffectParts, EffectStages } from "./effect-stages.ts";
import { type Item, isMark, type Mark } from "./stage.ts";

/** Where a flow leads. */
export interface Sink extends EffectParts {
  write(bytes: Uint8Array): void;
  /** Everything before has been written, and now the owner's `close` is due. */
  close(how: CloseHow): void;
  /** A fault ends the connection. */
  cut(how: "end" | "reset"): void;
  halfClose(): void;
  /** Something has left, or has been swallowed: `held` may have become less. */
  moved(): void;
}

/** What waits until the reply before it has left. */
type Pending = Uint8Array | Mark | { readonly begin: readonly Effects[] } | { readonly act: () => void };

const FINISH: Mark = { mark: "finish" };

/**
 * One direction of one stream, under faults.
 *
 * Theory of operation: octets, and marks between them, go first through the stages of the reply to which they belong, then
 * through the standing stages, then to the sink. One reply is on its way at a time; what is written behind it waits until
 * its `finish` mark has come through. Effects come into force by a mark too, so that they know nothing of what is already
 * under way. The sink is never entered twice: what it causes to be written comes after what it is writing.
 */
export class Flow {
  readonly #sink: Sink;
  #standing: readonly EffectStages[] = [];
  readonly #pending: Pending[] = [];
  #pendingOctets = 0;
  #reply: readonly EffectStages[] | undefined;
  /** The reply on its way is complete; its end has not come through. */
  #isFinishing = false;
  /** A reply was begun and not finished by whoever writes. */
  #isOpen = false;
  #isPumping = false;
  readonly #leaving: Item[] = [];
  #isLeaving = false;
  #isGone = false;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** How many octets wait. */
  get held(): number {
    let held = this.#pendingOctets;
    for (const stages of this.#standing) held += stages.held;
    if (this.#reply) for (const stages of this.#reply) held += stages.held;
    return held;
  }

  /** What waits, by the memory it takes. */
  get weight(): number {
    return this.held + WEIGHT * this.#pending.length;
  }

  /** Nothing is impaired and nothing waits. */
  get isClear(): boolean {
    const isEmpty = this.#pending.length === 0 && !this.#isLeaving;
    return isEmpty && this.#standing.length === 0 && !this.#reply && !this.#isOpen;
  }

  /** Something waits that no time will move. */
  get isStuck(): boolean {
    return this.#standing.some(isStuck) || (this.#reply?.some(isStuck) ?? false);
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#enter(bytes);
  }

  /** What is written from here to `finish` is one reply. */
  begin(effects: readonly Effects[]): void {
    this.finish();
    this.#isOpen = true;
    this.#enter({ begin: effects });
  }

  finish(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#enter(FINISH);
  }

  /** Acts when every reply before has left. */
  afterwards(act: () => void): void {
    this.#enter({ act });
  }

  close(how: CloseHow): void {
    this.#enter({ mark: "close", how });
  }

  /** Puts effects in force for the rest of the stream; those that were in force already go on as they are. */
  impair(list: readonly Effects[]): void {
    if (this.#isGone) return;
    const old = this.#standing;
    let kept = 0;
    const added: EffectStages[] = [];
    const standing = list.map((effects) => {
      const at = old.findIndex((stages, index) => index >= kept && stages.effects === effects);
      const found = old[at];
      if (found) {
        kept = at + 1;
        return found;
      }
      const stages = new EffectStages(effects, this.#sink, (item) => this.#leave(item));
      added.push(stages);
      return stages;
    });
    const remaining = new Set(standing);
    for (const stages of old.toReversed()) if (!remaining.has(stages)) stages.release();
    this.#standing = standing;
    standing.forEach((stages, at) => {
      const next = standing[at + 1];
      stages.next = next ? (item) => next.take(item) : (item) => this.#leave(item);
    });
    for (const stages of added) this.#stand({ mark: "start", of: stages });
    this.#sink.moved();
  }

  /** The stream is gone: nothing leaves any more. */
  destroy(): void {
    this.#isGone = true;
    for (const stages of this.#standing) stages.stop();
    for (const stages of this.#reply ?? []) stages.stop();
    this.#pending.length = this.#leaving.length = this.#pendingOctets = 0;
    this.#standing = [];
    this.#reply = undefined;
  }

  #enter(pending: Pending): void {
    if (this.#isGone) return;
    this.#pending.push(pending);
    if (pending instanceof Uint8Array) this.#pendingOctets += pending.length;
    this.#pump();
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (!this.#isFinishing) {
      const pending = this.#pending.shift();
      if (pending === undefined) break;
      if (pending instanceof Uint8Array) {
        this.#pendingOctets -= pending.length;
        this.#pass(pending);
      } else if ("begin" in pending) this.#beginReply(pending.begin);
      else if ("act" in pending) pending.act();
      else if (pending !== FINISH) this.#pass(pending);
      else if (this.#reply) {
        this.#isFinishing = true;
        this.#pass(pending);
      }
    }
    this.#isPumping = false;
    if (!this.#isGone) this.#sink.moved();
  }

  #beginReply(list: readonly Effects[]): void {
    let next = (item: Item) => this.#leaveReply(item);
    const reply: EffectStages[] = [];
    for (const effects of list.toReversed()) {
      const stages = new EffectStages(effects, this.#sink, next);
      next = (item) => stages.take(item);
      reply.unshift(stages);
    }
    this.#reply = reply;
    for (const stages of reply) this.#pass({ mark: "start", of: stages });
  }

  #pass(item: Item): void {
    const [first] = this.#reply ?? [];
    if (first) first.take(item);
    else if (this.#reply) this.#leaveReply(item);
    else this.#stand(item);
  }

  #leaveReply(item: Item): void {
    if (item instanceof Uint8Array || item.mark !== "finish") {
      this.#stand(item);
      this.#sink.moved();
      return;
    }
    for (const stages of this.#reply ?? []) stages.stop();
    this.#reply = undefined;
    this.#isFinishing = false;
    this.#pump();
  }

  #stand(item: Item): void {
    const [first] = this.#standing;
    if (first) first.take(item);
    else this.#leave(item);
  }

  #leave(item: Item): void {
    if (this.#isGone) return;
    if (this.#isLeaving && this.#leaving.length === 0 && isMark(item) && item.mark === "cut") {
      // What the sink is at is all that comes before it; the sink itself may have asked for this end.
      this.#sink.cut(item.how);
      return;
    }
    this.#leaving.push(item);
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    for (;;) {
      const next = this.#leaving.shift();
      if (!next) break;
      if (next instanceof Uint8Array) this.#sink.write(next);
      else if (next.mark === "close") this.#sink.close(next.how);
      else if (next.mark === "cut") this.#sink.cut(next.how);
      else if (next.mark === "half-close") this.#sink.halfClose();
    }
    this.#isLeaving = false;
    if (!this.#isGone) this.#sink.moved();
  }
}

/** What each thing that waits weighs besides its octets: otherwise a peer could make any number of empty replies wait. */
const WEIGHT = 64;

function isStuck(stages: EffectStages): boolean {
  return stages.isStuck;
}
