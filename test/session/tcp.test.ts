import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import type { Input, Output } from "../../src/contract/machine.ts";
import { loopbackHosts } from "../../src/ports/addresses.ts";
import { tcpNetwork } from "../../src/transport/tcp.ts";
import { END, RESET, send, turns } from "./fixture.ts";
import { type TcpScene, TestSocket, tcpSceneOf } from "./tcp-fixture.ts";

const PIECE = Buffer.alloc(64 * 1024, "x");
const flood: Output = { do: "send", bytes: PIECE };
const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

describe("a reset over TCP", () => {
  it("is an RST, after what was sent before it", async () => {
    await using scene = await tcpSceneOf(({ type }) => (type === "data" ? [send("half an ans"), RESET] : []));
    const client = await scene.connect();
    client.socket.write("x");
    expect(await client.ended()).toBe("ECONNRESET");
    expect(client.text).toBe("half an ans");
    expect(await scene.journal.waitFor({ kind: "close" })).toMatchObject({ how: "service" });
  });

  it.each(["a crash", "a reset"])("comes after %s of a machine that said nothing", async (what) => {
    await using scene = await tcpSceneOf(({ type }) => {
      if (type !== "open") return [];
      if (what === "a crash") throw new Error("a mistake of ours");
      return [RESET];
    });
    const client = await scene.connect();
    expect(await client.ended()).toBe("ECONNRESET");
  });

  it("reaches a peer that does not read, and the session is over", async () => {
    await using scene = await tcpSceneOf((input) => {
      if (input.type === "open" || input.type === "pull") return [flood, { do: "pull" }];
      return input.type === "timer" ? [RESET] : [];
    });
    const socket = connect({ host: scene.host, port: scene.port });
    socket.pause();
    await new Promise((resolve) => socket.once("connect", resolve));
    await scene.journal.waitFor({ kind: "sent" });
    await untilStill(() => scene.journal.octets);
    scene.sessions[0]?.session.tell({ type: "timer", name: "now" });
    await scene.journal.waitFor({ kind: "close" });
    expect(scene.overs()).toBe(1);
    let octets = 0;
    await new Promise((resolve) => {
      // What the kernel holds may still be read; Node then takes the RST for a FIN.
      socket.on("data", (bytes) => {
        octets += bytes.length;
      });
      socket.once("error", resolve);
      socket.once("end", resolve);
      socket.resume();
    });
    expect(octets).toBeLessThan(scene.journal.octets);
  });
});

/** Waits until a number has not grown for some turns. */
async function untilStill(count: () => number): Promise<number> {
  for (let last = -1; last !== count(); ) {
    last = count();
    await turns(200);
  }
  return count();
}

describe("back-pressure over TCP", () => {
  it("stops a producer whose peer never reads, and leaves memory alone", async () => {
    await using scene = await tcpSceneOf((input) =>
      input.type === "open" || input.type === "pull" ? [flood, { do: "pull" }] : [],
    );
    const socket = connect({ host: scene.host, port: scene.port });
    socket.pause();
    await new Promise((resolve) => socket.once("connect", resolve));
    await scene.journal.waitFor({ kind: "sent" });
    const pulls = () => scene.sessions[0]?.machine.inputs.length ?? 0;
    const sent = (await untilStill(pulls)) * PIECE.length;
    // What the kernel's buffers hold, on both sides, and one piece in our queue.
    expect(sent).toBeLessThan(16 * MEBIBYTE);
    let received = 0;
    socket.on("data", (bytes) => {
      received += bytes.length;
    });
    socket.resume();
    while (received < sent * 2) await turns(1);
    socket.destroy();
  });

  it("stops reading from a peer that asks and does not listen to the answers", async () => {
    await using scene = await tcpSceneOf(({ type }) => (type === "data" ? [flood, flood, flood, flood] : []));
    const socket = connect({ host: scene.host, port: scene.port });
    socket.pause();
    const requests = () => scene.journal.find({ kind: "received" }).length;
    // One request a turn, so that the kernel does not make one of many.
    for (let at = 0; at < 2000; at += 1) {
      socket.write("request");
      await turns(1);
    }
    const seen = await untilStill(requests);
    expect(seen * 4 * PIECE.length).toBeLessThan(32 * MEBIBYTE);
    socket.destroy();
  });

  it("carries a mebibyte octet by octet, both ways", async () => {
    await using scene = await tcpSceneOf((input) => {
      if (input.type === "data") return [{ do: "send", bytes: input.bytes }];
      return input.type === "end" ? [END] : [];
    });
    const client = await scene.connect();
    client.socket.end(Buffer.alloc(MEBIBYTE, "m"));
    expect(await client.ended()).toBe("FIN");
    expect(client.octets).toBe(MEBIBYTE);
  });
});

