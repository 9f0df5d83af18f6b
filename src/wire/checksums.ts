/** The CRC-32 of gzip, zip and PNG (RFC 1952 section 8). */
export function crc32(octets: Uint8Array): number {
  let crc = 0xffffffff;
  for (let at = 0; at < octets.length; at += 1) {
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ (octets[at] as number)) & 0xff] as number);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** The checksum of zlib (RFC 1950 section 9). */
export function adler32(octets: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let at = 0; at < octets.length; ) {
    // So many additions stay below 2^32 before the modulus is due.
    const stop = Math.min(at + 5552, octets.length);
    for (; at < stop; at += 1) {
      a += octets[at] as number;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b * 65536 + a;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, octet) => {
  let crc = octet;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});
