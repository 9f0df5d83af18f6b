import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseName } from "../../../services/dns/names.ts";
import { parseRdata, printRdata } from "../../../services/dns/rdata.ts";
import { DnsResponder } from "../../../services/dns/responder.ts";
import { parseType, TYPE } from "../../../services/dns/types.ts";
import { AuthoritativeZone } from "../../../services/dns/zone.ts";
import { fromHex, toHex } from "../../../src/wire/bytes.ts";
import { contextOf, PEER, print, query } from "./world.ts";

const ORIGIN = parseName("x.test.");
const SOA = "@ 1h IN SOA ns hostmaster 1 1h 15m 4w 5m\n";

const parsed = (type: string, text: string) => parseRdata(parseType(type), text.split(" "), ORIGIN);

/** Type, text, what it reads like afterwards if that is another, and its octets. */
const RECORDS: readonly (readonly [string, string, string | undefined, string])[] = [
  // RFC 1876 section 3.
  [
    "LOC",
    "42 21 54 N 71 06 18 W -24m 30m",
    "42 21 54.000 N 71 6 18.000 W -24.00m 30m 10000m 10m",
    "0033161389172dd070be15f000988d20",
  ],
  ["LOC", "0 N 0 E 0", "0 0 0.000 N 0 0 0.000 E 0.00m 1m 10000m 10m", "00121613800000008000000000989680"],
  [
    "LOC",
    "89 59 59.999 S 180 0 0.000 W 42849672.95m 0m 0.05m 90000000m",
    undefined,
    "000050996cb0270159604e00ffffffff",
  ],
  // RFC 4034 section 4.3.
  [
    "NSEC",
    "host.example.com. A MX RRSIG NSEC TYPE1234",
    undefined,
    `04686f7374076578616d706c6503636f6d000006400100000003041b${"00".repeat(26)}20`,
  ],
  // RFC 4034 section 3.3, with a short signature.
  [
    "RRSIG",
    "A 5 3 86400 20030322173103 20030220173103 2642 example.com. oJB1W6WN",
    undefined,
    "00010503000151803e7c9dd73e5510d70a52076578616d706c6503636f6d00a090755ba58d",
  ],
  // RFC 5155 appendix A.
  [
    "NSEC3",
    "1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR MX DNSKEY NS SOA NSEC3PARAM RRSIG",
    "1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR NS SOA MX RRSIG DNSKEY NSEC3PARAM",
    "0101000c04aabbccdd14174eb2409fe28bcb4887a1836f957f0a8425e27b000722010000000290",
  ],
  ["NSEC3PARAM", "1 0 12 AABBCCDD", undefined, "0100000c04aabbccdd"],
  ["NSEC3PARAM", "1 0 0 -", undefined, "0100000000"],
  ["CSYNC", "66 3 A NS AAAA", undefined, "000000420003000460000008"],
  ["ZONEMD", "2018031500 1 1 62E6CF51", undefined, "7848b78c010162e6cf51"],
  // RFC 7043 sections 3.2 and 4.2.
  ["EUI48", "00-00-5e-00-53-2a", undefined, "00005e00532a"],
  ["EUI64", "00-00-5e-ef-10-00-00-2a", undefined, "00005eef1000002a"],
  // RFC 6742 section 2.
  ["L32", "10 10.1.2.0", undefined, "000a0a010200"],
  ["LP", "10 l64-subnet1", "10 l64-subnet1.x.test.", "000a0b6c36342d7375626e6574310178047465737400"],
  ["KX", "10 b", "10 b.x.test.", "000a01620178047465737400"],
  ["MINFO", "a b", "a.x.test. b.x.test.", "0161017804746573740001620178047465737400"],
  ["CERT", "1 12345 8 AQID", undefined, "0001303908010203"],
];

describe("the RDATA of rarer types", () => {
  it.each(RECORDS)("%s %s", (type, text, printed, hex) => {
    const rdata = parsed(type, text);
    expect(toHex(rdata)).toBe(hex);
    expect(printRdata(parseType(type), rdata)).toBe(printed ?? text);
  });

  it("reads back what it prints, whatever the octets", () => {
    const types = [
      TYPE.LOC,
      TYPE.RRSIG,
      TYPE.NSEC,
      TYPE.NSEC3,
      TYPE.NSEC3PARAM,
      TYPE.CSYNC,
      TYPE.ZONEMD,
      TYPE.EUI48,
      TYPE.EUI64,
      TYPE.CERT,
    ];
    const small = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...types), small, (type, octets) => {
        const rdata = Uint8Array.from(octets);
        const words = printRdata(type, rdata).split(" ");
        // What makes up no fields is shown as octets, and is not taken for any.
        fc.pre(words[0] !== "\\#");
        expect(toHex(parseRdata(type, words, ORIGIN))).toBe(toHex(rdata));
      }),
      { numRuns: 5000 },
    );
  });

  it.each<[string, string]>([
    ["LOC", "90 0 0.001 N 0 E 0"],
    ["LOC", "1 60 N 0 E 0"],
    ["LOC", "1 2 3 4 N 0 E 0"],
    ["LOC", "1 N 0 E -100000.01m"],
    ["LOC", "1 N 0 E 0 1m 1m 1m 1m"],
    ["LOC", "1 N 0 E"],
    ["NSEC", "a A B"],
    ["RRSIG", "A 5 3 86400 20031322173103 20030220173103 2642 a AA=="],
    ["RRSIG", "A 5 3 86400 4294967296 20030220173103 2642 a AA=="],
    ["NSEC3", "1 0 0 ABC 00 A"],
    ["NSEC3", "1 0 0 - 0W A"],
    ["NSEC3", "1 0 0 - 01 A"],
    ["EUI48", "00-00-5e-00-53"],
    ["EUI64", "00:00:5e:ef:10:00:00:2a"],
  ])("%s is not %s", (type, text) => {
    expect(() => parsed(type, text)).toThrow(`${type}: expected `);
  });

  it.each([
    ["of another version", "01121613800000008000000000989680"],
    ["of another size", "00a21613800000008000000000989680"],
    ["beyond the pole", "00121613ffffffff8000000000989680"],
  ])("a location %s is shown as octets", (_, hex) => {
    expect(printRdata(TYPE.LOC, fromHex(hex) as Uint8Array)).toBe(`\\# 16 ${hex.toUpperCase()}`);
  });
});

describe("signatures as data", () => {
  const SIGNED = `${SOA}www 60 CNAME web
www 60 RRSIG CNAME 13 3 60 20300101000000 20260101000000 1 x.test. AAAA
www 300 NSEC x.test. CNAME RRSIG NSEC
www 300 RRSIG NSEC 13 3 300 20300101000000 20260101000000 1 x.test. BBBB
`;

  it("stand beside an alias, each with the TTL of what it signs (RFC 4034 section 3)", () => {
    const zone = new AuthoritativeZone({ origin: "x.test.", text: SIGNED, source: "x" });
    expect([...zone.records()].map(({ type, ttl }) => [type, ttl])).toEqual([
      [TYPE.CNAME, 60],
      [TYPE.RRSIG, 60],
      [TYPE.RRSIG, 300],
      [TYPE.NSEC, 300],
    ]);
  });

  it.each([
    ["RRSIG", 2],
    ["NSEC", 1],
    ["A", 1],
  ])("are what a question for %s is answered with, and no alias followed", (type, count) => {
    const responder = new DnsResponder(contextOf({ zones: { "x.test": SIGNED } }));
    const answers = print(responder.respond(query(`www.x.test ${type} +edns`), PEER, 0)).match(/^answer.*/gm);
    expect(answers).toHaveLength(count);
  });
});
