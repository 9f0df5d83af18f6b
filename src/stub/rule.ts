import type { Clock } from "../contract/clock.ts";
import type { Fault } from "../contract/fault.ts";
import type { Endpoint, Fields } from "../contract/machine.ts";
import type { Transport } from "../contract/service.ts";
import type { Matcher } from "../match/matcher.ts";
import type { Compiled } from "./compile.ts";
import { isRefusal, type Step } from "./consequence.ts";
import type { TestGate } from "./gate.ts";

/** What is kept of the requests that a rule answered: so many, and so many octets of bodies. */
const KEPT_REQUESTS = 1000;
const KEPT_OCTETS = 16 * 1024 * 1024;

const NO_NAMES: readonly string[] = [];

/** Who asks. */
export interface Asker {
  readonly transport: Transport | "enclosed";
  readonly peer: Endpoint;
}

/** Standing faults of one session, which its rule may change or take back. */
export interface Impairment {
  change(faults: readonly Fault[]): void;
  remove(): void;
}

/** A rule in force: what it wants, and how often it had it. */
export class Rule {
  readonly compiled: Compiled;
  /** What it is called in errors and in the journal: its name, or its place. */
  readonly label: string;
  /** Rules made later are asked first. */
  readonly order: number;
  readonly gate: TestGate;
  /** A ring, once it is full. */
  #seen: Fields[] = [];
  #oldest = 0;
  count = 0;
  #matches = 0;
  #octets = 0;
  readonly #clock: Clock;
  readonly #until: number | undefined;
  readonly #random: () => number;
  /** Which requests it is about at all, where it belongs to a scope. */
  readonly #within: ((request: Fields) => boolean) | undefined;
  readonly #bodies: readonly string[];
  /** The fields as a list, which is walked at each request. */
  readonly #wanted: readonly (readonly [name: string, matcher: Matcher])[];
  #steps: readonly Step[];
  /** Made when it is needed, as there may be ten thousand rules. */
  #impairments: Set<Impairment> | undefined;
  isRemoved = false;
  #wasAttached = false;
  /** What a test of its own `when` threw, the first time: it counts as no match. */
  failure: string | undefined;
  #used: Set<() => void> | undefined;

  constructor(parts: {
    readonly compiled: Compiled;
    readonly label: string;
    readonly order: number;
    readonly gate: TestGate;
    readonly clock: Clock;
    readonly random: () => number;
    readonly within: ((request: Fields) => boolean) | undefined;
    /** The fields of requests that are octets. */
    readonly bodies: readonly string[];
  }) {
    const { compiled, clock } = parts;
    this.compiled = compiled;
    this.label = parts.label;
    this.order = parts.order;
    this.gate = parts.gate;
    this.#clock = clock;
    this.#random = parts.random;
    this.#within = parts.within;
    this.#bodies = parts.bodies;
    this.#wanted = [...compiled.fields];
    this.#steps = compiled.steps;
    this.#until = compiled.forMs === undefined ? undefined : clock.now() + compiled.forMs;
  }

  /** What comes of its matches. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** It may still answer something. */
  get isActive(): boolean {
    if (this.isRemoved || this.count >= this.compiled.times) return false;
    return this.#until === undefined || this.#clock.now() < this.#until;
  }

  /** How long it is still in force, if that has an end. */
  get restMs(): number | undefined {
    return this.#until === undefined ? undefined : this.#until - this.#clock.now();
  }

  /** Something came of it: it answered, impairs what was open already, or closes a port, where nobody can be counted. */
  get isUsed(): boolean {
    return this.count > 0 || this.#wasAttached || this.#steps.some(isRefusal);
  }

  /** What it says of the request's fields and of who asks holds, but for the `varying` fields. */
  couldMatch(request: Fields, varying: readonly string[]): boolean {
    return this.#areFields(request, varying);
  }

