import { describe, expect, it } from "vitest";
import { loadFixtures } from "../../fixtures/load.ts";
import { ManualClock, systemClock } from "../../src/world/clock.ts";
import { seededRandom } from "../../src/world/random.ts";
import { MemoryWorld, WORLD_LIMITS } from "../../src/world/world.ts";
import { ZoneStore } from "../../src/world/zone-store.ts";

const world = (limits: Partial<typeof WORLD_LIMITS> = {}) =>
  new MemoryWorld(loadFixtures(), { ...WORLD_LIMITS, ...limits });
const message = (octets: number) => ({ envelope: { from: "", to: [] }, raw: new Uint8Array(octets), receivedAt: 0 });

describe("mailboxes", () => {
  it.each([
    ["alice", "alice"],
    ["ALICE", "alice"],
    ["alice@example.test", "alice"],
    ["Alice+lists@Example.Test", "alice"],
    ["nobody@example.test", "nobody@example.test"],
    ["nobody", "nobody@example.test"],
    ["Someone@Elsewhere.Example", "someone@elsewhere.example"],
    ["alice@elsewhere.example", "alice@elsewhere.example"],
    ["odd@name@example.test", "odd@name@example.test"],
    ["+@example.test", "+@example.test"],
  ])("%s leads to %s", (address, mailbox) => {
    expect(world().mail.route(address)).toBe(mailbox);
  });

  it("give each message an ascending number of its own", () => {
    const { mail } = world();
    const uids = [5, 6, 7].map((octets) => mail.deliver("bob", message(octets)));
    expect(uids).toMatchObject([{ uid: 1 }, { uid: 2 }, { uid: 3 }]);
    expect(mail.messages("bob").map(({ raw }) => raw.length)).toEqual([5, 6, 7]);
    expect(mail.messages("nobody")).toEqual([]);
  });

  it.each<[string, Partial<typeof WORLD_LIMITS>]>([
    ["one mailbox", { maxMailboxOctets: 4000 }],
    ["all together", { maxMailOctets: 4000 }],
  ])("are bounded in octets: %s", (_, limits) => {
    const { mail } = world(limits);
    // Beside alice's welcome, and with what a message costs beside its octets.
    const most =
      Array.from({ length: 4000 }, (_, octets) => octets).findLast((octets) => mail.hasRoom(["bob"], octets)) ?? 0;
    expect(most).toBeGreaterThan(1000);
    expect(mail.deliver("bob", message(most + 1))).toBe("full");
    expect(mail.deliver("bob", message(most))).toMatchObject({ uid: 1 });
    expect(mail.deliver("bob", message(0))).toBe("full");
  });

  it("have room for a message in all of several, or not", () => {
    const { mail } = world({ maxMailboxes: 3, maxMailOctets: 20_000 });
    expect(mail.hasRoom(["alice", "bob", "x@y"], 1000)).toBe(true);
    expect(mail.hasRoom(["alice", "bob", "x@y", "z@y"], 1000)).toBe(false);
    expect(mail.hasRoom(["bob"], 10_000)).toBe(true);
    expect(mail.hasRoom(["bob", "x@y"], 10_000)).toBe(false);
  });

  it("are bounded in number, and those that are there still take mail", () => {
    const { mail } = world({ maxMailboxes: 2 });
    expect(mail.deliver("bob", message(1))).toMatchObject({ uid: 1 });
    expect(mail.route("third@example.test")).toBeUndefined();
    expect(mail.hasRoom(["third@example.test"], 1)).toBe(false);
    expect(mail.deliver("third@example.test", message(1))).toBe("full");
    expect(mail.deliver("bob", message(1))).toMatchObject({ uid: 2 });
  });

  it("cannot be flooded with empty messages", () => {
    const { mail } = world({ maxMailboxOctets: 100_000 });
    let count = 0;
    while (mail.deliver("bob", message(0)) !== "full") count += 1;
    expect(count).toBeLessThan(1000);
  });

  it("are read by a test as texts", () => {
    const one = world();
    one.mail.deliver("bob", { ...message(0), raw: Buffer.from("Subject: \u00fc\r\n\r\n") });
    expect(one.mailbox("bob@example.test")).toMatchObject({ name: "bob", texts: ["Subject: \u00fc\r\n\r\n"] });
  });
});

describe("accounts", () => {
  it.each([
    ["alice", "wonderland", "alice"],
    ["ALICE", "wonderland", "alice"],
    ["alice", "Wonderland", undefined],
    ["alice", "", undefined],
    ["nobody", "", undefined],
    ["toString", "x", undefined],
  ])("%s with %j: %s", (name, password, expected) => {
    expect(world().accounts.authenticate(name, password)?.name).toBe(expected);
  });
});

describe("zones", () => {
  it("are known by their absolute name in lower case, and each change tells", () => {
    const zones = new ZoneStore();
    zones.set("Example.TEST", "@ SOA ...", "here");
    const { version } = zones;
    expect(zones.all).toEqual([{ origin: "example.test.", text: "@ SOA ...", source: "here" }]);
    zones.add("example.test.", "www A 192.0.2.1");
    expect(zones.all[0]?.text).toBe("@ SOA ...\n$ORIGIN example.test.\nwww A 192.0.2.1\n");
    expect(zones.version).toBeGreaterThan(version);
    expect(zones.remove("EXAMPLE.test")).toBe(true);
    expect(zones.remove("example.test")).toBe(false);
  });

  it("that do not exist cannot be added to", () => {
    expect(() => new ZoneStore().add("no.test", "x")).toThrow("there is no zone no.test");
  });
});

describe("clocks", () => {
  it("moved by hand call timers in the order of their times, then of their making", () => {
    const clock = new ManualClock(1000);
    const called: string[] = [];
    const note = (name: string) => () => called.push(`${name} at ${clock.now()}`);
    clock.timer(20, note("b"));
    clock.timer(10, note("a"));
    clock.timer(20, note("c"));
    clock.timer(15, note("stopped")).stop();
    clock.timer(10, () => clock.timer(5, note("made by a timer")));
    clock.advance(19);
    expect(called).toEqual(["a at 1010", "made by a timer at 1015"]);
    clock.advance(100);
    expect(called.slice(2)).toEqual(["b at 1020", "c at 1020"]);
    expect(clock.now()).toBe(1119);
  });

  it.each([2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER])("of the system wait %d ms, and not one", async (ms) => {
    let expired = false;
    const timer = systemClock.timer(ms, () => {
      expired = true;
    });
    // Another one, made later, expires when a timer that overflowed would have before it.
    await new Promise<void>((resolve) => systemClock.timer(2, resolve));
    timer.stop();
    expect(expired).toBe(false);
  });
});

describe("random numbers", () => {
  it("are the same for a seed, others for another, and within [0, 1)", () => {
    const draw = (seed: number) => Array.from({ length: 1000 }, seededRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(2)).not.toEqual(draw(1));
    expect(Math.min(...draw(3))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draw(3))).toBeLessThan(1);
    const mean = draw(4).reduce((sum, one) => sum + one) / 1000;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
  });
});
