import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { PortwrightError } from "../../src/errors.ts";
import {
  canonicalAddress,
  covers,
  hostAndPort,
  isLoopback,
  isWildcard,
  listenHosts,
  loopbackHosts,
  mayCover,
  wildcardHosts,
} from "../../src/ports/addresses.ts";
import { allowList } from "../../src/ports/allow-list.ts";
import { fakeSystem } from "./fake-system.ts";

describe("the one spelling of an address", () => {
  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "::1"],
    ["[::1]", "::1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:DB8:0::0:1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::FFFF:7F00:1", "127.0.0.1"],
    ["localhost", undefined],
    ["127.1", undefined],
    ["", undefined],
  ])("of %s is %s", (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });
});

describe("loopback", () => {
  it.each(["127.0.0.1", "127.255.255.254", "::1", "0::1", "[::1]", "::ffff:127.0.0.1"])("%s is it", (address) => {
    expect(isLoopback(address)).toBe(true);
  });
  it.each(["0.0.0.0", "::", "128.0.0.1", "192.0.2.1", "::2", "127.example", "localhost", ""])(
    "%j is not",
    (address) => {
      expect(isLoopback(address)).toBe(false);
    },
  );

  it.each([
    ["both where there are both", ["127.0.0.1", "::1", "192.0.2.2"], ["127.0.0.1", "::1"], ["0.0.0.0", "::"]],
    ["IPv4's alone where IPv6 is off", ["127.0.0.1", "192.0.2.2"], ["127.0.0.1"], ["0.0.0.0"]],
    ["IPv4's where no interface is shown", [], ["127.0.0.1"], ["0.0.0.0"]],
  ])("hosts, and wildcards, are %s", (_, addresses, hosts, wildcards) => {
    const system = fakeSystem({ addresses });
    expect([loopbackHosts(system), wildcardHosts(system)]).toEqual([hosts, wildcards]);
  });

  it("hosts of this machine are among its addresses", () => {
    const present = Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address));
    expect(present).toEqual(expect.arrayContaining(loopbackHosts()));
  });
});

describe("one address covers another", () => {
  it.each([
    ["127.0.0.1", "127.0.0.1", true, true],
    ["0.0.0.0", "127.0.0.1", true, true],
    ["127.0.0.1", "0.0.0.0", false, false],
    ["0.0.0.0", "::1", false, false],
    ["0.0.0.0", "::", false, false],
    ["::", "::1", true, true],
    ["::", "127.0.0.1", false, true],
    ["::", "0.0.0.0", false, true],
    ["::1", "127.0.0.1", false, false],
  ])("%s, %s: ours %s, theirs perhaps %s", (wide, narrow, ours, theirs) => {
    expect([covers(wide, narrow), mayCover(wide, narrow)]).toEqual([ours, theirs]);
  });

  it.each([
    ["0.0.0.0", true],
    ["::", true],
    ["[::]", true],
    ["::ffff:0.0.0.0", true],
    ["127.0.0.1", false],
  ])("%s is the wildcard: %s", (address, expected) => {
    expect(isWildcard(address)).toBe(expected);
  });
});

describe("hosts to listen on", () => {
  it.each([
    [["localhost"], ["127.0.0.1", "::1"]],
    [
      ["LOCALHOST", "127.0.0.1"],
      ["127.0.0.1", "::1"],
    ],
    [["[::1]"], ["::1"]],
    [
      ["0.0.0.0", "::"],
      ["0.0.0.0", "::"],
    ],
    [[], []],
  ])("%j are %j", (written, hosts) => {
    expect(listenHosts(written, fakeSystem({}))).toEqual(hosts);
  });

  it("are addresses and no names", () => {
    expect(() => listenHosts(["example.test"])).toThrow(
      'host: "example.test" is not an IP address; a harness listens on addresses',
    );
  });

  it("are printed as in URLs", () => {
    expect([hostAndPort("127.0.0.1", 25), hostAndPort("::1", 25)]).toEqual(["127.0.0.1:25", "[::1]:25"]);
  });
});

describe("an allow list", () => {
  it.each<[readonly string[], string, boolean]>([
    [["192.0.2.0/24"], "192.0.2.200", true],
    [["192.0.2.0/24"], "192.0.3.1", false],
    [["192.0.2.0/24"], "::ffff:192.0.2.200", true],
    [["192.0.2.77/24"], "192.0.2.1", true],
    [["192.0.2.7"], "192.0.2.7", true],
    [["192.0.2.7"], "192.0.2.8", false],
    [["192.0.2.7/32"], "192.0.2.8", false],
    [["0.0.0.0/0"], "203.0.113.9", true],
    [["0.0.0.0/0"], "2001:db8::1", false],
    [["::/0"], "2001:db8::1", true],
    [["::/0"], "203.0.113.9", false],
    [["2001:db8::/32"], "2001:db8:ffff::1", true],
    [["2001:db8::/32"], "2001:db9::1", false],
    [["fe80::/10"], "fe80::1%eth0", true],
    [["::ffff:10.0.0.0/104"], "10.9.8.7", true],
    [["::ffff:10.0.0.0/104"], "11.0.0.1", false],
    [["192.0.2.1", "::1"], "::1", true],
    [["192.0.2.1"], "127.0.0.1", false],
    [["0.0.0.0/0"], "not an address", false],
    [[], "127.0.0.1", false],
  ])("%j, %s: %s", (blocks, address, allowed) => {
    expect(allowList(blocks).allows(address)).toBe(allowed);
  });

  it.each([
    ["localhost", /"localhost" is not an IP address/],
    ["", /"" is not an IP address/],
    ["10.0.0/8", /"10\.0\.0" is not an IP address/],
    ["10.0.0.0/33", /prefix length goes from 0 to 32/],
    ["10.0.0.0/", /prefix length goes from 0 to 32/],
    ["10.0.0.0/-1", /prefix length goes from 0 to 32/],
    ["10.0.0.0/8/8", /prefix length goes from 0 to 32/],
    ["::/129", /prefix length goes from 0 to 128/],
    ["::ffff:10.0.0.0/8", /prefix length goes from 96 to 128/],
  ])("refuses %j", (block, message) => {
    const refuse = () => allowList(["127.0.0.1", block]);
    expect(refuse).toThrow(PortwrightError);
    expect(refuse).toThrow(message);
    expect(refuse).toThrow(/^allow: /);
  });
});
