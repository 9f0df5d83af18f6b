import { fromBase64, fromHex, toBase64, toHex } from "../../src/wire/bytes.ts";
import { parseIpv4, parseIpv6, printIpv4, printIpv6 } from "./addresses.ts";
import { LOCATION } from "./location.ts";
import { type Name, parseName, printName } from "./names.ts";
import type { OctetReader, OctetWriter } from "./octets.ts";
import { COVERED_TYPE, HASH, hardwareAddress, SALT, TIME, TYPES } from "./security-fields.ts";
import { parseParams, printParams } from "./svcb.ts";
import { PresentationError, quote, unescapeString } from "./text.ts";

/** One kind of RDATA field: how it reads in a master file, and how it lies on the wire. */
export interface Field {
  /** For errors: what the text should have been. */
  readonly expected: string;
  /** How much of the RDATA it takes: a number of octets, a character-string, a name, or everything that is left. */
  readonly extent: number | "string" | "name" | "rest";
  /** It takes every text that is left, not one. */
  readonly takesAll?: true;
  /** There may be no text at all. */
  readonly mayBeNothing?: true;
  /** Writes the octets that the texts stand for; `false` if they are not of this kind. */
  parse(texts: readonly string[], out: OctetWriter, origin: Name): boolean;
  print(rdata: OctetReader): string;
}

function unsigned(octets: 1 | 2 | 4): Field {
  const max = 256 ** octets - 1;
  const width = `u${octets * 8}` as "u8" | "u16" | "u32";
  return {
    expected: `a number from 0 to ${max}`,
    extent: octets,
    parse([text = ""], out) {
      if (!/^\d{1,10}$/.test(text) || Number(text) > max) return false;
      out[width](Number(text));
      return true;
    },
    print: (rdata) => String(rdata[width]()),
  };
}

const NAME: Field = {
  expected: "a name",
  extent: "name",
  parse([text = ""], out, origin) {
    out.latin1(parseName(text, origin));
    return true;
  },
  print: (rdata) => printName(rdata.name()),
};

const MAX_STRING_OCTETS = 255;
const TAG = /^[A-Za-z0-9]+$/;

function writeString(text: string, out: OctetWriter): true {
  const octets = unescapeString(text);
  // RFC 1035 section 3.3: the length is one octet.
  if (octets.length > MAX_STRING_OCTETS)
    throw new PresentationError(
      `expected strings of at most ${MAX_STRING_OCTETS} octets; this one has ${octets.length}: write it as several`,
    );
  out.string(octets);
  return true;
}

/** All that is left, which must be something: no text would stand for nothing. */
function someOctets(rdata: OctetReader): Uint8Array {
  if (rdata.left === 0) rdata.fail("a field is empty");
  return rdata.octets(rdata.left);
}

function written(octets: Uint8Array | undefined, out: OctetWriter): boolean {
  if (octets === undefined || octets.length === 0) return false;
  out.bytes(octets);
  return true;
}

/** The kinds of fields that RDATA is made of. */
export const FIELDS = {
  u8: unsigned(1),
  u16: unsigned(2),
  u32: unsigned(4),
  period: {
    ...unsigned(4),
    expected: "seconds, or a time such as 1h30m",
    parse([text = ""], out) {
      const seconds = parsePeriod(text, 2 ** 32 - 1);
      if (seconds !== undefined) out.u32(seconds);
      return seconds !== undefined;
    },
  },
  ipv4: {
    expected: "an IPv4 address",
    extent: 4,
    parse([text = ""], out) {
      const octets = parseIpv4(text);
      if (octets !== undefined) out.latin1(octets);
      return octets !== undefined;
    },
    print: (rdata) => printIpv4(rdata.octets(4)),
  },
  ipv6: {
    expected: "an IPv6 address",
    extent: 16,
    parse([text = ""], out) {
      const octets = parseIpv6(text);
      if (octets !== undefined) out.latin1(octets);
      return octets !== undefined;
    },
    print: (rdata) => printIpv6(rdata.octets(16)),
  },
  /** Compressed when sent. */
  name: NAME,
  /** Never compressed when sent. */
  target: NAME,
  string: {
    expected: "a string",
    extent: "string",
    parse: ([text = ""], out) => writeString(text, out),
    print: (rdata) => quote(rdata.string()),
  },
  /** One character-string or more. */
  strings: {
    expected: "one or more strings",
    extent: "rest",
    takesAll: true,
    parse: (texts, out) => texts.length > 0 && texts.every((text) => writeString(text, out)),
    print(rdata) {
      const strings = [quote(rdata.string())];
      while (rdata.left > 0) strings.push(quote(rdata.string()));
      return strings.join(" ");
    },
  },
  /** RFC 8659 section 4.1: a character-string of letters and digits. */
  tag: {
    expected: "a tag of letters and digits, such as issue",
    extent: "string",
    parse: ([text = ""], out) => TAG.test(text) && writeString(text, out),
    print(rdata) {
      const tag = rdata.string();
      if (!TAG.test(tag)) rdata.fail("a tag has other characters than letters and digits");
      return tag;
    },
  },
  /** A string that goes to the end of the RDATA and has no length of its own. */
  text: {
    expected: "a string",
    extent: "rest",
    parse([text = ""], out) {
      out.latin1(unescapeString(text));
      return true;
    },
    print: (rdata) => quote(rdata.latin1(rdata.left)),
  },
  hex: {
    expected: "hexadecimal digits, two for each octet",
    extent: "rest",
    takesAll: true,
    parse: (texts, out) => written(fromHex(texts.join("")), out),
    print: (rdata) => toHex(someOctets(rdata)).toUpperCase(),
  },
  base64: {
    expected: "base64",
    extent: "rest",
    takesAll: true,
    parse: (texts, out) => written(fromBase64(texts.join("")), out),
    print: (rdata) => toBase64(someOctets(rdata)),
  },
  /** RFC 9460 section 2.1: service parameters. */
  params: {
    expected: "parameters such as alpn=h2",
    extent: "rest",
    takesAll: true,
    mayBeNothing: true,
    parse(texts, out) {
      parseParams(texts, out);
      return true;
    },
    print: printParams,
  },
  type: COVERED_TYPE,
  types: TYPES,
  time: TIME,
  salt: SALT,
  hash: HASH,
  eui48: hardwareAddress(6),
  eui64: hardwareAddress(8),
  location: LOCATION,
} as const satisfies { readonly [kind: string]: Field };

export type FieldKind = keyof typeof FIELDS;

const UNIT_SECONDS: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
/** RFC 2181 section 8: a TTL has 31 bits. */
const MAX_TTL = 2 ** 31 - 1;

/** Seconds, from `5400` or `1h30m`; `undefined` if the text is neither, or too long. */
export function parsePeriod(text: string, max = MAX_TTL): number | undefined {
  if (!/^(\d+|(\d+[smhdw])+)$/i.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit] of text.toLowerCase().matchAll(/(\d+)([smhdw]?)/g))
    seconds += Number(count) * (UNIT_SECONDS[unit || "s"] as number);
  return seconds <= max ? seconds : undefined;
}
