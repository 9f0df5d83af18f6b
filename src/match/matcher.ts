import type { Fields, FieldValue } from "../contract/machine.ts";
import type { FieldSpec } from "../contract/service.ts";
import { toLatin1, toUtf8 } from "../wire/bytes.ts";
import { nearest } from "../wire/nearest.ts";
import { globPattern, isGlob } from "./glob.ts";
import { type Place, printValue } from "./place.ts";

/**
 * What may be wanted of one field: the value itself; a text with `*` or `?` in it (src/match/glob.ts); a pattern; a test;
 * one of a list; several fields of a map; or an operator. Of a list in the request, any item may match.
 */
export type Wanted =
  | string
  | number
  | boolean
  | Uint8Array
  | RegExp
  | ((value: FieldValue) => boolean)
  | readonly Wanted[]
  | Operator
  | { readonly [key: string]: Wanted };

/** The ways to say what a value must be like; all that are given must hold. */
export interface Operator {
  /** Exactly this, whatever `*` and `?` stand in it. */
  readonly is?: string | number | boolean | Uint8Array;
  readonly not?: Wanted;
  readonly regex?: string;
  /** Of `regex`: `i`, `s`, `u` ... */
  readonly flags?: string;
  /** Occurs in the text. */
  readonly contains?: string;
  readonly min?: number;
  readonly max?: number;
  /** The request has the field, or has it not. */
  readonly present?: boolean;
  /** The text is JSON that has at least this in it. */
  readonly json?: unknown;
}

export const OPERATORS = ["is", "not", "regex", "flags", "contains", "min", "max", "present", "json"] as const;

/** A wanted value, ready to be asked. */
export interface Matcher {
  test(value: FieldValue): boolean;
  /** If only these values match, and nothing else: for finding a rule without asking it. */
  readonly exact?: readonly (string | number | boolean)[];
}

/** Makes a matcher for a field, or fails at the place with what is wrong. */
export function matcherOf(wanted: unknown, spec: FieldSpec, place: Place): Matcher {
  if (spec.type === "map" && isPlainMap(wanted)) return mapMatcher(wanted, spec, place);
  return anyItem(leafMatcher(wanted, spec, place), spec);
}

function mapMatcher(wanted: { readonly [key: string]: unknown }, spec: FieldSpec, place: Place): Matcher {
  const leaf: FieldSpec = { type: "string", doc: spec.doc };
  const entries = Object.entries(wanted).map(([key, value]) => {
    const name = spec.canonical?.(key) ?? key;
    return [name, anyItem(leafMatcher(value, leaf, place.at(key)), leaf)] as const;
  });
  return {
    test: (value) => {
      const map = isFields(value) ? value : {};
      for (const [key, matcher] of entries)
        if (!matcher.test(Object.hasOwn(map, key) ? map[key] : undefined)) return false;
      return true;
    },
  };
}

/** Of a list, any item; the whole list where that is what is asked about. */
function anyItem(matcher: Matcher, { type }: FieldSpec): Matcher {
  const test = (value: FieldValue) =>
    Array.isArray(value) ? value.some((item) => matcher.test(item as FieldValue)) : matcher.test(value);
  return matcher.exact && type !== "list" ? { test, exact: matcher.exact } : { test };
}

function leafMatcher(wanted: unknown, spec: FieldSpec, place: Place): Matcher {
  if (typeof wanted === "function")
    return { test: (value) => Boolean((wanted as (value: FieldValue) => unknown)(value)) };
  if (wanted instanceof RegExp) return patternMatcher(wanted);
  if (wanted instanceof Uint8Array) return octetsMatcher(wanted);
  if (Array.isArray(wanted)) return anyOf(wanted, spec, place);
  if (isPlainMap(wanted)) return operatorMatcher(wanted, spec, place);
  if (typeof wanted === "string") return textMatcher(wanted, spec, place);
  if (typeof wanted === "number" || typeof wanted === "boolean") return exactly(wanted, spec, place);
  return place.fail(`expected a value to match, got ${printValue(wanted)}`);
}

function anyOf(wanted: readonly unknown[], spec: FieldSpec, place: Place): Matcher {
  if (wanted.length === 0) place.fail("the list is empty, so nothing could ever match");
  const matchers = wanted.map((one, at) => leafMatcher(one, spec, place.at(at)));
  const test = (value: FieldValue) => matchers.some((matcher) => matcher.test(value));
  const exact = matchers.flatMap((matcher) => matcher.exact ?? []);
  return matchers.every((matcher) => matcher.exact) ? { test, exact } : { test };
}

function textMatcher(wanted: string, spec: FieldSpec, place: Place): Matcher {
  if (!isGlob(wanted)) return exactly(wanted, spec, place);
  if (spec.type === "number" || spec.type === "boolean")
    place.fail(`the field is a ${spec.type}, and ${printValue(wanted)} is a text`);
  return patternMatcher(globPattern(spec.type === "map" ? wanted : (spec.canonical?.(wanted) ?? wanted)));
}

function exactly(wanted: string | number | boolean, spec: FieldSpec, place: Place): Matcher {
  const texts = spec.type === "string" || spec.type === "octets" || spec.type === "map";
  if (texts && typeof wanted !== "string") {
    if (spec.type !== "string") place.fail(`expected a text or a pattern, got ${printValue(wanted)}`);
    place.fail(`the field is a text; write ${JSON.stringify(String(wanted))}`);
  }
  if ((spec.type === "number" || spec.type === "boolean") && typeof wanted !== spec.type) {
    place.fail(`the field is a ${spec.type}, and ${printValue(wanted)} is none`);
  }
  if (typeof wanted !== "string") return { test: (value) => value === wanted, exact: [wanted] };
  const text = spec.canonical?.(wanted) ?? wanted;
  refuseImpossible(text, wanted, spec, place);
  if (spec.type === "octets") return { test: (value) => textOf(value) === text };
  return { test: (value) => value === text, exact: [text] };
}

