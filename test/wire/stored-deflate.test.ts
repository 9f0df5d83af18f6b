import { gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { adler32, crc32 } from "../../src/wire/checksums.ts";
import { deflateStored, gzipStored, zlibStored } from "../../src/wire/stored-deflate.ts";

const octets = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 31) & 0xff);

describe("stored deflate", () => {
  it.each([0, 1, 65_535, 65_536, 200_000])("of %i octets is undone by zlib", (length) => {
    const plain = octets(length);
    expect(inflateRawSync(deflateStored(plain)).equals(plain)).toBe(true);
    expect(inflateSync(zlibStored(plain)).equals(plain)).toBe(true);
    expect(gunzipSync(gzipStored(plain)).equals(plain)).toBe(true);
  });
});

describe("checksums", () => {
  it.each([
    ["", 0, 1],
    ["123456789", 0xcbf43926, 0x091e01de],
    ["Wikipedia", 0xadaac02e, 0x11e60398],
  ])("of %j are the published ones", (text, crc, adler) => {
    expect(crc32(Buffer.from(text))).toBe(crc);
    expect(adler32(Buffer.from(text))).toBe(adler);
  });
});
