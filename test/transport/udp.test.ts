import { createSocket } from "node:dgram";
import { afterEach, describe, expect, it } from "vitest";
import type { Effects } from "../../src/contract/fault.ts";
import { impairDatagram } from "../../src/fault/impair-datagram.ts";
import { loopbackHosts } from "../../src/ports/addresses.ts";
import { connectUdp } from "../../src/transport/client.ts";
import { listenUdp, type UdpListener, type UdpListenOptions } from "../../src/transport/udp.ts";
import { fromLatin1, toLatin1 } from "../../src/wire/bytes.ts";
import { systemClock } from "../../src/world/clock.ts";

const PLAIN = { clock: systemClock, random: () => 0.5 };

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

interface Listening {
  readonly listener: UdpListener;
  readonly failures: Error[];
}

/** A port that answers what `datagram` says. */
async function listening(host: string, datagram: UdpListenOptions["datagram"], port = 0): Promise<Listening> {
  const failures: Error[] = [];
  const listener = await listenUdp({ ...PLAIN, host, port, datagram, failed: (error) => failures.push(error) });
  open.push(listener);
  return { listener, failures };
}

/** What a client gets for one datagram. */
async function ask(host: string, port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const events = {
      data: (bytes: Uint8Array) => resolve(toLatin1(bytes)),
      end: () => undefined,
      failed: reject,
    };
    connectUdp(host, port, events).then((client) => {
      open.push({ close: () => client.destroy() });
      client.send(fromLatin1(text));
    }, reject);
  });
}

describe("a UDP port", () => {
  it.each(loopbackHosts())("answers on %s from the address that was asked", async (host) => {
    const peers: unknown[] = [];
    const listener = await listenUdp({
      ...PLAIN,
      host,
      port: 0,
      datagram: (bytes, peer) => {
        peers.push({ address: peer.address, port: peer.port });
        return bytes;
      },
      failed: () => undefined,
    });
    open.push(listener);
    expect(listener.local).toEqual({ address: host, port: listener.local.port });
    expect(await ask(host, listener.local.port, "hello")).toBe("hello");
    expect(peers).toEqual([{ address: host, port: expect.any(Number) }]);
  });

  it.runIf(loopbackHosts().includes("::1"))("may have the same number on both loopbacks, and both answer", async () => {
    const { listener } = await listening("127.0.0.1", () => fromLatin1("four"));
    await listening("::1", () => fromLatin1("six"), listener.local.port);
    expect(await ask("127.0.0.1", listener.local.port, "x")).toBe("four");
    expect(await ask("::1", listener.local.port, "x")).toBe("six");
  });

  it("answers with nothing in a datagram, and stays silent where there is no answer", async () => {
    const { listener } = await listening("127.0.0.1", (bytes) => (bytes.length === 0 ? undefined : new Uint8Array(0)));
    const client = createSocket("udp4");
    open.push({ close: () => client.close() });
    const answers: number[] = [];
    const answered = new Promise((resolve) => {
      client.on("message", (bytes) => resolve(answers.push(bytes.length)));
    });
    client.send("", listener.local.port, "127.0.0.1");
    client.send("x", listener.local.port, "127.0.0.1");
    await answered;
    expect(answers).toEqual([0]);
  });

  it("goes on after an answer that is too long to be sent", async () => {
    const { listener, failures } = await listening("127.0.0.1", (bytes) =>
      toLatin1(bytes) === "long" ? new Uint8Array(70_000) : bytes,
    );
    const client = createSocket("udp4");
    open.push({ close: () => client.close() });
    const answered = new Promise<Buffer>((resolve) => client.on("message", resolve));
    client.send("long", listener.local.port, "127.0.0.1");
    client.send("short", listener.local.port, "127.0.0.1");
    expect((await answered).toString()).toBe("short");
    expect(failures).toMatchObject([{ code: "EMSGSIZE" }]);
  });

  it("may be closed while it answers, and sends nothing then", async () => {
    const failures: Error[] = [];
    let closed: Promise<void> | undefined;
    let asked: () => void = () => undefined;
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const listener = await listenUdp({
      ...PLAIN,
      host: "127.0.0.1",
      port: 0,
      datagram: (bytes) => {
        closed = listener.close();
        asked();
        return bytes;
      },
      failed: (error) => failures.push(error),
    });
    const client = createSocket("udp4");
    client.send("x", listener.local.port, "127.0.0.1");
    await wasAsked;
    await closed;
    client.close();
    expect(failures).toEqual([]);
  });

  it.each(loopbackHosts())("is free again after its close, on %s", async (host) => {
    const { listener } = await listening(host, (bytes) => bytes);
    const { port } = listener.local;
    await expect(listening(host, (bytes) => bytes, port)).rejects.toMatchObject({ code: "EADDRINUSE" });
    await listener.close();
    open.splice(0);
    const { listener: again } = await listening(host, (bytes) => bytes, port);
    expect(again.local.port).toBe(port);
  });

  it.each([
    ["192.0.2.1", "EADDRNOTAVAIL"],
    ["2001:db8::1", "EADDRNOTAVAIL"],
  ])("cannot be had on %s, and says why", async (host, code) => {
    await expect(listening(host, (bytes) => bytes)).rejects.toMatchObject({ code });
  });
});

