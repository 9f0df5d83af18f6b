import type { Refusal } from "./request.ts";
import { TOKEN } from "./token.ts";

/** No method that anybody uses is longer; what is longer is not HTTP. */
const MAX_METHOD_OCTETS = 32;
const SPACE = 0x20;
const DELETE = 0x7f;
const SLASH = 0x2f;
const DOT = 0x2e;

export const NOT_HTTP: Refusal = { status: 400, why: "the request line is not HTTP" };
const BAD_TARGET: Refusal = { status: 400, why: "the request target is malformed" };
const BAD_VERSION: Refusal = { status: 400, why: "the HTTP version is malformed" };
const OTHER_VERSION: Refusal = { status: 505, why: "this is HTTP/1.1" };

/** The characters of a target that can stand in a path for themselves. */
const PLAIN = new Uint8Array(256);
for (let char = 0x21; char < DELETE; char += 1) PLAIN[char] = 1;
for (const char of "#%?") PLAIN[char.charCodeAt(0)] = 0;

export interface RequestLine {
  readonly method: string;
  readonly target: string;
  /** `HTTP/1.1`, or what else came in its place. */
  readonly version: string;
  /** The target is a path that needs no decoding. */
  readonly plain: boolean;
}

/** What has come of a line can become neither a request line nor an empty one, whatever follows. */
export function isHopeless(text: string): boolean {
  return text !== "\r" && refuseMethod(text, endOfMethod(text, 0, text.length), 0, true) !== undefined;
}

/** RFC 9112 section 3: `method SP request-target SP HTTP-version`, in `text[start..end)`. */
export function parseRequestLine(text: string, start: number, end: number): RequestLine | Refusal {
  let at = endOfMethod(text, start, end);
  const refusal = refuseMethod(text, at, start, false);
  if (refusal) return refusal;
  const method = text.slice(start, at);
  const from = at + 1;
  let plain = text.charCodeAt(from) === SLASH ? 1 : 0;
  let before = 0;
  for (at = from; at < end; at += 1) {
    const char = text.charCodeAt(at);
    if (char <= SPACE || char === DELETE) break;
    // A name that is empty, or begins with a dot, may have to be resolved.
    if (before === SLASH && (char === DOT || char === SLASH)) plain = 0;
    plain &= PLAIN[char] as number;
    before = char;
  }
  const target = text.slice(from, at);
  if (target === "" || text.charCodeAt(at) !== SPACE || (plain === 0 && target.includes("#"))) return BAD_TARGET;
  const version = text.slice(at + 1, end);
  if (version !== "HTTP/1.1" && version !== "HTTP/1.0") {
    if (!/^HTTP\/[0-9]\.[0-9]$/.test(version)) return BAD_VERSION;
    // RFC 9113 section 3.4: the preface of HTTP/2, `PRI * HTTP/2.0`, ends here too.
    if (!version.startsWith("HTTP/1.")) return OTHER_VERSION;
  }
  return { method, target, version, plain: plain === 1 };
}

function endOfMethod(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && at - start <= MAX_METHOD_OCTETS && TOKEN[text.charCodeAt(at)] !== 0) at += 1;
  return at;
}

function refuseMethod(text: string, at: number, start: number, more: boolean): Refusal | undefined {
  if (at - start > MAX_METHOD_OCTETS) return NOT_HTTP;
  if (at === text.length && more) return undefined;
  return at === start || text.charCodeAt(at) !== SPACE ? NOT_HTTP : undefined;
}