function refuseImpossible(text: string, wanted: string, { values }: FieldSpec, place: Place): void {
  if (!values || values.includes(text)) return;
  const near = nearest(text, values);
  const hint = near ? `did you mean "${near}"?` : `there are ${values.join(", ")}`;
  place.fail(`no request has ${printValue(wanted)} here; ${hint}`, [`{ regex: ${JSON.stringify(`^${wanted}$`)} }`]);
}

function operatorMatcher(wanted: { readonly [key: string]: unknown }, spec: FieldSpec, place: Place): Matcher {
  const map = place.map(wanted, OPERATORS, "operator");
  const tests: Matcher[] = [];
  if (map.is !== undefined) tests.push(isMatcher(map.is, spec, place.at("is")));
  if (map.regex !== undefined) tests.push(patternMatcher(regexOf(map, place)));
  else if (map.flags !== undefined) place.at("flags").fail("flags belong to a regex, and there is none");
  if (map.contains !== undefined) tests.push(containsMatcher(map.contains, spec, place.at("contains")));
  if (map.min !== undefined || map.max !== undefined) tests.push(rangeMatcher(map, spec, place));
  if (map.json !== undefined) tests.push({ test: (value) => includesJson(parsed(textOf(value)), map.json) });
  if (map.present !== undefined) tests.push(presenceMatcher(map.present, place.at("present")));
  if (map.not !== undefined) {
    const inner = leafMatcher(map.not, spec, place.at("not"));
    tests.push({ test: (value) => !inner.test(value) });
  }
  const [only] = tests;
  if (!only) return place.fail(`expected one of ${OPERATORS.join(", ")}, got an empty map`);
  return tests.length === 1 ? only : { test: (value) => tests.every((matcher) => matcher.test(value)) };
}

function isMatcher(wanted: unknown, spec: FieldSpec, place: Place): Matcher {
  if (wanted instanceof Uint8Array) return octetsMatcher(wanted);
  if (typeof wanted === "string" || typeof wanted === "number" || typeof wanted === "boolean")
    return exactly(wanted, spec, place);
  return place.fail(`expected a text, a number, true or false, got ${printValue(wanted)}`);
}

function regexOf(map: { readonly [key: string]: unknown }, place: Place): RegExp {
  const { regex, flags = "" } = map;
  if (typeof regex !== "string") return place.at("regex").fail(`expected a text, got ${printValue(regex)}`);
  if (typeof flags !== "string") return place.at("flags").fail(`expected a text, got ${printValue(flags)}`);
  try {
    return new RegExp(regex, flags);
  } catch (error) {
    return place.at("regex").fail((error as Error).message.replace(/^Invalid/, "invalid"));
  }
}

function containsMatcher(wanted: unknown, { type }: FieldSpec, place: Place): Matcher {
  if (typeof wanted !== "string") return place.fail(`expected a text, got ${printValue(wanted)}`);
  if (type === "number" || type === "boolean") return place.fail(`the field is a ${type}, which contains nothing`);
  return { test: (value) => value !== undefined && textOf(value).includes(wanted) };
}

function rangeMatcher(map: { readonly [key: string]: unknown }, { type }: FieldSpec, place: Place): Matcher {
  if (type !== "number") place.fail(`a range is for numbers, and the field is a ${type}`);
  const bound = (key: "min" | "max", otherwise: number): number => {
    const value = map[key];
    if (value === undefined) return otherwise;
    return typeof value === "number" && !Number.isNaN(value)
      ? value
      : place.at(key).fail(`expected a number, got ${printValue(value)}`);
  };
  const min = bound("min", Number.NEGATIVE_INFINITY);
  const max = bound("max", Number.POSITIVE_INFINITY);
  if (min > max) place.fail(`min ${min} is above max ${max}, so nothing could ever match`);
  return { test: (value) => typeof value === "number" && value >= min && value <= max };
}

function presenceMatcher(wanted: unknown, place: Place): Matcher {
  if (typeof wanted !== "boolean") return place.fail(`expected true or false, got ${printValue(wanted)}`);
  return { test: (value) => (value !== undefined) === wanted };
}

function patternMatcher(pattern: RegExp): Matcher {
  return {
    test: (value) => {
      if (value === undefined) return false;
      pattern.lastIndex = 0;
      return pattern.test(textOf(value));
    },
  };
}

function octetsMatcher(wanted: Uint8Array): Matcher {
  const text = toLatin1(wanted);
  return { test: (value) => value instanceof Uint8Array && toLatin1(value) === text };
}

/** A value as text; octets as UTF-8. */
export function textOf(value: FieldValue): string {
  if (value instanceof Uint8Array) return toUtf8(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value ?? "");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // what is no JSON includes nothing
  }
}

/** Maps may have more keys than wanted; lists must have the same items. */
function includesJson(value: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(value) &&
      value.length === wanted.length &&
      wanted.every((item, at) => includesJson(value[at], item))
    );
  }
  if (typeof wanted !== "object" || wanted === null) return value === wanted;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(wanted).every(
    ([key, item]) => Object.hasOwn(value, key) && includesJson((value as { [key: string]: unknown })[key], item),
  );
}

/** A service's own maps may have any prototype. */
function isFields(value: FieldValue): value is Fields {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function isPlainMap(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
