import type { Clock } from "../contract/clock.ts";
import type { Effects } from "../contract/fault.ts";
import type { Endpoint } from "../contract/machine.ts";
import type { ImpairedDatagram } from "./impair-datagram.ts";

export type Source = NonNullable<Effects["source"]>;

export interface DatagramFlowParts {
  readonly clock: Clock;
  /** A number in [0, 1). */
  random(): number;
  send(bytes: Uint8Array, peer: Endpoint, source?: Source): void;
}

/** What may wait; what comes when it is as much is lost, as in any full queue: nothing leaves before its time. */
const MOST_DATAGRAMS = 1024;
const MOST_OCTETS = 4 * 1024 * 1024;
const SECOND_MS = 1000;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly peer: Endpoint;
  readonly effects: readonly Effects[];
  /** Stops whatever it waits for. */
  forget: () => void;
}

interface Reordered {
  readonly datagram: Waiting;
  readonly effects: Effects;
  /** So many others leave first. */
  behind: number;
}

/**
 * What leaves a UDP port, when it is not just sent.
 *
 * Each datagram waits for itself, so that those with jitter overtake each other as on a network; one that is reordered
 * waits for others of the same port, whoever they are for, and while it waits no other is held back by the same effect.
 */
export class DatagramFlow {
  readonly #parts: DatagramFlowParts;
  readonly #waiting = new Set<Waiting>();
  #octets = 0;
  #reordered: Reordered[] = [];
  /** Until then the line of a bandwidth is busy. */
  readonly #busyUntil = new WeakMap<Effects, number>();

  constructor(parts: DatagramFlowParts) {
    this.#parts = parts;
  }

  /** How many datagrams wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  answer({ bytes, effects }: ImpairedDatagram, peer: Endpoint): void {
    if (!bytes || (this.#isFull(bytes) && effects.some(isWait))) return;
    const datagram: Waiting = { bytes, peer: { ...peer }, effects, forget: () => undefined };
    this.#waiting.add(datagram);
    this.#octets += bytes.length;
    this.#late(datagram, this.#lateness(datagram));
  }

  /** A datagram without faults has left: those that are to come after it may follow. */
  passed(): void {
    if (this.#reordered.length > 0) this.#overtaken();
  }

  /** Nothing leaves any more. */
  close(): void {
    for (const datagram of this.#waiting) datagram.forget();
    this.#waiting.clear();
    this.#reordered = [];
    this.#octets = 0;
  }

  #isFull({ length }: Uint8Array): boolean {
    return this.#waiting.size >= MOST_DATAGRAMS || this.#octets + length > MOST_OCTETS;
  }

  #lateness({ effects, bytes }: Waiting): number {
    const { clock, random } = this.#parts;
    const now = clock.now();
    let ms = 0;
    for (const effect of effects) {
      const { bandwidth, delayMs = 0, latency } = effect;
      if (bandwidth !== undefined) {
        const free = Math.max(now + ms, this.#busyUntil.get(effect) ?? 0) + (bytes.length / bandwidth) * SECOND_MS;
        this.#busyUntil.set(effect, free);
        ms = free - now;
      }
      ms += delayMs;
      if (latency) ms += Math.max(0, latency.ms + (2 * random() - 1) * latency.jitterMs);
    }
    return Math.round(ms);
  }

  #late(datagram: Waiting, ms: number): void {
    const holds = datagram.effects.flatMap(({ hold }) => (hold ? [hold] : []));
    const hold = (): void => {
      const gate = holds.shift();
      if (!gate) {
        this.#reorder(datagram);
        return;
      }
      let isOpen = false;
      const forget = gate.wait(() => {
        if (isOpen) return;
        isOpen = true;
        hold();
      });
      if (!isOpen) datagram.forget = forget;
    };
    if (ms <= 0) {
      hold();
      return;
    }
    const timer = this.#parts.clock.timer(ms, hold);
    datagram.forget = () => timer.stop();
  }

  #reorder(datagram: Waiting): void {
    datagram.forget = () => undefined;
    const effects = datagram.effects.find(({ reorder }) => reorder !== undefined);
    const isFree = effects && !this.#reordered.some((other) => other.effects === effects);
    if (isFree && effects.reorder) this.#reordered.push({ datagram, effects, behind: effects.reorder });
    else this.#leave(datagram);
  }

  #leave(datagram: Waiting): void {
    this.#waiting.delete(datagram);
    this.#octets -= datagram.bytes.length;
    this.#reordered = this.#reordered.filter((other) => other.datagram !== datagram);
    let copies = 1;
    let source: Source | undefined;
    for (const effect of datagram.effects) {
      copies += effect.duplicate ?? 0;
      source = effect.source ?? source;
    }
    for (; copies > 0; copies -= 1) this.#parts.send(datagram.bytes, datagram.peer, source);
    this.#overtaken();
  }

  #overtaken(): void {
    const due: Waiting[] = [];
    for (const reordered of this.#reordered) {
      reordered.behind -= 1;
      if (reordered.behind <= 0) due.push(reordered.datagram);
    }
    for (const datagram of due) if (this.#waiting.has(datagram)) this.#leave(datagram);
  }
}

function isWait({ hold, delayMs, latency, bandwidth, reorder }: Effects): boolean {
  return [hold, delayMs, latency, bandwidth, reorder].some((effect) => effect !== undefined);
}
