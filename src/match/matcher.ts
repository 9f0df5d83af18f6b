import type { Fields, FieldValue } from "../contract/machine.ts";
import type { FieldSpec } from "../contract/service.ts";
import { fromUtf8, toLatin1, toUtf8 } from "../wire/bytes.ts";
import { nearest } from "../wire/nearest.ts";
import { globPattern, isGlob } from "./glob.ts";
import { isPlainMap, type Place, printValue } from "./place.ts";

/**
 * What may be wanted of one field: the value itself; a text with `*` or `?` in it (src/match/glob.ts); a pattern; a test;
 * one of a list; several fields of a map; or an operator. Of a list in the request any item may match; a test gets all of
 * it, and `not` means that no item does.
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
  if (spec.type !== "map") return leafMatcher(wanted, spec, place);
  if (typeof wanted === "function") return testMatcher(wanted as Test, place);
  if (Array.isArray(wanted)) return anyOf(wanted, spec, place, matcherOf);
  if (isPlainMap(wanted)) return mapMatcher(wanted, spec, place);
  return place.fail(`the field is a map, and ${printValue(wanted)} is none`);
}

function mapMatcher(wanted: { readonly [key: string]: unknown }, spec: FieldSpec, place: Place): Matcher {
  const leaf: FieldSpec = { type: "string", doc: spec.doc };
  const entries = Object.entries(wanted).map(([key, value]) => {
    const name = spec.canonical?.(key) ?? key;
    return [name, leafMatcher(value, leaf, place.at(key))] as const;
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

type Test = (value: FieldValue) => unknown;
type ValueTest = (value: FieldValue) => boolean;

/** What is asked of one value, asked of all items where the value is a list: one of them will do. */
function ofAnyItem(test: ValueTest): ValueTest {
  return (value) => (Array.isArray(value) ? value.some((item) => test(item as FieldValue)) : test(value));
}

function leafMatcher(wanted: unknown, spec: FieldSpec, place: Place): Matcher {
  if (typeof wanted === "function") return testMatcher(wanted as Test, place);
  if (isRegExp(wanted)) return { test: ofAnyItem(patternTest(wanted)) };
  if (wanted instanceof Uint8Array) return { test: ofAnyItem(octetsTest(wanted, spec, place)) };
  if (Array.isArray(wanted)) return anyOf(wanted, spec, place, leafMatcher);
  if (isPlainMap(wanted)) return operatorMatcher(wanted, spec, place);
  if (typeof wanted === "string") return textMatcher(wanted, spec, place);
  if (typeof wanted === "number" || typeof wanted === "boolean") return exactly(wanted, spec, place);
  return place.fail(`expected a value to match, got ${printValue(wanted)}`);
}

function testMatcher(test: Test, place: Place): Matcher {
  if (Object.prototype.toString.call(test) !== "[object Function]")
    place.fail("a test must say true or false at once: it cannot be async, nor a generator");
  if (/^class\b/.test(Function.prototype.toString.call(test))) place.fail("a class is no test: it cannot be called");
  return { test: (value) => Boolean(test(value)) };
}

function anyOf(
  wanted: readonly unknown[],
  spec: FieldSpec,
  place: Place,
  make: (one: unknown, spec: FieldSpec, place: Place) => Matcher,
): Matcher {
  if (wanted.length === 0) place.fail("the list is empty, so nothing could ever match");
  // A hole in the list is an item too.
  const matchers = Array.from(wanted, (one, at) => make(one, spec, place.at(at)));
  const test = (value: FieldValue) => matchers.some((matcher) => matcher.test(value));
  const exact = matchers.flatMap((matcher) => matcher.exact ?? []);
  return matchers.every((matcher) => matcher.exact) ? { test, exact } : { test };
}

function textMatcher(wanted: string, spec: FieldSpec, place: Place): Matcher {
  if (!isGlob(wanted)) return exactly(wanted, spec, place);
  if (spec.type === "number" || spec.type === "boolean")
    place.fail(`the field is a ${spec.type}, and ${printValue(wanted)} is a text`);
  return { test: ofAnyItem(patternTest(globPattern(spec.canonical?.(wanted) ?? wanted))) };
}

