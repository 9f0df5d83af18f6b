import { asBuffer, toUtf8 } from "../../src/wire/bytes.ts";

/** Headers beyond this are not looked at. */
const MAX_HEADER_OCTETS = 64 * 1024;

/** The unfolded Subject of a message (RFC 5322 section 2.2.3), encoded words and all; `undefined` without one. */
export function subjectOf(message: Uint8Array): string | undefined {
  const head = message.subarray(0, MAX_HEADER_OCTETS);
  const blank = asBuffer(head).indexOf("\r\n\r\n");
  const lines = toUtf8(blank < 0 ? head : head.subarray(0, blank)).split("\r\n");
  const first = lines.findIndex((line) => /^subject[ \t]*:/i.test(line));
  if (first < 0) return undefined;
  let next = first + 1;
  while (/^[ \t]/.test(lines[next] ?? "")) next += 1;
  const unfolded = lines.slice(first, next).join("");
  return unfolded.slice(unfolded.indexOf(":") + 1).trim();
}
