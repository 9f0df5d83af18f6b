import type { Fields } from "../../src/contract/machine.ts";
import { asBuffer, toUtf8 } from "../../src/wire/bytes.ts";
import { decodeWords } from "../../src/wire/encoded-words.ts";

/** Headers beyond this are not looked at. */
const MAX_HEADER_OCTETS = 64 * 1024;

/**
 * The header fields of a message by their names in lower case: unfolded (RFC 5322 section 2.2.3), with encoded words
 * decoded (RFC 2047). A field that comes several times is a list.
 */
export function headersOf(message: Uint8Array): Fields {
  const head = message.subarray(0, MAX_HEADER_OCTETS);
  const blank = asBuffer(head).indexOf("\r\n\r\n");
  const lines = toUtf8(blank < 0 ? head : head.subarray(0, blank)).split("\r\n");
  const headers = new Map<string, string | string[]>();
  for (let at = 0; at < lines.length; ) {
    const [, name, start] = /^([!-9;-~]+)[ \t]*:(.*)$/s.exec(lines[at] as string) ?? [];
    at += 1;
    if (name === undefined) continue;
    let value = start ?? "";
    while (/^[ \t]/.test(lines[at] ?? "")) {
      value += lines[at];
      at += 1;
    }
    add(headers, name.toLowerCase(), decodeWords(value.trim()));
  }
  return Object.fromEntries(headers);
}

/** The first Subject; `undefined` without one. */
export function subjectIn(headers: Fields): string | undefined {
  const subject = Array.isArray(headers.subject) ? headers.subject[0] : headers.subject;
  return typeof subject === "string" ? subject : undefined;
}

function add(headers: Map<string, string | string[]>, name: string, value: string): void {
  const before = headers.get(name);
  if (before === undefined) headers.set(name, value);
  else if (typeof before === "string") headers.set(name, [before, value]);
  else before.push(value);
}