function exactly(wanted: string | number | boolean, spec: FieldSpec, place: Place): Matcher {
  const { type } = spec;
  if ((type === "string" || type === "octets") && typeof wanted !== "string")
    place.fail(`the field is ${type === "string" ? "a text" : "octets"}; write ${JSON.stringify(String(wanted))}`);
  if ((type === "number" || type === "boolean") && typeof wanted !== type)
    place.fail(`the field is a ${type}, and ${printValue(wanted)} is none`);
  if (type === "list" && typeof wanted === "boolean") place.fail(`the field is a list of texts; write "${wanted}"`);
  if (typeof wanted === "number" && !Number.isFinite(wanted)) place.fail(`no request has ${wanted} here`);
  if (typeof wanted !== "string") return exactMatcher((value) => value === wanted, wanted, spec);
  const text = spec.canonical?.(wanted) ?? wanted;
  refuseImpossible(text, wanted, spec, place);
  if (type === "octets") {
    refuseHalfCharacters(text, place);
    return { test: ofAnyItem((value) => value !== undefined && textOf(value) === text) };
  }
  return exactMatcher((value) => value === text, text, spec);
}

/** Octets are read as UTF-8, which cannot write half of a surrogate pair. */
function refuseHalfCharacters(text: string, place: Place): void {
  if (toUtf8(fromUtf8(text)) !== text) place.fail("the text has half a character in it, which no octets are");
}

/** In a list it may be any item, of which an index knows nothing. */
function exactMatcher(test: ValueTest, exact: string | number | boolean, { type }: FieldSpec): Matcher {
  return type === "list" ? { test: ofAnyItem(test) } : { test: ofAnyItem(test), exact: [exact] };
}

function refuseImpossible(text: string, wanted: string, { values, others }: FieldSpec, place: Place): void {
  if (!values || values.includes(text) || others?.test(text)) return;
  const rooted = `/${text}`;
  const near = others?.test(rooted) ? rooted : nearest(text, values);
  const hint = near ? `did you mean "${near}"?` : `there are ${values.join(", ")}`;
  place.fail(`no request has ${printValue(wanted)} here; ${hint}`, [`{ regex: ${JSON.stringify(`^${wanted}$`)} }`]);
}

/**
 * Everything that is wanted must hold. What is wanted of a value is wanted of one and the same item of a list; `not` and
 * `present` are about the whole.
 */
function operatorMatcher(wanted: { readonly [key: string]: unknown }, spec: FieldSpec, place: Place): Matcher {
  const map = place.map(wanted, OPERATORS, "operator");
  const wholly: Matcher[] = [];
  const ofItem: ValueTest[] = [];
  const is = map.is === undefined ? undefined : isMatcher(map.is, spec, place.at("is"));
  if (is) ofItem.push((value) => is.test(value));
  if (map.regex !== undefined) ofItem.push(patternTest(regexOf(map, place)));
  else if (map.flags !== undefined) place.at("flags").fail("flags belong to a regex, and there is none");
  if (map.contains !== undefined) ofItem.push(containsTest(map.contains, spec, place.at("contains")));
  if (map.min !== undefined || map.max !== undefined) ofItem.push(rangeTest(map, spec, place));
  if (map.json !== undefined) ofItem.push(jsonTest(map.json, spec, place.at("json")));
  if (map.present !== undefined) wholly.push(presenceMatcher(map.present, place.at("present")));
  if (map.not !== undefined) {
    const inner = leafMatcher(map.not, spec, place.at("not"));
    wholly.push({ test: (value) => !inner.test(value) });
  }
  if (ofItem.length + wholly.length === 0)
    return place.fail(`expected one of ${OPERATORS.join(", ")}, got an empty map`);
  refuseContradiction(map, ofItem, spec, place);
  if (is && ofItem.length === 1 && wholly.length === 0) return is;
  const test = ofAnyItem((value) => ofItem.every((one) => one(value)));
  if (wholly.length === 0) return { test };
  return { test: (value) => wholly.every((one) => one.test(value)) && (ofItem.length === 0 || test(value)) };
}

/** What one operator wants, another forbids. */
function refuseContradiction(
  map: { readonly [key: string]: unknown },
  ofItem: readonly ValueTest[],
  spec: FieldSpec,
  place: Place,
): void {
  if (map.present === false && ofItem.length > 0)
    place.fail("what is absent has no value to match, so nothing could ever match");
  const is = typeof map.is === "string" ? (spec.canonical?.(map.is) ?? map.is) : (map.is as FieldValue);
  if (is !== undefined && !ofItem.slice(1).every((test) => test(is)))
    place.fail("what is wanted besides does not hold for the value of is, so nothing could ever match");
}

