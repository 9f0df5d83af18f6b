import { ZoneError } from "./zone-error.ts";

/** A word of a master file: without the quotes around it, but with its escapes. */
export interface Word {
  readonly text: string;
  readonly line: number;
}

/** A record or directive of a master file. */
export interface Entry {
  readonly line: number;
  /** It begins with white space: its owner is that of the record before. */
  readonly blank: boolean;
  readonly words: readonly Word[];
}

const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/.source;
const PLAIN = /\\[^\n]|[^\s;()"\\]/.source;
const PIECE = new RegExp(
  // White space, comment, line end, parenthesis, word in quotes, other word, anything else.
  `([^\\S\\n]+)|(;[^\\n]*)|(\\n)|([()])` +
    // Quotes within a word belong to it: alpn="h2,h3".
    `|(${QUOTED})|((?:${PLAIN})(?:${PLAIN}|${QUOTED})*)|(.)`,
  "suy",
);

/** Cuts a master file (RFC 1035 section 5.1) into entries: comments are gone, and parentheses have joined lines. */
export function* readEntries(text: string, source: string): Generator<Entry> {
  let line = 1;
  let openedAt = 0;
  let blank = false;
  let words: Word[] = [];
  for (let at = 0; at < text.length; at = PIECE.lastIndex) {
    // A generator may be entered again after another one has used the expression.
    PIECE.lastIndex = at;
    const [, space, , newline, parenthesis, quoted, plain, rest] = PIECE.exec(text) ?? [];
    const lineStarts = at === 0 || text[at - 1] === "\n";
    if (space !== undefined) blank ||= lineStarts && openedAt === 0;
    else if (newline !== undefined) {
      if (openedAt === 0) {
        const [first] = words;
        if (first) yield { line: first.line, blank, words };
        words = [];
        blank = false;
      }
      line += 1;
    } else if (parenthesis === "(") {
      if (openedAt > 0) throw new ZoneError(source, line, `expected no second "(" in the one of line ${openedAt}`);
      openedAt = line;
    } else if (parenthesis === ")") {
      if (openedAt === 0) throw new ZoneError(source, line, 'expected a "(" before this ")"');
      openedAt = 0;
    } else if (quoted !== undefined) {
      const inside = quoted.slice(1, -1);
      // RFC 3597 section 5: \# has its meaning only outside of quotes.
      words.push({ text: inside === "\\#" ? "#" : inside, line });
    } else if (plain !== undefined) {
      words.push({ text: plain.replace(/\\.|"/gs, (part) => (part === '"' ? "" : part)), line });
    } else if (rest !== undefined) {
      const expected = rest === '"' ? 'a second " on this line' : "a character after the backslash";
      throw new ZoneError(source, line, `expected ${expected}`);
    }
  }
  if (openedAt > 0) throw new ZoneError(source, openedAt, 'expected a ")" for the "(" of this line');
  const [first] = words;
  if (first) yield { line: first.line, blank, words };
}
