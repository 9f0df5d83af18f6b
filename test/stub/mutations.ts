import fc from "fast-check";

type Path = readonly (string | number)[];

/** Values of all kinds, such as no rule should have anywhere. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, undefined, true, false, 0, -0, -1, 1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, 5n],
    ...["", " ", "*", "\\", "reset", "__proto__", "constructor", "toString", "5s", "\0", "\ud800", "x".repeat(10_000)],
    ...[Symbol("s"), Symbol.iterator, /x/g, /(a+)+$/, new Date(0), new Date(Number.NaN), new Map(), new Set([1])],
    ...[new Uint8Array(2), new Float64Array(1), new ArrayBuffer(2), new Error("x"), Promise.resolve(), new WeakMap()],
    ...[
      () => true,
      async () => true,
      class Rule {},
      Object.create(null),
      Object.create({ when: {} }),
      new Proxy({}, {}),
    ],
    ...[new Array(3), [[]], [null], {}, { after: 5 }, { min: 1 }, { not: {} }, { json: { a: 1 } }],
    ...[globalThis, Object.freeze({ reply: 250 }), JSON.parse('{"__proto__": {"x": 1}}')],
  ),
  fc.anything({ withDate: true, withMap: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** One change to a rule: where, and what is there afterwards. */
export interface Mutation {
  readonly path: Path;
  readonly kind: "replaced" | "removed" | "renamed" | "added" | "wrapped";
  readonly rule: unknown;
}

/** A rule with one thing wrong somewhere, or not. */
export function mutated(rule: unknown): fc.Arbitrary<Mutation> {
  const places = placesIn(rule, []);
  const somewhere = fc.constantFrom(...places);
  const kinds = fc.constantFrom<Mutation["kind"]>("replaced", "removed", "renamed", "added", "wrapped");
  return fc.tuple(somewhere, kinds, junk).map(([path, kind, value]) => {
    if (kind === "replaced") return { path, kind, rule: changed(rule, path, () => value) };
    if (kind === "wrapped") return { path, kind, rule: changed(rule, path, (old) => [old]) };
    if (kind === "added")
      return { path: [...path, "zzz"], kind, rule: changed(rule, path, (old) => withKey(old, value)) };
    const key = path.at(-1);
    if (typeof key !== "string") return { path, kind: "replaced", rule: changed(rule, path, () => value) };
    const rename = kind === "renamed" ? `${key}x` : undefined;
    const there = rename === undefined ? path : [...path.slice(0, -1), rename];
    return { path: there, kind, rule: changed(rule, path.slice(0, -1), (map) => renamed(map as object, key, rename)) };
  });
}

function placesIn(value: unknown, path: Path): Path[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((item, at) => placesIn(item, [...path, at]))];
  if (!isMap(value)) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => placesIn(item, [...path, key]))];
}

function isMap(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function withKey(old: unknown, value: unknown): unknown {
  return isMap(old) ? { ...old, zzz: value } : { zzz: value };
}

function renamed(map: object, key: string, name: string | undefined): object {
  const entries = Object.entries(map).filter(([each]) => name !== undefined || each !== key);
  return Object.fromEntries(entries.map(([each, value]) => [each === key ? name : each, value]));
}

function changed(value: unknown, [key, ...rest]: Path, change: (old: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  const inner = changed((value as { readonly [key: string | number]: unknown })[key], rest, change);
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...(value as object), [key]: inner };
}
