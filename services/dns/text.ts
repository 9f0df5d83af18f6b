import { fromUtf8, toLatin1 } from "../../src/wire/bytes.ts";

/** The text that a person wrote is not what the master-file format wants; says what was expected, without the place. */
export class PresentationError extends Error {
  override readonly name = "PresentationError";
  /** Which of the words it is about, counted from 0, where there are several. */
  readonly word: number;

  constructor(message: string, word = 0) {
    super(message);
    this.word = word;
  }
}

const BACKSLASH = 0x5c;

/**
 * The octet that the escape at `at` stands for, and where the text goes on.
 * RFC 1035 section 5.1: `\DDD` is the octet with that decimal value, `\X` is X without its special meaning.
 */
function readEscape(text: string, at: number): { readonly octet: string; readonly next: number } {
  const digits = /^\d{3}/.exec(text.slice(at + 1, at + 4))?.[0];
  if (digits !== undefined) {
    if (Number(digits) > 255) throw new PresentationError(`expected \\000 to \\255, not \\${digits}`);
    return { octet: String.fromCharCode(Number(digits)), next: at + 4 };
  }
  const escaped = text[at + 1];
  if (escaped === undefined || /\d/.test(escaped))
    throw new PresentationError(`expected three digits or one other character after the backslash in "${text}"`);
  return { octet: escaped, next: at + 2 };
}

/** The characters of a text one by one, escapes resolved; `escaped` ones have lost their special meaning. */
export function* characters(text: string): Generator<{ readonly char: string; readonly escaped: boolean }> {
  for (let at = 0; at < text.length; ) {
    if (text.charCodeAt(at) === BACKSLASH) {
      const { octet, next } = readEscape(text, at);
      yield { char: octet, escaped: true };
      at = next;
    } else {
      yield { char: text[at] as string, escaped: false };
      at += 1;
    }
  }
}

/** The octets of a character-string, one character each. Characters above U+007F stand for their UTF-8 octets. */
export function unescapeString(text: string): string {
  if (!/[\\\u0080-\uffff]/.test(text)) return text;
  let octets = "";
  let plain = "";
  for (const { char, escaped } of characters(text)) {
    if (escaped) {
      octets += utf8Octets(plain) + char;
      plain = "";
    } else plain += char;
  }
  return octets + utf8Octets(plain);
}

function utf8Octets(text: string): string {
  return toLatin1(fromUtf8(text));
}

/** Octets as they stand in a master file: every one of `special` behind a backslash, what cannot be printed as `\DDD`. */
export function escapeOctets(octets: string, special: RegExp): string {
  return octets
    .replace(special, "\\$&")
    .replace(/[^\x20-\x7e]/g, (octet) => `\\${String(octet.charCodeAt(0)).padStart(3, "0")}`);
}

/** A character-string in quotes. */
export function quote(octets: string): string {
  return `"${escapeOctets(octets, /["\\]/g)}"`;
}
