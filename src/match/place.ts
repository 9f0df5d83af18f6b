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

  fail(problem: string, remedies: readonly string[] = []): never {
    const line = this.#locate?.(this.path);
    const message = line ? `${problem} (${line})` : problem;
    throw new PortwrightError(this.#code, message, { place: printPath(this.path), remedies });
  }

  /** The value as a map that has no other keys than these. */
  map(value: unknown, known: readonly string[], what = "key"): { readonly [key: string]: unknown } {
    const map = this.anyMap(value);
    for (const key of Object.keys(map)) {
      if (known.includes(key)) continue;
      const near = nearest(key, known);
      this.at(key).fail(
        near ? `unknown ${what}, did you mean "${near}"?` : `unknown ${what}; known are ${known.join(", ")}`,
      );
    }
    return map;
  }

  anyMap(value: unknown): { readonly [key: string]: unknown } {
    if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array)
      this.fail(`expected a map, got ${printValue(value)}`);
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype)
      this.fail(`expected a plain map, got ${printValue(value)}`);
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
      this.fail(`expected milliseconds or a text such as "50ms", "2s" or "10m", got ${printValue(value)}`);
    return ms;
  }
}

const SHOWN_CHARACTERS = 60;

/** A value as an error message shows it. */
export function printValue(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof RegExp) return String(value);
  if (value instanceof Uint8Array) return "octets";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "function") return "a function";
  if (value === undefined) return "nothing";
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}...` : value);
}
