import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { loopbackHosts } from "../../src/ports/addresses.ts";
import { listenTcp, type TcpListener } from "../../src/transport/tcp.ts";

const listeners: TcpListener[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(listeners.splice(0).map((listener) => listener.close()));
});

async function listening(host: string, port = 0): Promise<TcpListener> {
  const listener = await listenTcp({
    host,
    port,
    accept: (socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined);
      socket.write("hello");
    },
    failed: () => undefined,
  });
  listeners.push(listener);
  return listener;
}

function client(host: string, port: number): Promise<{ socket: Socket; text: string }> {
  const socket = connect({ host, port });
  sockets.push(socket);
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("data", (bytes) => resolve({ socket, text: bytes.toString() }));
  });
}

describe("a TCP port", () => {
  it.each(loopbackHosts())("serves on %s, and says where it is", async (host) => {
    const { local } = await listening(host);
    expect(local).toEqual({ address: host, port: expect.any(Number) });
    expect((await client(host, local.port)).text).toBe("hello");
  });

  it.runIf(loopbackHosts().includes("::1"))("on :: leaves the number to others on IPv4", async () => {
    const { local } = await listening("::");
    const four = await listening("0.0.0.0", local.port);
    expect(four.local.port).toBe(local.port);
    expect((await client("127.0.0.1", local.port)).text).toBe("hello");
    expect((await client("::1", local.port)).text).toBe("hello");
  });

  it.each(loopbackHosts())("is free again after its close, on %s, even if a client was there", async (host) => {
    const { local, close } = await listening(host);
    const { socket } = await client(host, local.port);
    await expect(listening(host, local.port)).rejects.toMatchObject({ code: "EADDRINUSE" });
    const closed = close();
    socket.destroy();
    for (const accepted of sockets.splice(0)) accepted.destroy();
    await closed;
    listeners.length = 0;
    expect((await listening(host, local.port)).local.port).toBe(local.port);
  });

  it("refuses from the moment of its close, and those inside stay", async () => {
    const { local, close } = await listening("127.0.0.1");
    const { socket } = await client("127.0.0.1", local.port);
    const closed = close();
    listeners.length = 0;
    await expect(client("127.0.0.1", local.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    const [inside] = sockets.filter((one) => one.localPort === local.port);
    inside?.write("still here");
    const [text] = await new Promise<[Buffer]>((resolve) => socket.once("data", (bytes) => resolve([bytes])));
    expect(text.toString()).toBe("still here");
    socket.destroy();
    inside?.destroy();
    await closed;
  });

  it.each([
    ["192.0.2.1", "EADDRNOTAVAIL"],
    ["2001:db8::1", "EADDRNOTAVAIL"],
  ])("cannot be had on %s, and says why", async (host, code) => {
    await expect(listening(host)).rejects.toMatchObject({ code });
  });
});
