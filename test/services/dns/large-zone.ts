/** As many octets of character-strings. */
function txt(octets: number): string {
  const whole = Math.floor(octets / 256);
  const rest = octets - 256 * whole;
  return `${`"${"x".repeat(255)}" `.repeat(whole)}${rest > 0 ? `"${"y".repeat(rest - 1)}"` : ""}`;
}

const addresses = (owner: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${owner} A 10.0.${at >> 8}.${at & 255}`);

/**
 * A zone whose answers are as long as a message can be. Of `t.big.test` TXT, 65,535 octets, there are 28 the header and the
 * question, twice 12 what stands before RDATA, and the rest is RDATA.
 */
export const LARGE_ZONE = {
  "big.test": [
    "$TTL 60",
    "@ SOA ns hostmaster 1 3600 900 2419200 300",
    "@ NS ns",
    "ns A 192.0.2.1",
    `t TXT ${txt(64_000)}`,
    `t TXT ${txt(65_535 - 28 - 24 - 64_000)}`,
    `u TXT ${txt(64_000)}`,
    `u TXT ${txt(65_536 - 28 - 24 - 64_000)}`,
    ...addresses("m", 4094),
    ...addresses("n", 4095),
    "",
  ].join("\n"),
};
