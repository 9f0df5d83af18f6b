import type { Fields, FieldValue } from "../../src/contract/machine.ts";
import type { FieldSpec } from "../../src/contract/service.ts";
import { type Matcher, matcherOf } from "../../src/match/matcher.ts";
import { fromUtf8 } from "../../src/wire/bytes.ts";
import { place } from "./fixture.ts";

const TEXTS = ["", "a", "x", "/", "*", "zzz", "a.b", "0", "true", "\0"];

/**
 * A request that a rule's `when` wants, made of the values that stand in it; `undefined` where it has a pattern or a test
 * that none of these satisfies.
 */
export function witnessOf(
  when: object,
  table: { readonly [name: string]: FieldSpec },
  isField: (name: string) => boolean,
): Fields | undefined {
  const request: { [name: string]: FieldValue } = {};
  for (const [name, wanted] of Object.entries(when)) {
    const spec = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!spec || wanted === undefined || !isField(name)) continue;
    const matcher = matcherOf(wanted, spec, place);
    const value = [undefined, ...candidates(wanted, spec)].find((one) => isWanted(matcher, one));
    if (value === undefined && !isWanted(matcher, undefined)) {
      if (isOpen(wanted)) return undefined;
      continue;
    }
    request[name] = value;
  }
  return request;
}

/** A test that throws wants nothing. */
function isWanted({ test }: Matcher, value: FieldValue): boolean {
  try {
    return test(value);
  } catch {
    return false;
  }
}

/** It has a pattern, a glob or a test in it, or several wishes at once: nobody can tell in general what satisfies it. */
function isOpen(wanted: unknown): boolean {
  if (typeof wanted === "function" || wanted instanceof RegExp) return true;
  if (typeof wanted === "string") return /[*?\\]/.test(wanted);
  if (Array.isArray(wanted)) return wanted.every(isOpen);
  if (wanted instanceof Uint8Array) return false;
  if (typeof wanted !== "object" || wanted === null) return false;
  const { regex, not, json, ...rest } = wanted as { [key: string]: unknown };
  if (regex !== undefined || not !== undefined || json !== undefined) return true;
  return Object.keys(rest).length > 1 || Object.values(rest).some(isOpen);
}

function candidates(wanted: unknown, spec: FieldSpec): FieldValue[] {
  const texts = [...leaves(wanted).map((leaf) => spec.canonical?.(leaf) ?? leaf), ...leaves(wanted), ...TEXTS];
  switch (spec.type) {
    case "number":
      return [...numbers(wanted), 0, 1, -1, 1e9, 0.5];
    case "boolean":
      return [true, false];
    case "octets":
      return [...octets(wanted), ...texts.map(fromUtf8), ...jsons(wanted).map(fromUtf8)];
    case "list":
      return [
        [],
        ...texts.map((text) => [text]),
        ...numbers(wanted).map((number) => [number]),
        ...octets(wanted).map((one) => [one]),
      ];
    case "map":
      return [{}, ...maps(wanted, spec)];
    default:
      return [...texts, ...jsons(wanted)];
  }
}

function leaves(wanted: unknown): string[] {
  if (typeof wanted === "string") return [wanted, wanted.replace(/\\(.)/gs, "$1"), wanted.replace(/[*?]/g, "a")];
  return inside(wanted).flatMap(leaves);
}

function numbers(wanted: unknown): number[] {
  if (typeof wanted === "number") return [wanted, wanted + 1, wanted - 1];
  return inside(wanted).flatMap(numbers);
}

function octets(wanted: unknown): Uint8Array[] {
  return wanted instanceof Uint8Array ? [wanted] : inside(wanted).flatMap(octets);
}

function jsons(wanted: unknown): string[] {
  const { json } = (typeof wanted === "object" && wanted ? wanted : {}) as { readonly json?: unknown };
  return json === undefined ? [] : [JSON.stringify(json)];
}

function maps(wanted: unknown, spec: FieldSpec): FieldValue[] {
  if (Array.isArray(wanted)) return wanted.flatMap((one) => maps(one, spec));
  const leaf: FieldSpec = { type: "string", doc: "" };
  const entries = Object.entries((wanted ?? {}) as object).map(([key, want]) => {
    const matcher = matcherOf(want, leaf, place);
    return [
      spec.canonical?.(key) ?? key,
      [undefined, ...candidates(want, leaf)].find((one) => isWanted(matcher, one)),
    ] as const;
  });
  return [Object.fromEntries(entries.filter(([, value]) => value !== undefined))];
}

function inside(wanted: unknown): unknown[] {
  if (wanted instanceof Uint8Array || wanted instanceof RegExp) return [];
  return typeof wanted === "object" && wanted !== null ? Object.values(wanted) : [];
}
