import type { Fields, FieldValue } from "../contract/machine.ts";
import type { FieldTable } from "../contract/service.ts";
import { Place } from "../match/place.ts";
import { toUtf8 } from "../wire/bytes.ts";
import { isMap, REDACTED } from "./print.ts";
import { valueAt, type Wanted, type WantedField, type WantedFields, wantedFields } from "./wanted.ts";

/** A field that is not as it was wanted, as people read it: cut where it is long, and without secrets. */
export interface Difference {
  /** Within a map, such as `headers.host`. */
  readonly field: string;
  readonly wanted: string;
  /** `absent`, if there was none. */
  readonly was: string;
}

const SHOWN_CHARACTERS = 80;
/** What is shown of two long texts before the place where they part. */
const COMMON_CHARACTERS = 20;

/** Which of the fields differ from what is wanted, in the order in which they are wanted. */
export function differences(
  fields: Fields,
  wanted: WantedFields,
  table?: FieldTable,
  place = new Place("QUERY_INVALID", []),
): readonly Difference[] {
  return wantedFields(wanted, table, place).flatMap((field) => differenceOf(fields, field, table) ?? []);
}

/** How one field differs; `undefined` if it does not. */
export function differenceOf(fields: Fields, field: WantedField, table?: FieldTable): Difference | undefined {
  const { path, wanted, matcher } = field;
  const value = valueAt(fields, path);
  if (matcher.test(value)) return undefined;
  const [name = "", key = ""] = path;
  const isSecret = table?.[name]?.secret?.includes(key) ?? false;
  return { field: path.join("."), ...(isSecret ? hidden(value) : shown(value, wanted)) };
}

/** `to: wanted "alice@example.test", was "bob@example.test"` */
export function printDifference({ field, wanted, was }: Difference): string {
  return `${field}: wanted ${wanted}, was ${was}`;
}

/** What is wanted, as it would be written: `{ to: "alice@example.test", subject: /code/ }`. */
export function printWanted(wanted: WantedFields, table?: FieldTable): string {
  const fields = Object.entries(wanted).map(
    ([name, want]) => `${name}: ${print(visible(want, table?.[name]?.secret))}`,
  );
  return fields.length > 0 ? `{ ${fields.join(", ")} }` : "{}";
}

function visible(wanted: Wanted, secret: readonly string[] | undefined): Wanted {
  if (!secret || !isMap(wanted as FieldValue)) return wanted;
  const entries = Object.entries(wanted as object).map(([key, want]) => [key, secret.includes(key) ? REDACTED : want]);
  return Object.fromEntries(entries) as Wanted;
}

function hidden(value: FieldValue): Omit<Difference, "field"> {
  return { wanted: REDACTED, was: value === undefined ? "absent" : `another ${REDACTED}` };
}

function shown(value: FieldValue, wanted: Wanted): Omit<Difference, "field"> {
  const text = value instanceof Uint8Array ? toUtf8(value) : value;
  const long = typeof text === "string" && typeof wanted === "string" && text.length > SHOWN_CHARACTERS;
  const from = long ? Math.max(0, partingPlace(text, wanted) - COMMON_CHARACTERS) : 0;
  return { wanted: print(wanted, from), was: value === undefined ? "absent" : print(text, from) };
}

function partingPlace(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}

/** A value on one line, from one of its characters on. */
function print(value: unknown, from = 0): string {
  if (typeof value === "string") return quote(value, from);
  if (value instanceof Uint8Array) return quote(toUtf8(value), from);
  if (value === undefined) return "absent";
  const text = printWhole(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}

function printWhole(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => print(item)).join(", ")}]`;
  if (value instanceof RegExp || typeof value !== "object" || value === null) return oneLine(String(value));
  const fields = Object.entries(value).map(([key, inner]) => `${key}: ${print(inner)}`);
  return fields.length > 0 ? `{ ${fields.join(", ")} }` : "{}";
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}

function quote(text: string, from: number): string {
  const part = text.slice(from, from + SHOWN_CHARACTERS);
  const isCut = from + SHOWN_CHARACTERS < text.length;
  return `${from > 0 ? "..." : ""}${JSON.stringify(part)}${isCut ? `... (${text.length} characters)` : ""}`;
}
