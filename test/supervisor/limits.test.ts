import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { echo } from "../../services/echo/index.ts";
import { services } from "../../services/registry.ts";
import type { Service } from "../../src/contract/service.ts";
import { start } from "../../src/index.ts";
import { connectUdp } from "../../src/transport/client.ts";
import { openHarness, TestSocket } from "./fixture.ts";

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

const ALL = Object.values(services) as unknown as readonly Service[];

describe("who is answered", () => {
  it.each([
    { allow: ["127.0.0.1"], from: "127.0.0.1", answered: true },
    { allow: ["127.0.0.1"], from: "127.0.0.2", answered: false },
    { allow: ["127.0.0.0/8"], from: "127.0.0.2", answered: true },
    { allow: ["10.0.0.0/8", "127.0.0.2/32"], from: "127.0.0.2", answered: true },
    { allow: ["10.0.0.0/8"], from: "127.0.0.1", answered: false },
    { allow: [], from: "127.0.0.2", answered: true },
  ])("with --allow $allow, $from: $answered", async ({ allow, from, answered }) => {
    await using harness = await start({ services: ["echo"], host: "127.0.0.1", allow });
    const { host, port } = harness.endpoint("echo", { transport: "tcp" });
    const outcome = await TestSocket.connect(host, port, from)
      .then(async (client) => {
        client.socket.end("hello");
        await client.ended();
        return client.text;
      })
      .catch(({ code }: { code: string }) => code);
    expect(outcome === "hello").toBe(answered);
    if (answered) return;
    expect(await harness.journal.waitFor({ event: "not-allowed" })).toMatchObject({
      session: { service: "echo", transport: "tcp", peer: { address: from } },
    });
    expect(harness.journal.find({ kind: "open" })).toEqual([]);
  });

  it("holds for datagrams too: others get no answer", async () => {
    await using harness = await start({ services: ["echo"], host: "127.0.0.1", allow: ["10.0.0.0/8"] });
    const { host, port } = harness.endpoint("echo", { transport: "udp" });
    const client = await connectUdp(host, port, {
      data: () => {
        throw new Error("it was answered");
      },
      end: () => undefined,
      failed: () => undefined,
    });
    client.send(Buffer.from("hello"));
    expect(await harness.journal.waitFor({ event: "not-allowed" })).toMatchObject({
      session: { transport: "udp", peer: { address: "127.0.0.1" } },
    });
    client.destroy();
  });

  it("holds while the endpoints are still being proved", async () => {
    let allowed = 0;
    const slow: Service = {
      ...(echo as unknown as Service),
      name: "slow",
      transports: ["tcp"],
      machine: () => ({
        state: "SLOW",
        handle: (input) => {
          if (input.type === "open") allowed += 1;
          return input.type === "data" ? [{ do: "send", bytes: input.bytes }] : [];
        },
      }),
      probe: { tcp: [{ send: "x" }, { expect: "x" }] },
    };
    const port = await freePort();
    const opening = openHarness({ services: { slow: { port } }, host: "127.0.0.1", allow: ["10.0.0.0/8"] }, [slow]);
    const intruders = Array.from({ length: 200 }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      const socket = connectTcp({ host: "127.0.0.1", port });
      sockets.push(socket);
      return new Promise((resolve) => socket.once("close", resolve).once("error", resolve).resume());
    });
    await using harness = await opening;
    await Promise.all(intruders);
    expect(allowed).toBe(1);
    expect(harness.journal.find({ kind: "open" })).toEqual([]);
  });
});

