import type { FieldMap } from "./request.ts";
import { TOKEN, UPPER } from "./token.ts";

const TAB = 0x09;
const SPACE = 0x20;
const COLON = 0x3a;

/** A map without a prototype, so that no field name can mean anything else; half the price of Object.create(null). */
class FieldSection {
  [name: string]: string;
}
Object.setPrototypeOf(FieldSection.prototype, null);
Reflect.deleteProperty(FieldSection.prototype, "constructor");

/** One header or trailer section, gathered line by line. */
export class FieldLines {
  /** Names and values in turn, as they came. */
  readonly pairs: string[] = [];
  readonly #map = new FieldSection();

  get map(): FieldMap {
    return this.#map;
  }

  get count(): number {
    return this.pairs.length / 2;
  }

  /**
   * Takes the field line `text[start..end)`, which has no line end. Returns its name in lower case, or `undefined` if it
   * is not a sound field line.
   */
  take(text: string, start: number, end: number): string | undefined {
    let at = start;
    let upper = 0;
    for (; at < end; at += 1) {
      const kind = TOKEN[text.charCodeAt(at)] as number;
      if (kind === 0) break;
      upper |= kind;
    }
    // RFC 9112 section 5.1: no space before the colon; section 5.2: no folding (a line that begins with a space).
    if (at === start || at === end || text.charCodeAt(at) !== COLON) return undefined;
    const written = text.slice(start, at);
    let from = at + 1;
    let to = end;
    while (from < to && isBlank(text.charCodeAt(from))) from += 1;
    while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
    for (at = from; at < to; at += 1) if (!isFieldChar(text.charCodeAt(at))) return undefined;
    const name = upper & UPPER ? written.toLowerCase() : written;
    const value = text.slice(from, to);
    this.pairs.push(written, value);
    const before = this.#map[name];
    // RFC 6265 section 5.4: cookies are joined with a semicolon.
    this.#map[name] = before === undefined ? value : `${before}${name === "cookie" ? "; " : ", "}${value}`;
    return name;
  }
}

/** RFC 9110 section 5.6.1: the members of a comma-separated list, in lower case, without empty ones. */
export function listMembers(value: string): string[] {
  return value
    .toLowerCase()
    .split(",")
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter((member) => member !== "");
}

function isBlank(char: number): boolean {
  return char === SPACE || char === TAB;
}

/** RFC 9110 section 5.5: visible characters, octets above ASCII, space and tab. */
function isFieldChar(char: number): boolean {
  return (char >= SPACE && char !== 0x7f) || char === TAB;
}
