import type { Fields, FieldValue } from "../contract/machine.ts";
import type { Rule } from "./rule.ts";

type Buckets = Map<FieldValue, Rule[]>;
const NONE: readonly Rule[] = [];

/** What an index can look up of a value. */
function itemsOf(value: FieldValue): readonly FieldValue[] {
  return Array.isArray(value) ? value : [value];
}

/**
 * Finds the rules that a request may match, without asking those that it cannot.
 *
 * Theory of operation: a rule that wants exact values of a field stands in the bucket of each such value, of the one field
 * where those buckets are emptiest; all others stand in one list, and are always asked. Lists have the latest rule first. A
 * request looks into one bucket a field.
 */
export class RuleIndex {
  readonly #fields = new Map<string, Buckets>();
  /** The same as a list, which is walked at each request. */
  #homes: readonly { readonly field: string; readonly buckets: Buckets }[] = [];
  #others: Rule[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(rule: Rule): void {
    this.#size += 1;
    const home = this.#homeOf(rule);
    if (!home) {
      this.#others.unshift(rule);
      return;
    }
    const buckets = this.#bucketsOf(home.field);
    for (const value of home.values) {
      const bucket = buckets.get(value);
      if (bucket) bucket.unshift(rule);
      else buckets.set(value, [rule]);
    }
  }

  remove(rule: Rule): void {
    const others = this.#others.indexOf(rule);
    if (others >= 0) {
      this.#others.splice(others, 1);
      this.#size -= 1;
      return;
    }
    let found = false;
    for (const [field, buckets] of this.#fields) {
      const exact = rule.compiled.fields.get(field)?.exact ?? [];
      for (const value of exact) {
        const bucket = buckets.get(value);
        const at = bucket?.indexOf(rule) ?? -1;
        if (!bucket || at < 0) continue;
        found = true;
        bucket.splice(at, 1);
        if (bucket.length === 0) buckets.delete(value);
      }
      if (buckets.size > 0) continue;
      this.#fields.delete(field);
      this.#homes = this.#homes.filter((home) => home.field !== field);
    }
    if (found) this.#size -= 1;
  }

  /** Those that may match, the latest first. */
  candidates(request: Fields): readonly Rule[] {
    let found: readonly Rule[] = this.#others;
    for (const { field, buckets } of this.#homes) {
      const value = request[field];
      if (Array.isArray(value)) for (const item of value) found = together(found, buckets.get(item));
      else found = together(found, buckets.get(value));
    }
    return found;
  }

  /** Those that may match whatever stands in the `varying` fields. */
  *possible(request: Fields, varying: readonly string[]): Generator<Rule> {
    yield* this.#others;
    for (const [field, buckets] of this.#fields) {
      if (varying.includes(field)) for (const bucket of buckets.values()) yield* bucket;
      else for (const item of itemsOf(request[field])) yield* buckets.get(item) ?? NONE;
    }
  }

  #bucketsOf(field: string): Buckets {
    const known = this.#fields.get(field);
    if (known) return known;
    const buckets: Buckets = new Map();
    this.#fields.set(field, buckets);
    this.#homes = [...this.#homes, { field, buckets }];
    return buckets;
  }

  #homeOf({ compiled }: Rule): { readonly field: string; readonly values: readonly FieldValue[] } | undefined {
    let best: { readonly field: string; readonly values: readonly FieldValue[] } | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const [field, { exact }] of compiled.fields) {
      if (!exact) continue;
      const buckets = this.#fields.get(field);
      const neighbours = exact.reduce<number>((sum, value) => sum + (buckets?.get(value)?.length ?? 0), 0);
      if (neighbours > fewest) continue;
      best = { field, values: [...new Set(exact)] };
      fewest = neighbours;
    }
    return best;
  }
}

/** Two lists of rules as one, the latest first and none of them twice. */
function together(found: readonly Rule[], bucket: readonly Rule[] | undefined): readonly Rule[] {
  if (!bucket || bucket === found) return found;
  if (found.length === 0) return bucket;
  return [...new Set([...found, ...bucket])].sort((a, b) => b.order - a.order);
}
