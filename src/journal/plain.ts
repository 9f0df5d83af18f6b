import type { Fields, FieldValue } from "../contract/machine.ts";
import { toLatin1 } from "../wire/bytes.ts";

/** A field's value as JSON can carry it. */
export type Plain = string | number | boolean | undefined | readonly Plain[] | { readonly [name: string]: Plain };

/** Fields as JSON can carry them: octets as Latin-1 text. */
export function plainFields(fields: Fields): { readonly [name: string]: Plain } {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: FieldValue): Plain {
  if (value instanceof Uint8Array) return toLatin1(value);
  if (Array.isArray(value)) return value.map((item) => plainValue(item as FieldValue));
  return typeof value === "object" ? plainFields(value as Fields) : value;
}
