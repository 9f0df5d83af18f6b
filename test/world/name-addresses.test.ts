import { describe, expect, it } from "vitest";
import { loadFixtures } from "../../fixtures/load.ts";
import { NameTable } from "../../src/world/name-addresses.ts";
import { MemoryWorld } from "../../src/world/world.ts";

const NAMES = Array.from({ length: 5000 }, (_, at) => `host${at}.shop.test`);

describe("the address of a name", () => {
  it("is in 198.18.0.0/15, and its twin ends alike", () => {
    const { ipv4, ipv6 } = new NameTable(1).of("smtp.elsewhere.test") as { ipv4: string; ipv6: string };
    expect(ipv4).toMatch(/^198\.1[89]\.\d+\.\d+$/);
    const groups = ipv4.split(".").map(Number) as [number, number, number, number];
    const [high, low] = [(groups[0] << 8) | groups[1], (groups[2] << 8) | groups[3]];
    expect(ipv6).toBe(`2001:db8::${high.toString(16)}:${low.toString(16)}`);
  });

  it("is nobody else's, and leads back to the name", () => {
    const table = new NameTable(1);
    const addresses = NAMES.map((name) => table.of(name) as { ipv4: string; ipv6: string });
    expect(new Set(addresses.map(({ ipv4 }) => ipv4)).size).toBe(NAMES.length);
    expect(addresses.map(({ ipv4 }) => table.nameOf(ipv4))).toEqual(NAMES);
    expect(addresses.map(({ ipv6 }) => table.nameOf(ipv6))).toEqual(NAMES);
    expect(addresses.map(({ ipv4 }) => table.nameOf(`::ffff:${ipv4}`))).toEqual(NAMES);
    expect(NAMES.map((name) => table.of(name))).toEqual(addresses);
  });

  it("is the same by the same seed, and another by another", () => {
    const of = (seed: number) => {
      const table = new NameTable(seed);
      return NAMES.slice(0, 100).map((name) => table.of(name)?.ipv4);
    };
    expect(of(7)).toEqual(of(7));
    expect(of(8)).not.toEqual(of(7));
  });

  it("is there for 65,536 names", () => {
    const table = new NameTable(1);
    const given = Array.from({ length: 65_537 }, (_, at) => table.of(`n${at}`));
    expect(given.indexOf(undefined)).toBe(65_536);
    expect(table.of("n0")).toEqual(given[0]);
  });

  it.each(["198.18.0.0", "198.17.0.1", "198.20.0.1", "2001:db8::1", "2001:db8::c614:1", "::1", "mail", ""])(
    "is not %j",
    (address) => {
      const table = new NameTable(1);
      for (const name of NAMES) table.of(name);
      expect(table.nameOf(address)).toBeUndefined();
    },
  );

  it("is forgotten with reset", () => {
    const world = new MemoryWorld(loadFixtures());
    const address = world.addresses.of("www.elsewhere.test")?.ipv4 ?? "";
    expect(world.nameOf(address)).toBe("www.elsewhere.test");
    world.reset();
    expect(world.nameOf(address)).toBeUndefined();
    expect(world.addresses.of("www.elsewhere.test")?.ipv4).toBe(address);
  });
});
