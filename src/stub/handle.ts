import type { Fields } from "../contract/machine.ts";
import { PortwrightError } from "../errors.ts";
import { type Duration, patienceMs } from "../match/patience.ts";
import type { Rule } from "./rule.ts";
import type { Consequence } from "./rule-input.ts";
import type { RuleSet } from "./rule-set.ts";

/** A rule that a test made: what it has seen, and the way to change it or take it back. */
export class RuleHandle<Reply = unknown> implements Disposable {
  readonly #rule: Rule;
  readonly #set: RuleSet;

  constructor(rule: Rule, set: RuleSet) {
    this.#rule = rule;
    this.#set = set;
  }

  /** What it is called in errors and in the journal. */
  get name(): string {
    return this.#rule.label;
  }

  /** How many requests it has answered. */
  get count(): number {
    return this.#rule.count;
  }

  /** Those requests, oldest first; the last 1,000. */
  get seen(): readonly Fields[] {
    return this.#rule.seen;
  }

  /** It may still answer something: not removed, and neither its `times` nor its `for` are over. */
  get active(): boolean {
    return this.#rule.isActive;
  }

  /** How many replies it holds now. */
  get holding(): number {
    return this.#rule.gate.waiting;
  }

  /** Lets held replies go: so many, the oldest first, or all of them and those to come. */
  release(count = Number.POSITIVE_INFINITY): void {
    this.#rule.gate.release(count);
  }

  /** Another reply or fault from now on; standing faults change in running sessions too. Throws `RULE_INVALID`. */
  change(consequence: Consequence<Reply>): void {
    this.#set.change(this.#rule, consequence);
  }

  /**
   * Resolves once it has answered so many requests (1 unless said otherwise), with the last of them: `called(3)`. Rejects
   * with `WAIT_TIMEOUT` after `timeout` milliseconds, 5,000 unless said otherwise.
   */
  async called(
    wanted: number | { readonly count?: number; readonly timeout?: Duration; readonly signal?: AbortSignal } = {},
  ): Promise<Fields> {
    const options = typeof wanted === "number" ? { count: wanted } : wanted;
    const { count = 1, signal } = options;
    const timeout = patienceMs(options.timeout);
    const rule = this.#rule;
    signal?.throwIfAborted();
    while (rule.count < count) await this.#use(count, timeout, signal);
    return rule.seen.at(-1) ?? {};
  }

  /** Takes it out of force; what it holds is let go. Twice is the same as once. */
  remove(): void {
    this.#set.remove(this.#rule);
  }

  [Symbol.dispose](): void {
    this.remove();
  }

  #use(count: number, timeout: number, signal: AbortSignal | undefined): Promise<void> {
    const { label } = this.#rule;
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        clearTimeout(timer);
        forget();
        signal?.removeEventListener("abort", aborted);
        outcome();
      };
      const told = () => this.#rule.count >= count && settle(resolve);
      const aborted = () => settle(() => reject(signal?.reason));
      const late = () => {
        const problem = `it answered ${this.#rule.count} of ${count} requests; ${timeout} ms have passed`;
        settle(() => reject(new PortwrightError("WAIT_TIMEOUT", problem, { place: label })));
      };
      const timer = Number.isFinite(timeout) ? setTimeout(late, timeout) : undefined;
      const forget = this.#rule.onUse(told);
      signal?.addEventListener("abort", aborted);
    });
  }
}
