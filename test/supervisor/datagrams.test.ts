import { createSocket } from "node:dgram";
import { describe, expect, it } from "vitest";
import { echo } from "../../services/echo/index.ts";
import type { Service } from "../../src/contract/service.ts";
import { start } from "../../src/index.ts";
import { loopbackHosts } from "../../src/ports/addresses.ts";
import { openHarness } from "./fixture.ts";

/** What comes back for each of some datagrams that are sent one after the other, until one is answered with `last`. */
async function converse(
  at: { host: string; port: number },
  datagrams: readonly string[],
  last: string,
): Promise<string[]> {
  const socket = createSocket(at.host.includes(":") ? "udp6" : "udp4");
  const answers: string[] = [];
  const done = new Promise<void>((resolve) => {
    socket.on("message", (bytes) => {
      answers.push(bytes.toString());
      if (bytes.toString() === last) resolve();
    });
  });
  for (const datagram of datagrams) socket.send(datagram, at.port, at.host);
  await done;
  socket.close();
  return answers;
}

describe("a service over UDP", () => {
  it.each(loopbackHosts())("answers each datagram on %s, and records it as an exchange", async (host) => {
    await using harness = await start({ services: ["echo"] });
    const { port } = harness.endpoint("echo", { transport: "udp", host });
    expect(await converse({ host, port }, ["one", "two"], "two")).toEqual(["one", "two"]);
    expect(harness.journal.exchanges("echo")).toMatchObject([
      {
        seq: 1,
        session: { id: 0, transport: "udp", local: { address: host, port }, peer: { address: host } },
        request: { octets: 3 },
        reply: { octets: 3 },
      },
      { seq: 2 },
    ]);
  });

  it("whose responder crashes over one datagram answers the next, and the stack is in the journal", async () => {
    const fragile: Service = {
      ...(echo as unknown as Service),
      name: "fragile",
      transports: ["udp"],
      responder: () => ({
        respond: (datagram) => {
          if (datagram[0] === 0x21) throw new TypeError("a mistake of ours");
          return datagram;
        },
      }),
    };
    await using harness = await openHarness({ services: ["fragile"] }, [fragile]);
    expect(await converse(harness.endpoint("fragile"), ["!", "next"], "next")).toEqual(["next"]);
    expect(harness.journal.find({ event: "crash" })).toMatchObject([
      { session: { transport: "udp" }, detail: { stack: expect.stringMatching(/^TypeError: a mistake of ours\n/) } },
    ]);
  });

  it("that cannot read its own datagram back has its octets in the journal, and the stack", async () => {
    const illiterate: Service = {
      ...(echo as unknown as Service),
      name: "illiterate",
      transports: ["udp"],
      exchange: () => {
        throw new TypeError("a mistake of ours");
      },
    };
    await using harness = await openHarness({ services: ["illiterate"] }, [illiterate]);
    expect(await converse(harness.endpoint("illiterate"), ["x"], "x")).toEqual(["x"]);
    const [exchange] = harness.journal.exchanges("illiterate", { data: Buffer.from("x") });
    expect(exchange?.request.crash).toMatch(/^TypeError: a mistake of ours/);
  });

  it("goes on if an answer cannot be sent", async () => {
    const verbose: Service = {
      ...(echo as unknown as Service),
      name: "verbose",
      transports: ["udp"],
      responder: () => ({ respond: (datagram) => (datagram[0] === 0x21 ? new Uint8Array(70_000) : datagram) }),
    };
    await using harness = await openHarness({ services: ["verbose"] }, [verbose]);
    expect(await converse(harness.endpoint("verbose"), ["!", "next"], "next")).toEqual(["next"]);
    expect(await harness.journal.waitFor({ event: "send-failed" })).toMatchObject({
      detail: { stack: expect.stringContaining("EMSGSIZE") },
    });
  });
});
