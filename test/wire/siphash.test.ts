import { describe, expect, it } from "vitest";
import { toHex } from "../../src/wire/bytes.ts";
import { sipHash } from "../../src/wire/siphash.ts";

const counting = (octets: number) => Uint8Array.from({ length: octets }, (_, at) => at);

describe("SipHash-2-4", () => {
  // The reference implementation's vectors: key 00 to 0f, message 00, 01, ...
  it.each([
    [0, "310e0edd47db6f72"],
    [1, "fd67dc93c539f874"],
    [2, "5a4fa9d909806c0d"],
    [7, "37d1018bf50002ab"],
    [8, "6224939a79f5f593"],
    [15, "e545be4961ca29a1"],
    [63, "724506eb4c328a95"],
  ])("of %i octets is the reference's", (octets, hash) => {
    expect(toHex(sipHash(counting(16), counting(octets)))).toBe(hash);
  });

  // RFC 9018 appendix A.1: client cookie, version and reserved, timestamp, client address.
  it("is the cookie of RFC 9018's example", () => {
    const key = Buffer.from("e5e973e5a6b2a43f48e7dc849e37bfcf", "hex");
    const message = Buffer.from("2464c4abcf10c957010000005cf79f11c6336464", "hex");
    expect(toHex(sipHash(key, message))).toBe("1f8130c3eee29480");
  });
});
