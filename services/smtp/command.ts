import { isUtf8, toLatin1, toUtf8 } from "../../src/wire/bytes.ts";

/** A command line, cut in two. */
export interface Command {
  /** In capitals: RFC 5321 section 2.4 makes verbs case-insensitive. */
  readonly verb: string;
  readonly argument: string;
  /** ASCII or well-formed UTF-8 (RFC 6531 section 3.3), without NUL. */
  readonly isText: boolean;
}

/** Reads a line without its line end. */
export function readCommand(bytes: Uint8Array): Command {
  let text = toLatin1(bytes);
  let isText = !text.includes("\0");
  if (isText && /[^\0-\x7f]/.test(text)) {
    isText = isUtf8(bytes);
    if (isText) text = toUtf8(bytes);
  }
  // RFC 5321 section 4.1.1: white space before the CRLF is tolerated.
  let end = text.length;
  while (text[end - 1] === " " || text[end - 1] === "\t") end -= 1;
  const line = text.slice(0, end);
  const space = line.indexOf(" ");
  if (space < 0) return { verb: line.toUpperCase(), argument: "", isText };
  return { verb: line.slice(0, space).toUpperCase(), argument: line.slice(space + 1), isText };
}
