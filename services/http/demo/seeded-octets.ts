/** Octets that look random and are the same for the same seed (xorshift, 32 bits of state). */
export function seededOctets(count: number, seed: number): Uint8Array {
  const octets = new Uint8Array(count);
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
  for (let at = 0; at < count; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    octets[at] = state >>> 24;
  }
  return octets;
}
