import type { Fields, FieldValue } from "../contract/machine.ts";
import type { Entry } from "../journal/entry.ts";

const SHOWN_CHARACTERS = 80;

/** An exchange on one line: `smtp RCPT TO:<full@example.test> -> 452 4.2.2 mailbox full`. */
export function exchangeLine({ session, request, reply }: Extract<Entry, { kind: "exchange" }>): string {
  const asked = words(request, BARE_FIELDS);
  const answered = words(reply, Number.POSITIVE_INFINITY);
  return [session.name, ...asked, "->", ...(answered.length > 0 ? answered : ["no reply"])].join(" ");
}

/** A note on one line: `smtp crash stack=...`. */
export function noteLine({ session, event, detail }: Extract<Entry, { kind: "note" }>): string {
  return [session.name, event, ...words(detail, 0)].join(" ");
}

/** The first fields of a request need no names: a command and its argument, a name and its type. */
const BARE_FIELDS = 2;

/** Values without maps and without what an earlier one says already; those behind the first `bare` with their names. */
function words(fields: Fields, bare: number): string[] {
  const said: string[] = [];
  let place = 0;
  for (const [name, value] of Object.entries(fields)) {
    const text = print(value);
    if (text !== "" && said.some((earlier) => earlier.includes(text))) continue;
    if (text !== "") said.push(place < bare ? text : `${name}=${text}`);
    place += 1;
  }
  return said;
}

function print(value: FieldValue): string {
  if (value === undefined || value === false || value === true) return "";
  if (value instanceof Uint8Array) return value.length === 0 ? "" : `(${value.length} octets)`;
  if (Array.isArray(value)) {
    const items = value.map((item) => print(item as FieldValue)).filter((item) => item !== "");
    return cut(items.join(", "));
  }
  return typeof value === "object" ? "" : cut(String(value));
}

function cut(text: string): string {
  const visible = text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, (char) => {
    return char === "\n" ? " / " : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return visible.length > SHOWN_CHARACTERS ? `${visible.slice(0, SHOWN_CHARACTERS)}...` : visible;
}
