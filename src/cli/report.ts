import type { Fields, FieldValue } from "../contract/machine.ts";
import type { FieldTable } from "../contract/service.ts";
import type { Journal } from "../journal/journal.ts";
import { plainFields } from "../journal/plain.ts";
import type { Shadow } from "../ports/shadows.ts";
import type { Harness } from "../supervisor/harness.ts";

/** How `up` tells what happens: to people on a terminal, or to programs. */
export interface Reporter {
  ready(harness: Harness): void;
  /** Tells each entry of the journal that is news to a reader. */
  follow(journal: Journal): void;
  /** Other processes have ports of the same number where a client may take one for the other. */
  shadowed(shadows: readonly Shadow[]): void;
  stopping(openSessions: number): void;
  /** Says so. Resolves like `flush`. */
  stopped(): Promise<void>;
  /** Resolves when everything said has left, or nobody reads it. */
  flush(): Promise<void>;
}

const SHOWN_CHARACTERS = 60;
const REDACTED = "<redacted>";

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

function isMap(value: FieldValue): value is Fields {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);
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
