import { describe, expect, it } from "vitest";
import { type FaultInput, start } from "../../src/index.ts";
import { TestSocket } from "../supervisor/fixture.ts";
import { expectSound } from "./fixture.ts";
import { packetsOf, segmentsOf } from "./pcapng-file.ts";

describe("a capture of a fault", () => {
  it.each<[string, FaultInput]>([
    ["a reset", "reset"],
    ["a reset in the middle", { reset: { after: 5 } }],
    ["an end in the middle", { close: { after: 5 } }],
    ["other octets", { raw: "999 nonsense\r\n" }],
    ["flipped bits", { corrupt: { after: 1, octets: 2 } }],
    ["single octets", { slice: 1 }],
    ["a wait", { delay: 20 }],
  ])("shows what the client saw: %s", async (_, fault) => {
    await using harness = await start({ services: ["smtp"], host: "127.0.0.1" });
    harness.smtp.stub({ when: { command: "NOOP" }, fault });
    const client = await TestSocket.connect(harness.smtp.host, harness.smtp.port);
    await client.until(() => client.text.includes("\n"));
    client.socket.write("NOOP\r\nQUIT\r\n");
    await client.ended();
    client.socket.destroy();
    await harness.journal.waitFor({ kind: "close" });
    const file = harness.export("pcapng");
    expectSound(file);
    const ours = segmentsOf(file).filter(({ direction }) => direction === 2);
    expect(Buffer.concat(ours.map(({ data }) => data)).toString("latin1")).toBe(client.text);
    const isReset = ours.some(({ flags }) => flags.includes("RST"));
    expect([isReset, ours.some(({ flags }) => flags.includes("FIN"))]).toEqual(
      client.end === "FIN" ? [false, true] : [true, false],
    );
  });
});

describe("a capture of a rule about a datagram", () => {
  it("says which, at the answer", async () => {
    await using harness = await start({ services: ["dns"], host: "127.0.0.1" });
    harness.dns.stub({ when: { name: "www.example.test" }, reply: { rcode: "SERVFAIL" }, name: "broken resolver" });
    const { host, port } = harness.endpoint("dns", { transport: "udp" });
    const { Resolver } = await import("node:dns/promises");
    const resolver = new Resolver({ tries: 1 });
    resolver.setServers([`${host}:${port}`]);
    await expect(resolver.resolve4("www.example.test")).rejects.toMatchObject({ code: "ESERVFAIL" });
    const comments = packetsOf(harness.export("pcapng")).flatMap((packet) => packet.comments);
    expect(comments).toEqual([
      expect.stringContaining("dns rule rule=broken resolver"),
      expect.stringMatching(/^dns www\.example\.test A .*-> SERVFAIL/),
    ]);
  });
});
