import { describe, expect, it } from "vitest";
import { notation } from "../../../services/dns/notation.ts";
import { toHex } from "../../../src/wire/bytes.ts";

const octetsOf = (text: string) => toHex(notation.read(text));

describe("the notation", () => {
  it.each([
    ["a.test A", "000101000001000000000000016104746573740000010001"],
    ["a.test. AAAA id=65535 rd=0", "ffff000000010000000000000161047465737400001c0001"],
    ["a.test TYPE65280 class=CH ad=1 cd=1", "00010130000100000000000001610474657374 00ff000003".replace(" ", "")],
    ["a.test SOA opcode=NOTIFY", "000121000001000000000000016104746573740000060001"],
    [". NS +edns=512 +do", "0001010000010000000000010000020001" + "0000290200000080000000"],
    [
      ". NS +version=1 +option=3: +option=10:0102",
      "0001010000010000000000010000020001" +
        "00002904d00001000000 0a".replace(" 0a", "0a") +
        "00030000" +
        "000a00020102",
    ],
    ["hex: 00 01\tff", "0001ff"],
  ])("%s is the octets %s", (text, octets) => {
    expect(octetsOf(text)).toBe(octets);
  });

  it.each([
    "a.test. A id=1",
    "a.test. TYPE65280 id=7 rd=0 ad=1 cd=1 class=CH opcode=NOTIFY +edns=512 +version=1 +do +option=10:0102",
    "a\\.b.te\\032st. ANY id=0 class=CLASS7 opcode=OPCODE7",
    "hex:0001010000020000000000000161000001000101620000010001",
    "hex:0001",
    "hex:",
  ])("writes %s as it read it", (text) => {
    expect(notation.write(notation.read(text))).toBe(text);
  });

  it.each([
    ["a.test", 'expected a type such as A, MX or TYPE65280, not ""'],
    ["a.test A id=65536", 'expected a flag such as +edns=1232, +do, id=1 or rd=0, not "id=65536"'],
    ["a.test A +nsid", 'not "+nsid"'],
    ["hex:0", "expected pairs of hexadecimal digits after hex:"],
  ])("refuses %s", (text, message) => {
    expect(() => notation.read(text)).toThrow(message);
  });
});
