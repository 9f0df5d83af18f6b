import { describe, expect, it } from "vitest";
import { start } from "../../src/index.ts";
import { fromLatin1 } from "../../src/wire/bytes.ts";
import { TestSocket } from "./fixture.ts";
import { talkTo } from "./smtp-talk.ts";

/** Delivers a message to alice over SMTP. */
async function deliver(at: { host: string; port: number }): Promise<void> {
  const client = await TestSocket.connect(at.host, at.port);
  client.socket.end(
    "EHLO client\r\nMAIL FROM:<bob@example.test>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\n",
  );
  expect(await client.ended()).toBe("FIN");
  expect(client.text).toMatch(/\r\n250 [^\r]*\r\n221 [^\r]*\r\n$/);
}

describe("reset", () => {
  it("brings back mail, files, zones, random numbers and an empty journal that counts from 1", async () => {
    await using harness = await start({ services: ["smtp", "echo"] });
    const { world, journal } = harness;
    const fixtures = {
      files: world.tree.list("/")?.map(({ name }) => name),
      zone: world.zones.all.find(({ origin }) => origin === "example.test.")?.text,
    };
    await deliver(harness.endpoint("smtp"));
    world.file("/new/file.txt", "new");
    world.tree.remove("/readme.txt");
    world.zones.add("example.test", "new A 192.0.2.99");
    world.zones.set("other.test", "@ SOA ns hostmaster 1 1h 15m 4w 5m");
    world.mail.deliver("bob", { envelope: { from: "", to: [] }, raw: fromLatin1("x"), receivedAt: 0 });
    expect(world.mailbox("alice").messages).toHaveLength(2);
    await journal.waitFor({ kind: "close" });
    harness.reset();
    expect(world.mailbox("alice").messages).toHaveLength(1);
    expect(world.mailbox("bob").messages).toHaveLength(0);
    expect(world.tree.list("/")?.map(({ name }) => name)).toEqual(fixtures.files);
    expect(world.zones.all.find(({ origin }) => origin === "example.test.")?.text).toBe(fixtures.zone);
    expect(world.zones.all.map(({ origin }) => origin)).not.toContain("other.test.");
    expect(journal).toMatchObject({ size: 0, octets: 0, forgotten: 0 });
    await deliver(harness.endpoint("smtp"));
    expect(journal.find({ kind: "open" })).toMatchObject([{ seq: 1, session: { id: 1 } }]);
  });

  it("brings back the random numbers of rules, so that chance falls as it fell", async () => {
    await using harness = await start({ services: ["smtp"], seed: 7 });
    const fallen = async () => {
      harness.smtp.stub({ when: { command: "NOOP" }, reply: 450, chance: 0.5 });
      return talkTo(harness, ...Array.from({ length: 32 }, () => "NOOP"), "QUIT");
    };
    const first = await fallen();
    harness.reset();
    expect(await fallen()).toBe(first);
  });

  it("makes whatever was derived from the world stale", async () => {
    await using harness = await start({ services: ["echo"] });
    const versions = () => [harness.world.tree.version, harness.world.zones.version];
    const [tree = 0, zones = 0] = versions();
    harness.reset();
    expect(versions()[0]).toBeGreaterThan(tree);
    expect(versions()[1]).toBeGreaterThan(zones);
  });

  it("takes less than a millisecond", async () => {
    await using harness = await start({ services: ["smtp", "echo"] });
    const times = Array.from({ length: 301 }, () => {
      for (let at = 0; at < 10; at += 1) harness.world.file(`/new/${at}.txt`, "new");
      const before = performance.now();
      harness.reset();
      return performance.now() - before;
    });
    expect(times.sort((a, b) => a - b)[150]).toBeLessThan(1);
  });

  it("leaves connections and ports alone, and then goes on counting", async () => {
    await using harness = await start({ services: ["echo"] });
    const { host, port } = harness.endpoint("echo");
    const client = await TestSocket.connect(host, port);
    client.socket.write("before");
    await client.until(() => client.text === "before");
    const last = harness.journal.find().at(-1)?.seq ?? 0;
    harness.reset();
    client.socket.end("after");
    expect(await client.ended()).toBe("FIN");
    expect(client.text).toBe("beforeafter");
    expect(await harness.journal.waitFor({ kind: "received" })).toMatchObject({ seq: last + 1, session: { id: 1 } });
    expect(harness.endpoint("echo").port).toBe(port);
  });
});
