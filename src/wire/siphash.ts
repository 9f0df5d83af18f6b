/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a short keyed hash of 64 bits, eight octets, lowest first. `key` has 16 octets.
 *
 * Theory of operation: 64-bit words are two 32-bit numbers each, the low one first, in one array; big integers would cost
 * ten times as much.
 */
export function sipHash(key: Uint8Array, message: Uint8Array): Uint8Array {
  const from = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const [k0, k1, k2, k3] = [0, 4, 8, 12].map((at) => from.getInt32(at, true)) as [number, number, number, number];
  const v = Int32Array.of(
    k0 ^ 0x70736575,
    k1 ^ 0x736f6d65,
    k2 ^ 0x6e646f6d,
    k3 ^ 0x646f7261,
    k0 ^ 0x6e657261,
    k1 ^ 0x6c796765,
    k2 ^ 0x79746573,
    k3 ^ 0x74656462,
  );
  const whole = message.length - (message.length % 8);
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  for (let at = 0; at < whole; at += 8) absorb(v, view.getInt32(at, true), view.getInt32(at + 4, true));
  // The octets that are left, and the length in the highest one.
  const last = Int32Array.of(0, message.length << 24);
  for (let at = whole; at < message.length; at += 1) {
    const left = at - whole;
    last[left >> 2] = (last[left >> 2] as number) | ((message[at] as number) << (8 * (left & 3)));
  }
  absorb(v, last[0] as number, last[1] as number);
  v[4] = (v[4] as number) ^ 0xff;
  for (let rounds = 4; rounds > 0; rounds -= 1) round(v);
  const hash = new Uint8Array(8);
  const out = new DataView(hash.buffer);
  for (const half of [0, 1] as const) {
    const word = (v[half] as number) ^ (v[2 + half] as number) ^ (v[4 + half] as number) ^ (v[6 + half] as number);
    out.setInt32(4 * half, word, true);
  }
  return hash;
}

function absorb(v: Int32Array, low: number, high: number): void {
  v[6] = (v[6] as number) ^ low;
  v[7] = (v[7] as number) ^ high;
  round(v);
  round(v);
  v[0] = (v[0] as number) ^ low;
  v[1] = (v[1] as number) ^ high;
}

function round(v: Int32Array): void {
  add(v, 0, 2);
  mix(v, 2, 0, 13);
  swap(v, 0);
  add(v, 4, 6);
  mix(v, 6, 4, 16);
  add(v, 0, 6);
  mix(v, 6, 0, 21);
  add(v, 4, 2);
  mix(v, 2, 4, 17);
  swap(v, 4);
}

/** The word at `to` becomes the sum of both. */
function add(v: Int32Array, to: number, from: number): void {
  const low = ((v[to] as number) >>> 0) + ((v[from] as number) >>> 0);
  v[to] = low | 0;
  v[to + 1] = ((v[to + 1] as number) + (v[from + 1] as number) + (low > 0xffffffff ? 1 : 0)) | 0;
}

/** The word at `at` turns left by fewer than 32 bits, and takes in the other. */
function mix(v: Int32Array, at: number, other: number, bits: number): void {
  const low = v[at] as number;
  const high = v[at + 1] as number;
  v[at] = ((low << bits) | (high >>> (32 - bits))) ^ (v[other] as number);
  v[at + 1] = ((high << bits) | (low >>> (32 - bits))) ^ (v[other + 1] as number);
}

/** The word at `at` turns by 32 bits. */
function swap(v: Int32Array, at: number): void {
  const low = v[at] as number;
  v[at] = v[at + 1] as number;
  v[at + 1] = low;
}
