import { describe, expect, it } from "vitest";
import { loadFixtures } from "../../../fixtures/load.ts";
import { printRecord } from "../../../services/dns/exchange.ts";
import { AuthoritativeZone } from "../../../services/dns/zone.ts";
import { parseZoneFile } from "../../../services/dns/zone-file.ts";
import { checkZones } from "../../../services/dns/zones.ts";
import { MemoryWorld } from "../../../src/world/world.ts";
import { ZoneStore } from "../../../src/world/zone-store.ts";

const SOA = "@ 1h IN SOA ns hostmaster 1 1h 15m 4w 5m\n";
const zone = (text: string) => ({ origin: "x.test.", text, source: "x.zone" });
const records = (text: string) => parseZoneFile(zone(text)).map(printRecord);

describe("a master file", () => {
  it.each<[string, string, string[]]>([
    ["an absolute name", "www.x.test. 60 IN A 192.0.2.1", ["www.x.test. 60 IN A 192.0.2.1"]],
    ["a name below the origin", "www 60 IN A 192.0.2.1", ["www.x.test. 60 IN A 192.0.2.1"]],
    ["@ for the origin, in RDATA too", "@ 60 MX 5 @", ["x.test. 60 IN MX 5 x.test."]],
    ["the class before the TTL", "a IN 60 A 192.0.2.1", ["a.x.test. 60 IN A 192.0.2.1"]],
    [
      "a blank owner",
      "a 60 A 192.0.2.1\n  60 A 192.0.2.2",
      ["a.x.test. 60 IN A 192.0.2.1", "a.x.test. 60 IN A 192.0.2.2"],
    ],
    ["$ORIGIN, relative to the one before", "$ORIGIN sub\na 60 A 192.0.2.1", ["a.sub.x.test. 60 IN A 192.0.2.1"]],
    ["$TTL with units", "$TTL 1w2d3h4m5s\na A 192.0.2.1", ["a.x.test. 788645 IN A 192.0.2.1"]],
    [
      "the last TTL that was stated",
      "a 7 A 192.0.2.1\nb A 192.0.2.2",
      ["a.x.test. 7 IN A 192.0.2.1", "b.x.test. 7 IN A 192.0.2.2"],
    ],
    [
      "$TTL before the last TTL",
      "$TTL 9\na 7 A 192.0.2.1\nb A 192.0.2.2",
      ["a.x.test. 7 IN A 192.0.2.1", "b.x.test. 9 IN A 192.0.2.2"],
    ],
    [
      "the SOA's MINIMUM where no TTL is",
      "@ SOA ns host 1 2 3 4 300\na A 192.0.2.1",
      ["x.test. 300 IN SOA ns.x.test. host.x.test. 1 2 3 4 300", "a.x.test. 300 IN A 192.0.2.1"],
    ],
    ["parentheses and comments", '@ 60 ( TXT ; one (\n "two;" ; three "\n) ; four', ['x.test. 60 IN TXT "two;"']],
    [
      "a line end of CRLF",
      "a 60 A 192.0.2.1\r\nb 60 A 192.0.2.2\r\n",
      ["a.x.test. 60 IN A 192.0.2.1", "b.x.test. 60 IN A 192.0.2.2"],
    ],
    ["lower case", "a 60 in a 192.0.2.1", ["a.x.test. 60 IN A 192.0.2.1"]],
    ["a dot within a label", "a\\.b 60 A 192.0.2.1", ["a\\.b.x.test. 60 IN A 192.0.2.1"]],
    ["octets in decimal", '\\000\\255 60 TXT "\\001\\\\\\""', ['\\000\\255.x.test. 60 IN TXT "\\001\\\\\\""']],
    ["text in UTF-8", 'a 60 TXT é "✓"', ['a.x.test. 60 IN TXT "\\195\\169" "\\226\\156\\147"']],
    ["an empty string", 'a 60 TXT ""', ['a.x.test. 60 IN TXT ""']],
    ["a type that nobody knows", "a 60 TYPE65280 \\# 4 0A0000 01", ["a.x.test. 60 IN TYPE65280 \\# 4 0A000001"]],
    ["a class by its number", "a 60 CLASS1 TYPE1 192.0.2.1", ["a.x.test. 60 IN A 192.0.2.1"]],
    ["octets for a type that is known", "a 60 A \\# 4 C0000201", ["a.x.test. 60 IN A 192.0.2.1"]],
    [
      "addresses in every form",
      "a 60 AAAA ::ffff:192.0.2.1\n 60 AAAA 1:0:0:2::3\n 60 AAAA ::",
      ["a.x.test. 60 IN AAAA ::ffff:192.0.2.1", "a.x.test. 60 IN AAAA 1:0:0:2::3", "a.x.test. 60 IN AAAA ::"],
    ],
    [
      "service parameters in any order",
      'a 60 SVCB 1 b port=53 alpn="h2,h3" no-default-alpn key667=x\\255',
      ['a.x.test. 60 IN SVCB 1 b.x.test. alpn="h2,h3" no-default-alpn port=53 key667="x\\255"'],
    ],
  ])("may have %s", (_, text, expected) => {
    expect(records(text)).toEqual(expected);
  });

  it.each<[string, string]>([
    ["a 60 A 192.0.2.256", '1: A: expected address (an IPv4 address), not "192.0.2.256"'],
    ["a 60 AAAA 1:2", '1: AAAA: expected address (an IPv6 address), not "1:2"'],
    ["a 60 MX mail", '1: MX: expected preference (a number from 0 to 65535), not "mail"'],
    ["a 60 MX 10", "1: MX: expected exchange (a name), but the record ends before it"],
    ["a 60 A 192.0.2.1 192.0.2.2", '1: A: expected nothing after address, not "192.0.2.2"'],
    ["\n\na 60 SOA a b 1 2 3 4 5x", '3: SOA: expected minimum (seconds, or a time such as 1h30m), not "5x"'],
    ["a 60 MX (\n10\nmail\nmore)", '4: MX: expected nothing after exchange, not "more"'],
    ["a 60 TXT", "1: TXT: expected text (one or more strings), but the record ends before it"],
    [`a 60 TXT ${"x".repeat(256)}`, "1: expected strings of at most 255 octets; this one has 256: write it as several"],
    ["a 60 CAA 0 is-sue x", '1: CAA: expected tag (a tag of letters and digits, such as issue), not "is-sue"'],
    ["a 60 SSHFP 1 1 ABC", '1: SSHFP: expected fingerprint (hexadecimal digits, two for each octet), not "ABC"'],
    ["a 60 DNSKEY 1 3 5 a", '1: DNSKEY: expected key (base64), not "a"'],
    ["a 60 SVCB 1 . colour=red", '1: expected a parameter such as alpn, port or key65280, not "colour"'],
    ["a 60 SVCB 1 . port=99999", "1: port: expected a port from 0 to 65535"],
    ["a 60 SVCB 1 . port=1 port=2", "1: expected each parameter once; port is there twice"],
    ["a 60 NULL 1", '1: expected a type such as A, MX or TYPE65280, not "NULL"'],
    ["a 60 TYPE65280 \\# 3 0A", "1: TYPE65280: expected 3 octets after \\#; there are 1"],
    ["a 60 A \\# 1 0A", "1: A: expected octets that make up its fields after \\#"],
    ["a 60 B 192.0.2.1", '1: expected a type such as A, MX or TYPE65280, not "B"'],
    ["a 60 AXFR x", "1: expected a type that has data, not AXFR"],
    ["@ SOA ns host (\n1\n2\nthree 4 5)", '4: SOA: expected retry (seconds, or a time such as 1h30m), not "three"'],
    ["a", "1: expected a type such as A after the name"],
    ["a 60 CH A 192.0.2.1", "1: expected the class IN, not CH"],
    ["  A 192.0.2.1", "1: expected a name at the beginning of the line, for no record stands before it"],
    [
      "a 60 A 192.0.2.1\n www A 192.0.2.1",
      '2: expected a TTL, class or type, not "www": a line that begins with a space is about a.x.test.',
    ],
    ["a..b 60 A 192.0.2.1", '1: expected a label between the dots of "a..b"'],
    [`${"a".repeat(64)} 60 A 192.0.2.1`, `1: expected labels of at most 63 octets; one of "${"a".repeat(64)}" has 64`],
    ["bücher 60 A 192.0.2.1", '1: expected a name in ASCII, not "bücher": write its A-label (xn--...)'],
    ["a\\256 60 A 192.0.2.1", "1: expected \\000 to \\255, not \\256"],
    [
      "$INCLUDE other.zone",
      "1: expected no $INCLUDE: a zone is one text here, put the other file's lines in its place",
    ],
    ["$GENERATE 1-2 a A 192.0.2.$", "1: expected $ORIGIN or $TTL, not $GENERATE"],
    ["$TTL soon", '1: expected a time such as 3600 or 1h30m, not "soon"'],
    ["$ORIGIN", "1: expected one name after $ORIGIN"],
    ["\na 60 TXT ( b", '2: expected a ")" for the "(" of this line'],
    ["a 60 TXT ( b ( c ) )", '1: expected no second "(" in the one of line 1'],
    ["a 60 TXT b )", '1: expected a "(" before this ")"'],
    ['a 60 TXT "b\n', '1: expected a second " on this line'],
    ["a 60 TXT b\\", "1: expected a character after the backslash"],
  ])("%j is refused with its place and what was expected", (text, message) => {
    expect(() => records(text)).toThrow(`x.zone:${message}`);
  });
});

