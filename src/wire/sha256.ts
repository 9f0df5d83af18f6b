/** SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104), for machines: they may not import what Node has. */

const BLOCK_OCTETS = 64;
/** Where the length begins in the last block. */
const LENGTH_AT = 56;

const PRIMES = primes(64);
/** FIPS 180-4 section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUND = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
/** Section 5.3.3: likewise of the square roots of the first eight. */
const INITIAL = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

/** The 32 octets of the digest. */
export function sha256(message: Uint8Array): Uint8Array {
  const state = Int32Array.from(INITIAL);
  // Section 5.1.1: a bit, zeros, and the length in bits.
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK_OCTETS) * BLOCK_OCTETS);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - BLOCK_OCTETS + LENGTH_AT, Math.floor(message.length / 2 ** 29));
  view.setUint32(padded.length - 4, message.length << 3);
  const schedule = new Int32Array(64);
  for (let at = 0; at < padded.length; at += BLOCK_OCTETS) compress(state, view, at, schedule);
  const digest = new Uint8Array(32);
  const out = new DataView(digest.buffer);
  for (const [index, word] of state.entries()) out.setInt32(4 * index, word);
  return digest;
}

/** The 32 octets of the code (RFC 2104 section 2). */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const short = key.length > BLOCK_OCTETS ? sha256(key) : key;
  return sha256(padded(short, 0x5c, sha256(padded(short, 0x36, message))));
}

function padded(key: Uint8Array, pad: number, message: Uint8Array): Uint8Array {
  const octets = new Uint8Array(BLOCK_OCTETS + message.length).fill(pad, 0, BLOCK_OCTETS);
  for (const [at, octet] of key.entries()) octets[at] = octet ^ pad;
  octets.set(message, BLOCK_OCTETS);
  return octets;
}

/** Section 6.2.2. */
function compress(state: Int32Array, block: DataView, start: number, schedule: Int32Array): void {
  for (let t = 0; t < 16; t += 1) schedule[t] = block.getInt32(start + 4 * t);
  for (let t = 16; t < 64; t += 1) {
    const w2 = schedule[t - 2] as number;
    const w15 = schedule[t - 15] as number;
    const sigma1 = rotated(w2, 17) ^ rotated(w2, 19) ^ (w2 >>> 10);
    const sigma0 = rotated(w15, 7) ^ rotated(w15, 18) ^ (w15 >>> 3);
    schedule[t] = (sigma1 + (schedule[t - 7] as number) + sigma0 + (schedule[t - 16] as number)) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < 64; t += 1) {
    const sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const choice = (e & f) ^ (~e & g);
    const one = (h + sum1 + choice + (ROUND[t] as number) + (schedule[t] as number)) | 0;
    const sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + sum0 + majority) | 0];
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = ((state[index] as number) + word) | 0;
}

function rotated(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function fraction(root: number): number {
  return Math.floor((root % 1) * 2 ** 32) | 0;
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate += 1)
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  return found;
}
