import { fromHex, fromLatin1, toHex, toLatin1 } from "../../src/wire/bytes.ts";
import type { Field } from "./fields.ts";
import { findType, printType } from "./types.ts";

/** A type by its name. */
export const COVERED_TYPE: Field = {
  expected: "a type such as A or TYPE65280",
  extent: 2,
  parse([text = ""], out) {
    const type = findType(text);
    if (type !== undefined) out.u16(type);
    return type !== undefined;
  },
  print: (rdata) => printType(rdata.u16()),
};

/** RFC 4034 section 4.1.2: blocks of 256 types, each with its number, its length, and a bit for each type up to the last. */
export const TYPES: Field = {
  expected: "types such as A NS RRSIG",
  extent: "rest",
  takesAll: true,
  mayBeNothing: true,
  parse(texts, out) {
    const types = texts.map(findType);
    if (!types.every((type) => type !== undefined)) return false;
    const sorted = [...new Set(types)].sort((a, b) => a - b);
    for (const block of new Set(sorted.map((type) => type >> 8))) {
      const bits = sorted.filter((type) => type >> 8 === block).map((type) => type & 0xff);
      const octets = new Uint8Array(((bits.at(-1) as number) >> 3) + 1);
      for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
      out.u8(block);
      out.u8(octets.length);
      out.bytes(octets);
    }
    return true;
  },
  print(rdata) {
    const names: string[] = [];
    for (let last = -1; rdata.left > 0; ) {
      const block = rdata.u8();
      const octets = rdata.octets(rdata.u8());
      const isInOrder = block > last;
      last = block;
      if (!isInOrder || octets.length > 32 || !octets.at(-1)) rdata.fail("a list of types is not as RFC 4034 has it");
      for (let bit = 0; bit < octets.length * 8; bit += 1)
        if ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) names.push(printType((block << 8) | bit));
    }
    return names.join(" ");
  },
};

/** RFC 4034 section 3.2: `20261231235959`, in UTC, or seconds since 1970. */
export const TIME: Field = {
  expected: "a time such as 20261231235959",
  extent: 4,
  parse([text = ""], out) {
    const seconds = readTime(text);
    if (seconds !== undefined) out.u32(seconds);
    return seconds !== undefined;
  },
  print: (rdata) => printTime(rdata.u32()),
};

const MAX_U32 = 2 ** 32 - 1;

function readTime(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return Number(text) <= MAX_U32 ? Number(text) : undefined;
  const [, date = "", hours, minutes, seconds] = /^(\d{8})(\d\d)(\d\d)(\d\d)$/.exec(text) ?? [];
  const day = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
  const time = Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`) / 1000;
  return time >= 0 && time <= MAX_U32 && printTime(time) === text ? time : undefined;
}

function printTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace(/\D/g, "");
}

/** RFC 5155 section 3.3: hexadecimal digits, `-` for none. */
export const SALT: Field = {
  expected: "a salt in hexadecimal digits, or -",
  extent: "string",
  parse([text = ""], out) {
    const octets = text === "-" ? new Uint8Array(0) : fromHex(text);
    if (!octets || octets.length > 255 || (octets.length === 0 && text !== "-")) return false;
    out.string(toLatin1(octets));
    return true;
  },
  print: (rdata) => toHex(fromLatin1(rdata.string())).toUpperCase() || "-",
};

/** RFC 4648 section 7. */
const BASE32HEX = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

/** RFC 5155 section 3.3: a hash, in base32hex without padding. */
export const HASH: Field = {
  expected: "base32hex without padding",
  extent: "string",
  parse([text = ""], out) {
    const octets = fromBase32Hex(text.toUpperCase());
    if (!octets || octets.length === 0 || octets.length > 255) return false;
    out.string(toLatin1(octets));
    return true;
  },
  print(rdata) {
    const octets = fromLatin1(rdata.string());
    if (octets.length === 0) rdata.fail("a hash is empty");
    return toBase32Hex(octets);
  },
};

function fromBase32Hex(text: string): Uint8Array | undefined {
  if (!/^[0-9A-V]+$/.test(text)) return undefined;
  const bits = [...text].map((digit) => BASE32HEX.indexOf(digit).toString(2).padStart(5, "0")).join("");
  const octets = bits.match(/[01]{8}/g) ?? [];
  const left = bits.slice(octets.length * 8);
  // What is left of the last digit is less than a digit, and zero: otherwise other digits would mean the same.
  if (left.length > 4 || left.includes("1")) return undefined;
  return Uint8Array.from(octets, (octet) => Number.parseInt(octet, 2));
}

function toBase32Hex(octets: Uint8Array): string {
  const bits = [...octets].map((octet) => octet.toString(2).padStart(8, "0")).join("");
  const digits = bits.match(/[01]{1,5}/g) ?? [];
  return digits.map((digit) => BASE32HEX[Number.parseInt(digit.padEnd(5, "0"), 2)]).join("");
}

/** RFC 7043: octets with hyphens between them. */
export function hardwareAddress(octets: 6 | 8): Field {
  return {
    expected: `${octets} octets such as ${Array.from({ length: octets }, (_, at) => `0${at}`).join("-")}`,
    extent: octets,
    parse([text = ""], out) {
      const isOne = new RegExp(`^[0-9a-f]{2}(-[0-9a-f]{2}){${octets - 1}}$`, "i").test(text);
      const found = isOne ? fromHex(text.replaceAll("-", "")) : undefined;
      if (found) out.bytes(found);
      return found !== undefined;
    },
    print: (rdata) => toHex(rdata.octets(octets)).replace(/..(?=.)/g, "$&-"),
  };
}
