import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromLatin1, toHex } from "../../src/wire/bytes.ts";
import { hmacSha256, sha256 } from "../../src/wire/sha256.ts";

const octets = fc.uint8Array({ maxLength: 300 });

describe("SHA-256", () => {
  // FIPS 180-2 appendix B, and the empty message.
  it.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
    ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
  ])("of a standard's example is the standard's", (message, digest) => {
    expect(toHex(sha256(fromLatin1(message)))).toBe(digest);
  });

  it("is what Node makes of whatever octets", () => {
    fc.assert(
      fc.property(octets, (message) => {
        expect(toHex(sha256(message))).toBe(createHash("sha256").update(message).digest("hex"));
      }),
    );
  });
});

describe("HMAC-SHA-256", () => {
  // RFC 4231 sections 4.2, 4.3, 4.4, 4.7 and 4.8.
  it.each([
    ["0b".repeat(20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
    ["4a656665", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"],
    ["aa".repeat(20), "\xdd".repeat(50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"],
    [
      "aa".repeat(131),
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ],
    [
      "aa".repeat(131),
      "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ],
  ])("of RFC 4231's example with the key %.16s is the RFC's", (key, message, code) => {
    expect(toHex(hmacSha256(Buffer.from(key, "hex"), fromLatin1(message)))).toBe(code);
  });

  it("is what Node makes of whatever key and octets", () => {
    fc.assert(
      fc.property(octets, octets, (key, message) => {
        expect(toHex(hmacSha256(key, message))).toBe(createHmac("sha256", key).update(message).digest("hex"));
      }),
    );
  });
});
