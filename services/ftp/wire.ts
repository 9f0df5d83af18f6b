import { fromLatin1, fromUtf8, isUtf8, toLatin1, toUtf8 } from "../../src/wire/bytes.ts";

/** A command line, cut into its verb and what follows. */
export interface CommandLine {
  /** In capitals; "" if the line does not begin with one to four letters (RFC 959 section 5.3). */
  readonly verb: string;
  /** Everything behind the one space after the verb; the whole line if there is no verb. */
  readonly argument: string;
}

/** A reply as RFC 959 section 4.2 has it; lines of `text` are joined by LF. */
export interface Reply {
  readonly code: number;
  readonly text: string;
  /** How many octets a transfer moved over the data connection. */
  readonly octets?: number | undefined;
  /** The control connection is closed behind it. */
  readonly close?: boolean | undefined;
  /** What is sent in place of code and text. */
  readonly lines?: readonly string[];
  /** What ends each line, in place of CRLF. */
  readonly lineEnd?: string;
  /** What a rule's text may name of the data connection: `numbers`, `address`, `port`. */
  readonly place?: { readonly [name: string]: string };
  /** No rule may take its place. */
  readonly isOwn?: true;
}

/** RFC 2640 section 2.2: UTF-8 where it is well-formed, else octets as they are, one character each. */
function decodeText(bytes: Uint8Array, utf8: boolean): string {
  return utf8 && isUtf8(bytes) ? toUtf8(bytes) : toLatin1(bytes);
}

/** Characters that Latin-1 lacks become `?` where the client has switched UTF-8 off. */
export function encodeText(text: string, utf8: boolean): Uint8Array {
  return utf8 ? fromUtf8(text) : fromLatin1(text.replace(/[^\0-\xff]/gu, "?"));
}

export function parseCommand(line: Uint8Array, utf8: boolean): CommandLine {
  const text = decodeText(line, utf8);
  const [, verb, argument] = /^([A-Za-z]{1,4})(?: (.*))?$/s.exec(text) ?? [];
  // RFC 3659 section 2.2: one space, so that a pathname may begin with others
  return verb === undefined ? { verb: "", argument: text } : { verb: verb.toUpperCase(), argument: argument ?? "" };
}

/** The reply's octets. */
export function renderReply(reply: Reply, utf8: boolean): Uint8Array {
  const { lines = linesOf(reply), lineEnd = "\r\n" } = reply;
  return encodeText(lines.map((line) => line + lineEnd).join(""), utf8);
}

/** The multi-line form of RFC 959 section 4.2 where there are several lines. */
function linesOf({ code, text }: Reply): readonly string[] {
  const lines = text.split("\n");
  const last = lines.length - 1;
  return lines.map((line, at) => {
    if (at === last) return `${code} ${line}`;
    if (at === 0) return `${code}-${line}`;
    // RFC 959 section 4.2: a line that begins with a number is padded
    return /^\d{3}/.test(line) ? ` ${line}` : line;
  });
}

/** Control characters, which would break lines, as `?`. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f]/g, "?");
}

/** RFC 959 appendix II: a path in quotation marks, those in it doubled. */
export function quoted(path: string): string {
  return `"${printable(path).replaceAll('"', '""')}"`;
}
