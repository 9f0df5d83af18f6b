import type { FieldValue } from "../contract/machine.ts";
import type { FieldSpec, FieldTable } from "../contract/service.ts";
import { type Wanted as Given, type Matcher, matcherOf, OPERATORS } from "../match/matcher.ts";
import type { Place } from "../match/place.ts";
import { nearest } from "../wire/nearest.ts";
import { isMap } from "./print.ts";

/**
 * What may be wanted of a field: what a rule's `when` takes, with two things more. A list is wanted whole of a field that
 * is a list, and `undefined` is wanted of a field that is absent.
 */
export type Wanted = Given | FieldValue;

/** Fields by their names, and what is wanted of each. */
export type WantedFields = { readonly [field: string]: Wanted };

/** One field that is wanted: `["headers", "host"]`, and what of it. */
export interface WantedField {
  readonly path: readonly string[];
  readonly wanted: Wanted;
  readonly matcher: Matcher;
}

const ABSENT: Matcher = { test: (value) => value === undefined };

/**
 * Fields that are wanted, each ready to be asked; those of a map one by one. Fails at the place for a field that the
 * table does not have, or a value that no such field could have.
 */
export function wantedFields(
  wanted: WantedFields,
  table: FieldTable | undefined,
  place: Place,
): readonly WantedField[] {
  return Object.entries(wanted).flatMap(([name, want]) => {
    const spec = table?.[name];
    if (table && !(spec && Object.hasOwn(table, name))) refuseUnknown(name, table, place);
    return within([name], want, spec, place.at(name));
  });
}

/** The value that stands at a path, if any does. */
export function valueAt(fields: FieldValue, path: readonly string[]): FieldValue {
  let value = fields;
  for (const name of path) value = isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

function within(
  path: readonly string[],
  wanted: Wanted,
  spec: FieldSpec | undefined,
  place: Place,
): readonly WantedField[] {
  if (!isPlainMap(wanted) || !(spec ? spec.type === "map" : isFields(wanted))) {
    return [{ path, wanted, matcher: matcherFor(wanted, spec, place) }];
  }
  const inner: FieldSpec | undefined = spec && { type: "string", doc: spec.doc };
  return Object.entries(wanted).flatMap(([key, want]) => {
    return within([...path, spec?.canonical?.(key) ?? key], want as Wanted, inner, place.at(key));
  });
}

function matcherFor(wanted: Wanted, spec: FieldSpec | undefined, place: Place): Matcher {
  if (wanted === undefined) return ABSENT;
  if (Array.isArray(wanted)) return listMatcher(wanted, spec, place);
  return matcherOf(wanted, spec ?? specFor(wanted), place);
}

/** Of a list all items, in their order; of anything else, one of them. */
function listMatcher(wanted: readonly Wanted[], spec: FieldSpec | undefined, place: Place): Matcher {
  const items = wanted.map((item, at) => matcherFor(item, spec, place.at(at)));
  return {
    test: (value) => {
      if (!Array.isArray(value)) return items.some((item) => item.test(value));
      return value.length === items.length && items.every((item, at) => item.test(value[at] as FieldValue));
    },
  };
}

/** Where no service says what a field is, it is what is wanted of it. */
function specFor(wanted: Wanted): FieldSpec {
  const doc = "";
  if (typeof wanted === "number" || typeof wanted === "boolean") return { type: typeof wanted as "number", doc };
  if (wanted instanceof Uint8Array) return { type: "octets", doc };
  if (!isPlainMap(wanted)) return { type: "string", doc };
  if (wanted.min !== undefined || wanted.max !== undefined) return { type: "number", doc };
  return specFor((wanted.is ?? wanted.not) as Wanted);
}

/** Fields of a map, and not the operators of one value. */
function isFields(wanted: { readonly [key: string]: unknown }): boolean {
  const keys = Object.keys(wanted);
  return keys.length > 0 && !keys.every((key) => (OPERATORS as readonly string[]).includes(key));
}

function isPlainMap(wanted: Wanted): wanted is { readonly [key: string]: Wanted } {
  return typeof wanted === "object" && isMap(wanted as FieldValue) && !(wanted instanceof RegExp);
}

function refuseUnknown(name: string, table: FieldTable, place: Place): never {
  const names = Object.keys(table);
  const near = nearest(name, names);
  return place.at(name).fail(`unknown field, ${near ? `did you mean "${near}"?` : `there are ${names.join(", ")}`}`);
}