describe("last words over TCP", () => {
  it("reach a peer that is still sending", async () => {
    await using scene = await tcpSceneOf(({ type }) => (type === "data" ? [send("552 too much\r\n"), END] : []));
    const client = await scene.connect();
    client.socket.write(Buffer.alloc(8 * MEBIBYTE));
    client.socket.end();
    expect(await client.ended()).toBe("FIN");
    expect(client.text).toBe("552 too much\r\n");
    await scene.journal.waitFor({ kind: "close" });
    expect(scene.journal.find({ kind: "close" })).toMatchObject([{ how: "service" }]);
  });

  it("are followed by the end of the session even if the peer never closes", async () => {
    await using scene = await tcpSceneOf(({ type }) => (type === "open" ? [send("bye"), END] : []));
    const client = await scene.connect();
    expect(await client.ended()).toBe("FIN");
    expect(scene.overs()).toBe(0);
    scene.clock.advance(2000);
    expect(scene.overs()).toBe(1);
  });
});

describe("channels over TCP", () => {
  const script = (input: Input): Iterable<Output> => {
    if (input.type === "open") return [{ do: "listen", channel: "data" }];
    if (input.type === "channel") return [send("contents", "data")];
    return [];
  };
  const portOf = async (scene: TcpScene) => {
    await scene.journal.waitFor({ kind: "open" });
    const listening = () => scene.sessions[0]?.machine.inputs.find((input) => input.type === "listening");
    while (!listening()) await turns(1);
    return listening()?.local.port ?? 0;
  };

  it.each(loopbackHosts())("listen beside the session, on %s", async (host) => {
    await using scene = await tcpSceneOf(script, { host });
    await scene.connect();
    const data = await TestSocket.connect(host, await portOf(scene));
    await data.until(() => data.text === "contents");
    data.socket.destroy();
    expect(scene.journal.find({ kind: "channel" })).toMatchObject([{ channel: "data", peer: { address: host } }]);
  });

  it("take nobody but the session's own peer, and wait for that", async () => {
    await using scene = await tcpSceneOf(script);
    await scene.connect();
    const port = await portOf(scene);
    const stranger = TestSocket.connect("127.0.0.1", port, "127.0.0.2").then((socket) => socket.ended());
    expect(await stranger.catch(({ code }: { code: string }) => code)).toBe("ECONNRESET");
    const data = await TestSocket.connect("127.0.0.1", port);
    await data.until(() => data.text === "contents");
    data.socket.destroy();
  });

  it("take one connection, and no second", async () => {
    await using scene = await tcpSceneOf(script);
    await scene.connect();
    const port = await portOf(scene);
    const data = await TestSocket.connect("127.0.0.1", port);
    await data.until(() => data.text === "contents");
    await expect(TestSocket.connect("127.0.0.1", port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    data.socket.destroy();
  });

  it.each(["the session is destroyed", "its peer resets"])("leave no listener behind when %s", async (how) => {
    await using scene = await tcpSceneOf(script);
    const client = await scene.connect();
    const port = await portOf(scene);
    if (how === "its peer resets") client.socket.resetAndDestroy();
    else scene.sessions[0]?.session.destroy();
    await scene.journal.waitFor({ kind: "close" });
    await expect(TestSocket.connect("127.0.0.1", port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("come from a range of ports, and are refused when it is used up", async () => {
    const [first] = await freePorts(1);
    const range = { from: first ?? 0, to: first ?? 0 };
    const again = function* (input: Input): Iterable<Output> {
      if (input.type === "data") yield { do: "listen", channel: Buffer.from(input.bytes).toString() };
    };
    await using scene = await tcpSceneOf(again, { network: tcpNetwork(range) });
    const client = await scene.connect();
    const told = (type: Input["type"]) =>
      scene.sessions[0]?.machine.inputs.filter((input) => input.type === type) ?? [];
    client.socket.write("a");
    while (told("listening").length < 1) await turns(1);
    expect(told("listening")).toMatchObject([{ channel: "a", local: { port: first } }]);
    client.socket.write("b");
    while (told("refused").length < 1) await turns(1);
    expect(told("refused")).toMatchObject([{ channel: "b", reason: expect.stringContaining("EADDRINUSE") }]);
  });

  it("can be ended and then reset in one turn", async () => {
    await using scene = await tcpSceneOf((input) => {
      if (input.type !== "data") return script(input);
      const close = (how: "end" | "reset"): Output => ({ do: "close", how, channel: "data" });
      return [close("end"), close("reset")];
    });
    const client = await scene.connect();
    const data = await TestSocket.connect("127.0.0.1", await portOf(scene));
    await data.until(() => data.text === "contents");
    client.socket.write("ABOR");
    expect(await data.ended()).toMatch(/FIN|ECONNRESET/);
    const closed = () => scene.sessions[0]?.machine.inputs.some((input) => input.type === "closed" && input.channel);
    while (!closed()) await turns(1);
  });
});

/** Numbers that nobody holds at this moment. */
async function freePorts(count: number): Promise<number[]> {
  const { createServer } = await import("node:net");
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