describe("a zone", () => {
  it.each<[string, string]>([
    ["a 60 A 192.0.2.1", "1: expected one SOA at x.test., such as: @ IN SOA ns1 hostmaster 1 1h 15m 4w 5m"],
    [`${SOA}@ 1h IN SOA ns2 hostmaster 1 1h 15m 4w 5m`, "there are 2"],
    [`${SOA}a 60 SOA ns hostmaster 1 1h 15m 4w 5m`, "2: a.x.test. has an SOA; expected one at x.test. only"],
    [`${SOA}a.y.test. 60 A 192.0.2.1`, "2: a.y.test. lies outside of the zone x.test."],
    [`${SOA}a 60 CNAME b\na 60 A 192.0.2.1`, "3: a.x.test. has a CNAME and other data; expected one or the other"],
    [`${SOA}a 60 TXT b\na 60 CNAME b`, "3: a.x.test. has a CNAME and other data; expected one or the other"],
    [`${SOA}a 60 CNAME b\na 60 CNAME c`, "3: a.x.test. has more than one CNAME; expected one"],
  ])("%j cannot be served", (text, message) => {
    expect(() => new AuthoritativeZone(zone(text))).toThrow(message);
  });

  it("holds no record twice, and one TTL for each RRset", () => {
    const { records } = {
      records: new AuthoritativeZone(zone(`${SOA}a 60 A 192.0.2.1\nA 30 A 192.0.2.1\na 30 A 192.0.2.2`)).records(),
    };
    expect([...records].map(printRecord)).toEqual(["a.x.test. 30 IN A 192.0.2.1", "a.x.test. 30 IN A 192.0.2.2"]);
  });
});

describe("checkZones", () => {
  it("takes the zones of the default world", () => {
    expect(() => checkZones(new MemoryWorld(loadFixtures()).zones)).not.toThrow();
  });

  it("takes a zone with records added at run time", () => {
    const { zones } = new MemoryWorld(loadFixtures());
    zones.add("example.test", "extra 300 IN A 192.0.2.1");
    expect(() => checkZones(zones)).not.toThrow();
  });

  it("names source and line of what it refuses", () => {
    const zones = new ZoneStore();
    zones.set("x.test", `${SOA}www A 127.0.0`);
    expect(() => checkZones(zones)).toThrow('zones["x.test"]:2: A: expected address (an IPv4 address), not "127.0.0"');
  });

  it("refuses an origin that is no name", () => {
    const zones = new ZoneStore();
    zones.set("x..test", SOA);
    expect(() => checkZones(zones)).toThrow('zones["x..test"]:1: expected a label between the dots of "x..test."');
  });
});
