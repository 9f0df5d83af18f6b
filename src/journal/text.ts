import type { Fields, FieldValue } from "../contract/machine.ts";
import { toLatin1 } from "../wire/bytes.ts";
import { DatagramEntry, type Entry } from "./entry.ts";
import { plainFields } from "./plain.ts";
import { isMap } from "./print.ts";

/** In the octets of an entry, and where it has none, in each of its fields. */
export function hasText(entry: Entry, text: string | RegExp): boolean {
  const octets = octetsOf(entry);
  if (octets) return octets.some((bytes) => occurs(text, toLatin1(bytes)));
  return Object.values(describe(entry)).some((value) => hasTextWithin(value, text));
}

function octetsOf(entry: Entry): readonly Uint8Array[] | undefined {
  if (entry instanceof DatagramEntry) return entry.sent ? [entry.received, entry.sent] : [entry.received];
  return entry.kind === "received" || entry.kind === "sent" ? [entry.bytes] : undefined;
}

function hasTextWithin(value: FieldValue, text: string | RegExp): boolean {
  if (Array.isArray(value)) return value.some((item) => hasTextWithin(item as FieldValue, text));
  if (isMap(value)) return Object.values(value).some((inner) => hasTextWithin(inner, text));
  return occurs(text, textOf(value));
}

function textOf(value: FieldValue): string {
  if (value instanceof Uint8Array) return toLatin1(value);
  return isMap(value) ? JSON.stringify(plainFields(value)) : String(value ?? "");
}

/** Whatever an earlier search left in a `g` or `y` pattern. */
function occurs(text: string | RegExp, within: string): boolean {
  if (typeof text === "string") return within.includes(text);
  text.lastIndex = 0;
  return text.test(within);
}

/** What an entry says beyond its kind and session, as plain data. */
export function describe(entry: Entry): Fields {
  switch (entry.kind) {
    case "exchange":
      return { request: entry.request, reply: entry.reply };
    case "note":
      return { event: entry.event, detail: entry.detail };
    case "received":
    case "sent":
      return { octets: entry.bytes.length, ...(entry.channel === undefined ? {} : { channel: entry.channel }) };
    case "close":
      return { how: entry.how, ...(entry.error === undefined ? {} : { error: entry.error }) };
    case "end":
      return { by: entry.by };
    case "channel":
      return { channel: entry.channel, local: { ...entry.local }, peer: { ...entry.peer } };
    case "open":
      return {};
  }
}
