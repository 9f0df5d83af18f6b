import type { Fields, FieldValue } from "../contract/machine.ts";
import type { FieldTable } from "../contract/service.ts";
import { plainFields } from "./plain.ts";

/** What a service declares of its exchanges: which fields there are, and which of them are secret. */
export interface Tables {
  readonly request: FieldTable;
  readonly reply: FieldTable;
}

const SHOWN_CHARACTERS = 60;
export const REDACTED = "<redacted>";

/** Fields without what their service declares to be secret. */
export function withoutSecrets(fields: Fields, table: FieldTable): Fields {
  const shown: { [name: string]: FieldValue } = { ...fields };
  for (const [name, { secret }] of Object.entries(table)) {
    const value = shown[name];
    if (!secret || !isMap(value)) continue;
    const hidden = secret.filter((key) => value[key] !== undefined).map((key) => [key, REDACTED]);
    if (hidden.length > 0) shown[name] = { ...value, ...Object.fromEntries(hidden) };
  }
  return shown;
}

/** The value is named fields, and not a list, octets or nothing. */
export function isMap(value: FieldValue): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** Fields on one line: `RCPT TO:<a@b> to=a@b`. Octets are counted, long texts cut, maps left out. */
export function printFields(fields: Fields): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === "" || isMap(value)) continue;
    const text = printValue(value);
    parts.push(parts.length === 0 ? text : `${name}=${text}`);
  }
  return parts.join(" ");
}

function printValue(value: FieldValue): string {
  if (value instanceof Uint8Array) return `(${value.length} octets)`;
  const text = typeof value === "object" ? JSON.stringify(plainFields({ value }).value) : String(value);
  const visible = text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, (char) => {
    return char === "\n" ? " / " : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return visible.length > SHOWN_CHARACTERS ? `${visible.slice(0, SHOWN_CHARACTERS)}...` : visible;
}