  /** It says something of one of these fields. */
  concerns(names: readonly string[]): boolean {
    return names.some((name) => this.compiled.fields.has(name));
  }

  /** It is about whoever asks. */
  isFor({ transport, peer }: Asker): boolean {
    const { transport: only, peers } = this.compiled;
    if (only !== undefined && only !== transport) return false;
    return !peers || peers.allows(peer.address);
  }

  isMatch(request: Fields, asker: Asker): boolean {
    return this.isFor(asker) && this.#areFields(request, NO_NAMES) && (this.#within?.(request) ?? true);
  }

  /** Counts a match; what comes of it, if this is one of those that the rule answers. */
  take(request: Fields): Step | undefined {
    const { nth, every, chance, repeat } = this.compiled;
    this.#matches += 1;
    if (nth && !nth(this.#matches)) return undefined;
    if (this.#matches % every !== 0) return undefined;
    if (chance < 1 && this.#random() >= chance) return undefined;
    const steps = this.#steps;
    const step = steps[repeat ? this.count % steps.length : Math.min(this.count, steps.length - 1)];
    this.count += 1;
    this.#keep(request);
    if (this.#used) for (const tell of this.#used) tell();
    return step;
  }

  #areFields(request: Fields, varying: readonly string[]): boolean {
    for (const [name, matcher] of this.#wanted) {
      if (varying.length > 0 && varying.includes(name)) continue;
      try {
        if (!matcher.test(request[name])) return false;
      } catch (error) {
        // A test that users wrote: a session must not die of it.
        this.failure ??= `its test of ${name} threw ${String(error)}`;
        return false;
      }
    }
    return true;
  }

  /** The requests that it answered, oldest first, as far as they are kept. */
  get seen(): readonly Fields[] {
    return [...this.#seen.slice(this.#oldest), ...this.#seen.slice(0, this.#oldest)];
  }

  /** Calls `tell` at each use from now on; returns how to stop it. */
  onUse(tell: () => void): () => void {
    this.#used ??= new Set();
    this.#used.add(tell);
    return () => this.#used?.delete(tell);
  }

  #keep(request: Fields): void {
    const octets = this.#octetsIn(request);
    this.#octets += octets;
    if (this.#seen.length === KEPT_REQUESTS) {
      this.#octets -= this.#octetsIn(this.#seen[this.#oldest] ?? {});
      this.#seen[this.#oldest] = request;
      this.#oldest = (this.#oldest + 1) % KEPT_REQUESTS;
    } else this.#seen.push(request);
    if (this.#octets <= KEPT_OCTETS) return;
    // Large bodies: as many of the latest as there is room for.
    const kept = this.seen.slice();
    while (this.#octets > KEPT_OCTETS && kept.length > 1) this.#octets -= this.#octetsIn(kept.shift() ?? {});
    this.#seen = kept;
    this.#oldest = 0;
  }

  #octetsIn(request: Fields): number {
    let octets = 0;
    for (const name of this.#bodies) {
      const body = request[name];
      if (body instanceof Uint8Array) octets += body.length;
    }
    return octets;
  }

  /** Another consequence from now on, for sessions with its standing faults too. */
  change(steps: readonly Step[]): void {
    this.#steps = steps;
    const faults = steps[0]?.faults ?? [];
    for (const impairment of this.#impairments ?? []) impairment.change(faults);
  }

  /** Keeps hold of what it did to a session; returns how to let it go when the session is over. */
  attach(impairment: Impairment): () => void {
    this.#wasAttached = true;
    if (this.isRemoved) {
      impairment.remove();
      return () => undefined;
    }
    this.#impairments ??= new Set();
    this.#impairments.add(impairment);
    return () => this.#impairments?.delete(impairment);
  }

  remove(): void {
    this.isRemoved = true;
    for (const impairment of this.#impairments ?? []) impairment.remove();
    this.#impairments = undefined;
    this.gate.release(Number.POSITIVE_INFINITY);
  }
}
