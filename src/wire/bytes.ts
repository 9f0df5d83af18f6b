/** Octets and text. Latin-1 maps every octet to one character and back, which is what line protocols need. */

export const EMPTY: Uint8Array = new Uint8Array(0);

/** The octets of a text whose characters are all below U+0100; higher ones lose their upper bits. */
export function fromLatin1(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

export function toLatin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return asBuffer(bytes).toString("latin1", start, end);
}

export function fromUtf8(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

/** Malformed sequences become U+FFFD. */
export function toUtf8(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("utf8");
}

/** The octets are well-formed UTF-8 (RFC 3629). */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes);
    return true;
  } catch {
    return false; // the decoder's only failure is malformed input
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}

/** A Latin-1 text and the octets that follow it, in one piece of memory. */
export function joinLatin1(text: string, octets: Uint8Array): Uint8Array {
  const joined = Buffer.allocUnsafe(text.length + octets.length);
  joined.write(text, 0, "latin1");
  joined.set(octets, text.length);
  return joined;
}

/** Octets of no certain value, all to be written before anybody reads them: ten times cheaper than zeros when few. */
export function unwritten(octets: number): Uint8Array {
  return Buffer.allocUnsafe(octets);
}

export function copyOf(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes);
}

/** Base64 with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("base64");
}

/** `undefined` if the text is not exactly base64 with padding (RFC 4648 section 4). */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, "base64");
}

export function toHex(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("hex");
}

/** `undefined` if the text is not exactly pairs of hexadecimal digits. */
export function fromHex(text: string): Uint8Array | undefined {
  return /^([0-9a-fA-F]{2})*$/.test(text) ? Buffer.from(text, "hex") : undefined;
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** The same memory as a Buffer; no copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
