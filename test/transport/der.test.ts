import { describe, expect, it } from "vitest";
import * as der from "../../src/transport/identity/der.ts";

const hex = (octets: Uint8Array) => Buffer.from(octets).toString("hex");

describe("a DER value", () => {
  it.each([
    [0, "0400"],
    [1, "0401"],
    [127, "047f"],
    [128, "048180"],
    [255, "0481ff"],
    [256, "04820100"],
    [65_535, "0482ffff"],
    [65_536, "0483010000"],
  ])("of %i octets states its length in as few octets as will do", (octets, head) => {
    const value = der.octetString(new Uint8Array(octets));
    expect(hex(value.subarray(0, value.length - octets))).toBe(head);
  });

  it.each<[bigint | number, string]>([
    [0, "020100"],
    [1, "020101"],
    [127, "02017f"],
    [128, "02020080"],
    [255, "020200ff"],
    [256, "02020100"],
    [32_767, "02027fff"],
    [32_768, "0203008000"],
    [65_537, "0203010001"],
    [-1, "0201ff"],
    [-128, "020180"],
    [-129, "0202ff7f"],
    [-256, "0202ff00"],
    [-32_768, "02028000"],
    [-32_769, "0203ff7fff"],
    [2n ** 63n, "0209008000000000000000"],
    [-(2n ** 63n), "02088000000000000000"],
    [2n ** 127n - 1n, `02107f${"ff".repeat(15)}`],
  ])("of INTEGER %s is minimal two's complement", (value, octets) => {
    expect(hex(der.integer(value))).toBe(octets);
  });

  it.each([
    ["2.5.29.17", "0603551d11"],
    ["1.2.840.113549", "06062a864886f70d"],
    ["1.2.840.10045.4.3.2", "06082a8648ce3d040302"],
    ["2.999.3", "0603883703"], // X.690 section 8.19.5
    ["0.39", "060127"],
    ["1.3.6.1.4.1.311.21.20", "06092b0601040182371514"],
    ["2.25.9007199254740991", "0609698fffffffffffff7f"],
  ])("of OBJECT IDENTIFIER %s spends seven bits of an octet on an arc", (dotted, octets) => {
    expect(hex(der.objectIdentifier(dotted))).toBe(octets);
  });

  it.each(["", "1", "3.1", "1.40", "0.40.1", "1.2.-3", "1.2.x", "1..2", "1.2.", "1.2.9007199254740992"])(
    "is not made of %j as an OBJECT IDENTIFIER",
    (dotted) => {
      expect(() => der.objectIdentifier(dotted)).toThrow(RangeError);
    },
  );

  it.each([
    ["1949-12-31T23:59:59Z", "180f31393439313233313233353935395a"],
    ["1950-01-01T00:00:00Z", "170d3530303130313030303030305a"],
    ["2026-01-01T00:00:00.999Z", "170d3236303130313030303030305a"],
    ["2049-12-31T23:59:59Z", "170d3439313233313233353935395a"],
    ["2050-01-01T00:00:00Z", "180f32303530303130313030303030305a"],
    ["9999-12-31T23:59:59Z", "180f39393939313233313233353935395a"],
  ])("of the time %s is UTCTime from 1950 to 2049, else GeneralizedTime", (iso, octets) => {
    expect(hex(der.time(Date.parse(iso)))).toBe(octets);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Date.UTC(10_000, 0, 1), -1e15])(
    "is not made of %d ms as a time",
    (ms) => {
      expect(() => der.time(ms)).toThrow(RangeError);
    },
  );

  it.each<[number[], string]>([
    [[], "030100"],
    [[0], "03020780"],
    [[5, 6], "03020106"],
    [[7], "03020001"],
    [[8], "0303070080"],
    [[0, 8], "0303078080"],
  ])("of the named bits %j has no trailing zero bits", (bits, octets) => {
    expect(hex(der.namedBits(...bits))).toBe(octets);
  });

  it.each<[string, Uint8Array, string]>([
    ["BOOLEAN TRUE", der.boolean(true), "0101ff"],
    ["BOOLEAN FALSE", der.boolean(false), "010100"],
    ["BIT STRING", der.bitString(Uint8Array.of(0x0a, 0x3b)), "0303000a3b"],
    ["UTF8String", der.utf8String("é"), "0c02c3a9"],
    ["an empty SEQUENCE", der.sequence(), "3000"],
    ["a SEQUENCE of two", der.sequence(der.integer(1), der.boolean(true)), "30060201010101ff"],
    ["a SET of one", der.setOfOne(der.integer(5)), "3103020105"],
    ["[0] EXPLICIT", der.contextConstructed(0, der.integer(2)), "a003020102"],
    ["[2] IMPLICIT", der.contextPrimitive(2, Buffer.from("a")), "820161"],
  ])("of %s reads as X.690 has it", (_what, value, octets) => {
    expect(hex(value)).toBe(octets);
  });

  it("as PEM has lines of 64 characters and ends with one line end", () => {
    expect(der.toPem("X", Buffer.alloc(49))).toBe(`-----BEGIN X-----\n${"A".repeat(64)}\nAA==\n-----END X-----\n`);
  });
});