describe("too many sessions", () => {
  it.each(ALL.filter(({ transports, tls }) => transports.includes("tcp") && !tls).map(({ name }) => name))(
    "%s says so in its own words, or closes, and serves again when one has left",
    async (name) => {
      await using harness = await openHarness({ services: [name], host: "127.0.0.1", limits: { maxSessions: 2 } });
      const { host, port } = harness.endpoint(name, { transport: "tcp" });
      const first = [await TestSocket.connect(host, port), await TestSocket.connect(host, port)];
      // Some services close at once of their own accord: daytime, qotd, time. They never have too many.
      await harness.journal.waitFor({ kind: "open", where: ({ session }) => session.id === 2 });
      const third = await TestSocket.connect(host, port);
      const note = harness.journal.waitFor({ event: "too-many-sessions" }, { timeout: 1000 }).catch(() => undefined);
      await third.ended();
      const said = TOLD[name];
      if (said) {
        expect(third.text).toMatch(said);
        expect(await note).toMatchObject({ detail: { ofService: 3, ofPeer: 3 } });
      }
      for (const client of first) client.socket.destroy();
      third.socket.destroy();
      await harness.journal.waitFor({ kind: "close", where: ({ session }) => session.id === 3 });
      while (harness.sessions.length > 0) await new Promise((resolve) => setImmediate(resolve));
      const fourth = await TestSocket.connect(host, port);
      await harness.journal.waitFor({ kind: "open", where: ({ session }) => session.id === 4 });
      expect(harness.journal.find({ event: "too-many-sessions", session: 4 })).toEqual([]);
      fourth.socket.destroy();
    },
  );

  it("are counted for each peer too", async () => {
    await using harness = await start({ services: ["smtp"], host: "127.0.0.1", limits: { maxSessionsPerPeer: 1 } });
    const { host, port } = harness.endpoint("smtp");
    const clients = await Promise.all(
      ["127.0.0.1", "127.0.0.2", "127.0.0.1"].map((from) => TestSocket.connect(host, port, from)),
    );
    expect(await harness.journal.waitFor({ event: "too-many-sessions" })).toMatchObject({
      detail: { ofService: 3, ofPeer: 2 },
    });
    for (const { socket } of clients) socket.destroy();
  });

  it("of one peer take no other peer's place", async () => {
    const limits = { maxSessions: 4, maxSessionsPerPeer: 2 };
    await using harness = await start({ services: ["smtp"], host: "127.0.0.1", limits });
    const { host, port } = harness.endpoint("smtp");
    const greedy = await Promise.all(Array.from({ length: 8 }, () => TestSocket.connect(host, port, "127.0.0.2")));
    await Promise.all(greedy.map((client) => client.until(() => /^[24]2[01] .*\r\n/.test(client.text))));
    expect(harness.sessions).toHaveLength(8);
    const other = await TestSocket.connect(host, port);
    await other.until(() => other.text.includes("\r\n"));
    expect(other.text).toMatch(/^220 /);
    for (const { socket } of [...greedy, other]) socket.destroy();
  });

  it("do not count the proofs of the start", async () => {
    for (let round = 0; round < 5; round += 1) {
      await using harness = await start({ services: ["smtp"], limits: { maxSessions: 1, maxSessionsPerPeer: 1 } });
      const { host, port } = harness.endpoint("smtp");
      const client = await TestSocket.connect(host, port);
      await client.until(() => client.text.includes("220 "));
      expect(harness.journal.find({ event: "too-many-sessions" })).toEqual([]);
      client.socket.destroy();
    }
  });

  it("include TLS handshakes that never end", async () => {
    await using harness = await openHarness({ services: ["https"], host: "127.0.0.1", limits: { maxSessions: 3 } });
    const { host, port } = harness.endpoint("https");
    for (let at = 0; at < 3; at += 1) sockets.push((await TestSocket.connect(host, port)).socket);
    const fourth = await TestSocket.connect(host, port).then(
      (client) => client.ended(),
      ({ code }) => code,
    );
    expect(fourth).toBe("ECONNRESET");
    expect(harness.journal.find({ event: "too-many-handshakes" })).toHaveLength(1);
    for (const socket of sockets.splice(0)) socket.destroy();
    await harness.journal.waitFor({ kind: "close" });
    const secure = connectTls({ host, port, ca: harness.ca.pem, servername: "localhost" });
    await new Promise((resolve) => secure.once("secureConnect", resolve));
    secure.destroy();
  });
});

/** What those are told that have an RFC's word for it. */
const TOLD: { readonly [service: string]: RegExp } = {
  smtp: /^421 /,
  ftp: /^421 /,
  ssh: /Too many connections/,
  http: /^HTTP\/1\.1 503 /,
};

async function freePort(): Promise<number> {
  await using harness = await start({ services: ["echo"], host: "127.0.0.1" });
  return harness.endpoint("echo").port;
}
