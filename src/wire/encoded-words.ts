import { concat, fromLatin1 } from "./bytes.ts";

/** Words that follow one another, with nothing but white space between them. */
const RUN = /=\?[^\s?]+\?[BbQq]\?[^?]*\?=(?:[ \t]+=\?[^\s?]+\?[BbQq]\?[^?]*\?=)*/g;
/** Charset, without its language (RFC 2231 section 5); encoding; text. */
const WORD = /=\?([^\s?*]+)[^\s?]*\?([BbQq])\?([^?]*)\?=/g;

/** A header's text with its encoded words (RFC 2047) decoded; those in a charset that nobody knows stay as they are. */
export function decodeWords(text: string): string {
  return text.includes("=?") ? text.replace(RUN, decodeRun) : text;
}

/** RFC 2047 section 6.2: the white space between two encoded words is not part of the text. */
function decodeRun(run: string): string {
  let decoded = "";
  let charset = "";
  let octets: Uint8Array[] = [];
  for (const [, name = "", encoding = "", content = ""] of run.matchAll(WORD)) {
    // Quirk: of section 5, that no character is cut in two; there are senders who do.
    if (name.toLowerCase() !== charset) {
      const before = octets.length === 0 ? "" : decode(charset, octets);
      if (before === undefined) return run;
      decoded += before;
      charset = name.toLowerCase();
      octets = [];
    }
    octets.push(/b/i.test(encoding) ? Buffer.from(content, "base64") : fromLatin1(fromQ(content)));
  }
  const rest = decode(charset, octets);
  return rest === undefined ? run : decoded + rest;
}

/** RFC 2047 section 4.2. */
function fromQ(content: string): string {
  return content
    .replaceAll("_", " ")
    .replace(/=([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

function decode(charset: string, octets: readonly Uint8Array[]): string | undefined {
  try {
    let decoder = decoders.get(charset);
    if (!decoder) {
      decoder = new TextDecoder(charset);
      decoders.set(charset, decoder);
    }
    return decoder.decode(concat(octets));
  } catch {
    return undefined; // no such charset
  }
}

/** By the names of charsets that exist, so there are never many. */
const decoders = new Map<string, InstanceType<typeof TextDecoder>>();
