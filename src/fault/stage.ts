import type { Clock } from "../contract/clock.ts";
import type { CloseHow } from "../contract/machine.ts";

/** What stands between octets on their way, and keeps its place there. */
export type Mark =
  /** A reply is over. */
  | { readonly mark: "finish" }
  /** The connection is to end, because its owner (machine or client) wants it. */
  | { readonly mark: "close"; readonly how: CloseHow }
  /** The connection is to end, because a fault wants it. */
  | { readonly mark: "cut"; readonly how: "end" | "reset" }
  | { readonly mark: "half-close" }
  /** Effects that come into force here, behind what is on its way already. */
  | { readonly mark: "start"; readonly of: object };

export type Item = Uint8Array | Mark;

/** Whatever gets what a stage lets through. */
export interface Next {
  /** From here on it works; what came before was none of its business. */
  begin(): void;
  take(item: Item): void;
}

/** One effect on one direction of one stream. */
export interface Stage extends Next {
  /** How many octets wait in it. */
  readonly held: number;
  /** Nothing will leave it by itself, however long one waits. */
  readonly isStuck: boolean;
  /** Passes on everything it holds, in order, and lets everything through from now on. Called once. */
  release(): void;
  /** The stream is gone. */
  stop(): void;
}

export interface StageParts {
  readonly next: Next;
  readonly clock: Clock;
  /** A number in [0, 1). */
  random(): number;
  /** It has done what cannot be undone, behind so many octets. */
  struck(effect: string, after: number): void;
}

export function isMark(item: Item): item is Mark {
  return !(item instanceof Uint8Array);
}

/** A stage that holds nothing back: it changes, swallows or adds. */
export abstract class Passing implements Stage {
  readonly isStuck = false;
  protected readonly parts: StageParts;
  protected isReleased = false;

  constructor(parts: StageParts) {
    this.parts = parts;
  }

  get held(): number {
    return 0;
  }

  begin(): void {
    this.parts.next.begin();
    if (!this.isReleased) this.begun();
  }

  take(item: Item): void {
    const { next } = this.parts;
    if (this.isReleased) next.take(item);
    else if (isMark(item)) this.mark(item);
    else this.octets(item);
  }

  release(): void {
    this.isReleased = true;
  }

  stop(): void {
    // Nothing runs.
  }

  /** It works from here on, as the stages behind it do. */
  protected begun(): void {
    // Octets may follow.
  }

  protected abstract octets(bytes: Uint8Array): void;

  protected mark(mark: Mark): void {
    this.parts.next.take(mark);
  }
}
