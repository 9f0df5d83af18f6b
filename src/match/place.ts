import { type ErrorCode, PortwrightError } from "../errors.ts";
import { type Locate, printPath } from "../issues.ts";
import { durationMs } from "../wire/duration.ts";
import { nearest } from "../wire/nearest.ts";

/** Where something stands that a user wrote, for the errors about it. */
export class Place {
  readonly #code: ErrorCode;
  readonly path: readonly PropertyKey[];
  readonly #locate: Locate | undefined;

  constructor(code: ErrorCode, path: readonly PropertyKey[], locate?: Locate) {
    this.#code = code;
    this.path = path;
    this.#locate = locate;
  }

  at(...keys: readonly PropertyKey[]): Place {
    return new Place(this.#code, [...this.path, ...keys], this.#locate);
  }

  fail(problem: string, remedies: readonly string[] = [], cause?: unknown): never {
    const line = this.#locate?.(this.path);
    const message = line ? `${problem} (${line})` : problem;
    throw new PortwrightError(this.#code, message, { place: printPath(this.path), remedies, cause });
  }

  /** The value as a map that has no other keys than these. */
  map(value: unknown, known: readonly string[], what = "key"): { readonly [key: string]: unknown } {
    const map = this.anyMap(value);
    for (const key of Reflect.ownKeys(map)) {
      if (typeof key === "symbol") this.at(key).fail(`unknown ${what}; known are ${known.join(", ")}`);
      else if (!known.includes(key)) this.at(key).fail(`unknown ${what}${this.#hint(key, known)}`);
    }
    return map;
  }

  /** The same, where something else than a map would do too: `expected` says what. */
  mapOr(value: unknown, known: readonly string[], expected: string): { readonly [key: string]: unknown } {
    if (!isPlainMap(value)) this.fail(`expected ${expected}, got ${printValue(value)}`);
    return this.map(value, known);
  }

  /** What `get` returns. It may be the user's own code that throws. */
  read<Value>(get: () => Value): Value {
    try {
      return get();
    } catch (error) {
      if (error instanceof PortwrightError) throw error;
      const problem = error instanceof RangeError ? "it contains itself, or is nested too deeply" : "it cannot be read";
      return this.fail(`${problem}: ${error instanceof Error ? error.message : String(error)}`, [], error);
    }
  }

  /** One of these words. */
  word(value: unknown, known: readonly string[], what: string): string {
    if (typeof value !== "string") this.fail(`expected one of ${known.join(", ")}, got ${printValue(value)}`);
    const word = value as string;
    if (!known.includes(word)) this.fail(`unknown ${what} ${printValue(word)}${this.#hint(word, known)}`);
    return word;
  }

  #hint(word: string, known: readonly string[]): string {
    const near = nearest(word, known);
    return near ? `, did you mean "${near}"?` : `; known are ${known.join(", ")}`;
  }

  anyMap(value: unknown): { readonly [key: string]: unknown } {
    if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array)
      this.fail(`expected a map, got ${printValue(value)}`);
    if (!isPlainMap(value)) this.fail(`expected a plain map, got ${printValue(value)}`);
    return value as { readonly [key: string]: unknown };
  }

  /** A whole number within bounds. */
  whole(value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): number {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
      this.fail(`expected a whole number ${range}, got ${printValue(value)}`);
    }
    return value as number;
  }

  /** Milliseconds, as a number or with a unit: `50ms`, `2s`, `10m`, `1h`. */
  duration(value: unknown): number {
    const ms = durationMs(value);
    if (ms === undefined)
      this.fail(
        `expected up to 24 days, as milliseconds or a text such as "50ms", "2s" or "10m", got ${printValue(value)}`,
      );
    return ms;
  }
}

/** A map as one writes it, and nothing's instance; it may come from elsewhere, with an `Object` of its own. */
export function isPlainMap(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const SHOWN_CHARACTERS = 60;

/** A value as an error message shows it. */
export function printValue(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof RegExp) return String(value);
  if (value instanceof Uint8Array) return "octets";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return isPlainMap(value) ? "a map" : `an instance of ${nameOf(value)}`;
  if (typeof value === "function") return "a function";
  if (value === undefined) return "nothing";
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}...` : value);
}

function nameOf(value: object): string {
  const made: unknown = value.constructor;
  return typeof made === "function" && made.name !== "" ? made.name : "a class";
}
