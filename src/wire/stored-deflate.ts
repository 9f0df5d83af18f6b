import { adler32, crc32 } from "./checksums.ts";

/** RFC 1951 section 3.2.4: the length of a stored block is 16 bits. */
const BLOCK_OCTETS = 0xffff;

/** A DEFLATE stream that decodes to `octets`, in stored blocks: nothing is compressed (RFC 1951 section 3.2.4). */
export function deflateStored(octets: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(octets.length / BLOCK_OCTETS));
  const stream = new Uint8Array(octets.length + blocks * 5);
  const view = new DataView(stream.buffer);
  let to = 0;
  for (let block = 0; block < blocks; block += 1) {
    const piece = octets.subarray(block * BLOCK_OCTETS, (block + 1) * BLOCK_OCTETS);
    view.setUint8(to, block === blocks - 1 ? 1 : 0);
    view.setUint16(to + 1, piece.length, true);
    view.setUint16(to + 3, ~piece.length, true);
    stream.set(piece, to + 5);
    to += 5 + piece.length;
  }
  return stream;
}

/** The same in a zlib wrapper, which HTTP calls `deflate` (RFC 1950; RFC 9110 section 8.4.1.2). */
export function zlibStored(octets: Uint8Array): Uint8Array {
  return wrap([0x78, 0x01], deflateStored(octets), (view, at) => view.setUint32(at, adler32(octets)), 4);
}

/** The same in a gzip wrapper, without a name or a date (RFC 1952 section 2.3). */
export function gzipStored(octets: Uint8Array): Uint8Array {
  const UNKNOWN_SYSTEM = 255;
  const head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, UNKNOWN_SYSTEM];
  const tail = (view: DataView, at: number) => {
    view.setUint32(at, crc32(octets), true);
    view.setUint32(at + 4, octets.length, true);
  };
  return wrap(head, deflateStored(octets), tail, 8);
}

function wrap(
  head: readonly number[],
  stream: Uint8Array,
  writeTail: (view: DataView, at: number) => void,
  tailOctets: number,
): Uint8Array {
  const whole = new Uint8Array(head.length + stream.length + tailOctets);
  whole.set(head);
  whole.set(stream, head.length);
  writeTail(new DataView(whole.buffer), head.length + stream.length);
  return whole;
}
