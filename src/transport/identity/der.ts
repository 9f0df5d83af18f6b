/** DER (ITU-T X.690), the part that certificates are written in. Every function returns one whole value: tag, length, content. */

const SEQUENCE = 0x30;
const SET = 0x31;
const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;

/** One value of any tag below 31 (X.690 section 8.1.2). */
function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  let octets = 0;
  for (const part of parts) octets += part.length;
  return Buffer.concat([Uint8Array.of(tag, ...lengthOctets(octets)), ...parts]);
}

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(SEQUENCE, ...parts);
}

/** A SET of one member; more would have to be sorted (X.690 section 10.3). */
export function setOfOne(member: Uint8Array): Buffer {
  return tagged(SET, member);
}

/** `[n] EXPLICIT`, or `[n] IMPLICIT` of a constructed type whose members are given. */
export function contextConstructed(n: number, ...parts: readonly Uint8Array[]): Buffer {
  return tagged(CONTEXT | CONSTRUCTED | n, ...parts);
}

/** `[n] IMPLICIT` of a primitive type. */
export function contextPrimitive(n: number, content: Uint8Array): Buffer {
  return tagged(CONTEXT | n, content);
}

/** X.690 section 11.1: DER's TRUE is all ones. */
export function boolean(value: boolean): Buffer {
  return tagged(0x01, Uint8Array.of(value ? 0xff : 0x00));
}

/** X.690 section 8.3: two's complement in as few octets as will do. */
export function integer(value: bigint | number): Buffer {
  const wanted = BigInt(value);
  let octets = 1;
  while (BigInt.asIntN(octets * 8, wanted) !== wanted) octets += 1;
  const hex = BigInt.asUintN(octets * 8, wanted).toString(16);
  return tagged(0x02, Buffer.from(hex.padStart(octets * 2, "0"), "hex"));
}

/** A BIT STRING of whole octets. */
export function bitString(octets: Uint8Array): Buffer {
  return tagged(0x03, Uint8Array.of(0), octets);
}

/** A BIT STRING of named bits, without trailing zero bits (X.690 section 11.2.2). */
export function namedBits(...bits: readonly number[]): Buffer {
  const highest = Math.max(-1, ...bits);
  const octets = new Uint8Array(1 + Math.ceil((highest + 1) / 8));
  octets[0] = highest < 0 ? 0 : 7 - (highest % 8);
  for (const bit of bits) octets[1 + (bit >> 3)] = (octets[1 + (bit >> 3)] ?? 0) | (0x80 >> (bit % 8));
  return tagged(0x03, octets);
}

export function octetString(octets: Uint8Array): Buffer {
  return tagged(0x04, octets);
}

export function utf8String(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text, "utf8"));
}

/** An object identifier from its dotted form (X.690 section 8.19). */
export function objectIdentifier(dotted: string): Buffer {
  const [root = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const isWellFormed =
    /^(?:[01]\.[1-3]?\d|2\.\d+)(?:\.\d+)*$/.test(dotted) && [second, ...rest].every(Number.isSafeInteger);
  if (!isWellFormed) throw new RangeError(`${JSON.stringify(dotted)} is not an object identifier`);
  // X.690 section 8.19.4: the first two arcs share one number.
  return tagged(0x06, Uint8Array.from([root * 40 + second, ...rest].flatMap(base128)));
}

/** A time to the second. RFC 5280 section 4.1.2.5: UTCTime from 1950 to 2049, GeneralizedTime for other years. */
export function time(ms: number): Buffer {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new RangeError(`${ms} ms is not a time that a certificate can hold`);
  const digits = `${date.toISOString().slice(0, 19).replace(/\D/g, "")}Z`;
  const isUtcTime = year >= 1950 && year <= 2049;
  return isUtcTime ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits));
}

/** RFC 7468: the text form, 64 characters to a line. */
export function toPem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** X.690 section 10.1: the definite form, as short as possible. */
function lengthOctets(octets: number): number[] {
  if (octets < 0x80) return [octets];
  const digits: number[] = [];
  for (let rest = octets; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [0x80 | digits.length, ...digits];
}

function base128(arc: number): number[] {
  const digits = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(0x80 | (rest % 128));
  return digits;
}