describe("an answer that faults befall", () => {
  /** The first answers that a client gets, each with the address it came from. */
  async function answers(effects: Effects, texts: readonly string[], count: number, host = "127.0.0.1") {
    const { listener, failures } = await listening(host, (bytes) => impairDatagram(bytes, [effects]));
    const client = createSocket(host.includes(":") ? "udp6" : "udp4");
    open.push({ close: () => client.close() });
    const got: { text: string; address: string; port: number }[] = [];
    const all = new Promise<void>((resolve) => {
      client.on("message", (bytes, { address, port }) => {
        if (got.push({ text: bytes.toString(), address, port }) === count) resolve();
      });
    });
    for (const text of texts) client.send(text, listener.local.port, host);
    await all;
    return { got, asked: listener.local.port, failures, listener };
  }

  it("is sent as often, and as late, as they want it", async () => {
    const { got } = await answers({ duplicate: 2, delayMs: 1 }, ["x"], 3);
    expect(got.map(({ text }) => text)).toEqual(["x", "x", "x"]);
  });

  it("comes behind the next one", async () => {
    const { got } = await answers({ reorder: 1 }, ["1", "2"], 2);
    expect(got.map(({ text }) => text)).toEqual(["2", "1"]);
  });

  it("comes from another port, always the same", async () => {
    const { got, asked } = await answers({ source: { port: 0 } }, ["1", "2"], 2);
    expect(got.map(({ address }) => address)).toEqual(["127.0.0.1", "127.0.0.1"]);
    expect(got[0]?.port).not.toBe(asked);
    expect(got[1]?.port).toBe(got[0]?.port);
  });

  it.runIf(process.platform === "linux")("comes from another address, with the number that was asked", async () => {
    const { got, asked } = await answers({ source: { address: "127.0.0.2" } }, ["x"], 1);
    expect(got).toEqual([{ text: "x", address: "127.0.0.2", port: asked }]);
  });

  it.runIf(loopbackHosts().includes("::1"))("comes from another port over IPv6", async () => {
    const { got, asked } = await answers({ source: { port: 0 } }, ["x"], 1, "::1");
    expect(got[0]).toMatchObject({ text: "x", address: "::1" });
    expect(got[0]?.port).not.toBe(asked);
  });

  it("that cannot leave from there is a failure, and the listener goes on", async () => {
    let isFirst = true;
    const { listener, failures } = await listening("127.0.0.1", (bytes) => {
      if (!isFirst) return bytes;
      isFirst = false;
      return impairDatagram(bytes, [{ source: { address: "192.0.2.1" } }]);
    });
    const client = createSocket("udp4");
    open.push({ close: () => client.close() });
    const answered = new Promise<Buffer>((resolve) => client.on("message", resolve));
    client.send("nowhere", listener.local.port, "127.0.0.1");
    client.send("here", listener.local.port, "127.0.0.1");
    expect((await answered).toString()).toBe("here");
    while (failures.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(failures).toMatchObject([{ code: "EADDRNOTAVAIL" }]);
  });

  it("does not keep a port from closing while it waits", async () => {
    const { listener } = await answers({ source: { port: 0 } }, ["x"], 1);
    await listener.close();
    const { listener: waiting } = await listening("127.0.0.1", (bytes) =>
      impairDatagram(bytes, [{ delayMs: 3_600_000 }]),
    );
    const client = createSocket("udp4");
    open.push({ close: () => client.close() });
    client.send("x", waiting.local.port, "127.0.0.1");
    await waiting.close();
    expect(open.splice(open.indexOf(waiting), 1)).toHaveLength(1);
    open.splice(open.indexOf(listener), 1);
  });
});

it("a UDP client that cannot be connected says why, and leaves nothing open", async () => {
  const events = { data: () => undefined, end: () => undefined, failed: () => undefined };
  // No network leads there, or broadcasting takes a permission that nobody asked for (SO_BROADCAST).
  await expect(connectUdp("255.255.255.255", 9, events)).rejects.toThrow(/^connect E/);
});
