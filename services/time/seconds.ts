// RFC 868: 2,208,988,800 corresponds to 00:00 1 Jan 1970 GMT
const SECONDS_1900_TO_1970 = 2_208_988_800;

/** Seconds since 00:00 1 January 1900 GMT, as 32 bits hold them: they begin again at 0 on 7 February 2036, 06:28:16. */
export function secondsSince1900(now: number): number {
  const seconds = Math.floor(now / 1000) + SECONDS_1900_TO_1970;
  return ((seconds % 2 ** 32) + 2 ** 32) % 2 ** 32;
}

/** RFC 868: a 32 bit binary number; in network byte order. */
export function encodeSeconds(seconds: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, seconds);
  return bytes;
}

/** `undefined` if there are not exactly 32 bits. */
export function decodeSeconds(bytes: Uint8Array): number | undefined {
  return bytes.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) : undefined;
}