function isMatcher(wanted: unknown, spec: FieldSpec, place: Place): Matcher {
  if (wanted instanceof Uint8Array) return { test: ofAnyItem(octetsTest(wanted, spec, place)) };
  if (typeof wanted === "string" || typeof wanted === "number" || typeof wanted === "boolean")
    return exactly(wanted, spec, place);
  return place.fail(`expected a text, a number, true or false, got ${printValue(wanted)}`);
}

function regexOf(map: { readonly [key: string]: unknown }, place: Place): RegExp {
  const { regex, flags = "" } = map;
  if (typeof regex !== "string") return place.at("regex").fail(`expected a text, got ${printValue(regex)}`);
  if (typeof flags !== "string") return place.at("flags").fail(`expected a text, got ${printValue(flags)}`);
  let key = "flags";
  try {
    RegExp("", flags);
    key = "regex";
    return new RegExp(regex, flags);
  } catch (error) {
    return place.at(key).fail((error as Error).message.replace(/^Invalid/, "invalid"));
  }
}

function containsTest(wanted: unknown, { type }: FieldSpec, place: Place): ValueTest {
  if (typeof wanted !== "string") return place.fail(`expected a text, got ${printValue(wanted)}`);
  if (type === "number" || type === "boolean") return place.fail(`the field is a ${type}, which contains nothing`);
  if (type === "octets") refuseHalfCharacters(wanted, place);
  return (value) => value !== undefined && textOf(value).includes(wanted);
}

function rangeTest(map: { readonly [key: string]: unknown }, { type }: FieldSpec, place: Place): ValueTest {
  if (type !== "number") place.fail(`a range is for numbers, and the field is a ${type}`);
  const bound = (key: "min" | "max", otherwise: number): number => {
    const value = map[key];
    if (value === undefined) return otherwise;
    return typeof value === "number" && Number.isFinite(value)
      ? value
      : place.at(key).fail(`expected a number, got ${printValue(value)}`);
  };
  const min = bound("min", Number.NEGATIVE_INFINITY);
  const max = bound("max", Number.POSITIVE_INFINITY);
  if (min > max) place.fail(`min ${min} is above max ${max}, so nothing could ever match`);
  return (value) => typeof value === "number" && value >= min && value <= max;
}

function jsonTest(wanted: unknown, { type }: FieldSpec, place: Place): ValueTest {
  if (type === "number" || type === "boolean") place.fail(`the field is a ${type}, which is no JSON text`);
  refuseOtherThanJson(wanted, place);
  return (value) => value !== undefined && includesJson(parsed(textOf(value)), wanted);
}

function presenceMatcher(wanted: unknown, place: Place): Matcher {
  if (typeof wanted !== "boolean") return place.fail(`expected true or false, got ${printValue(wanted)}`);
  return { test: (value) => (value !== undefined) === wanted };
}

/** A copy: where the user's own stands after a match is nobody's business here. */
function patternTest(wanted: RegExp): ValueTest {
  const pattern = new RegExp(wanted.source, wanted.flags);
  return (value) => {
    if (value === undefined) return false;
    pattern.lastIndex = 0;
    return pattern.test(textOf(value));
  };
}

function octetsTest(wanted: Uint8Array, { type }: FieldSpec, place: Place): ValueTest {
  if (type !== "octets" && type !== "list")
    place.fail(`the field is a ${type === "string" ? "text" : type}, and octets are none`);
  const text = toLatin1(wanted);
  return (value) => value instanceof Uint8Array && toLatin1(value) === text;
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

/** What no JSON text can have in it, nothing could ever match. */
function refuseOtherThanJson(wanted: unknown, place: Place): void {
  if (wanted === null || typeof wanted === "string" || typeof wanted === "boolean") return;
  if (typeof wanted === "number" && Number.isFinite(wanted)) return;
  if (Array.isArray(wanted)) {
    for (const [at, item] of wanted.entries()) refuseOtherThanJson(item, place.at(at));
  } else if (isPlainMap(wanted)) {
    for (const [key, item] of Object.entries(wanted)) refuseOtherThanJson(item, place.at(key));
  } else place.fail(`expected a value of JSON, got ${printValue(wanted)}`);
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

function isRegExp(value: unknown): value is RegExp {
  return Object.prototype.toString.call(value) === "[object RegExp]";
}
