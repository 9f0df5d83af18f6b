import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { echo } from "../../services/echo/index.ts";
import { defineService, type Service } from "../../src/contract/service.ts";
import type { Harness } from "../../src/index.ts";
import { ManualClock } from "../../src/world/clock.ts";
import { openHarness } from "../supervisor/fixture.ts";

const echos = defineService({
  ...echo,
  name: "echos",
  transports: ["tcp"],
  tls: { alpn: ["echo"] },
}) as unknown as Service;

let harness: Harness<string>;
let clock: ManualClock;
const host = "127.0.0.1";
let port: number;

beforeEach(async () => {
  // The certificates are of the system's day, for the clients' sake.
  clock = new ManualClock(Date.now());
  harness = await openHarness({ services: ["echos"] }, [echos], { clock });
  port = harness.endpoint("echos").port;
});
afterEach(() => harness.stop({ graceMs: 0 }));

/** A TCP connection on which a test says whatever it likes. */
async function rawClient(): Promise<Socket> {
  const socket = connectTcp({ host, port });
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

/** A TLS client, once its handshake is done. */
function tlsClient(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ host, port, ca: harness.ca.pem, servername: "localhost", ...options });
  return new Promise((resolve, reject) => {
    socket.once("secureConnect", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** One exchange as any client has it. */
async function isServed(options: ConnectionOptions = {}): Promise<boolean> {
  const socket = await tlsClient(options);
  socket.write("hello");
  const [answer] = await new Promise<[Buffer]>((resolve) => socket.once("data", (bytes) => resolve([bytes])));
  socket.destroy();
  return answer.toString() === "hello";
}

/** The first octets of a ClientHello that promises more of them. */
const HALF_HELLO = Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]);

describe("a TLS handshake that fails", () => {
  it.each<[string, (socket: Socket) => void, string, string]>([
    ["garbage", (s) => s.write("garbage garbage garbage\r\n"), "wrong version number", "service"],
    ["plain HTTP", (s) => s.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "http request", "service"],
    [
      "a hello cut short by FIN",
      (s) => s.end(HALF_HELLO),
      "the peer left before the TLS handshake was complete",
      "peer",
    ],
    ["FIN alone", (s) => s.end(), "the peer left before the TLS handshake was complete", "peer"],
  ])("because of %s is in the journal, and the next client is served", async (_, play, reason, how) => {
    const socket = await rawClient();
    play(socket);
    const failure = await harness.journal.waitFor({ event: "tls-failed" });
    expect(failure).toMatchObject({
      session: { service: "echos", local: { address: host, port }, peer: { address: host } },
      detail: { error: reason },
    });
    expect(harness.journal.find({ session: failure.session.id }).map(({ kind }) => kind)).toEqual([
      "open",
      "note",
      "close",
    ]);
    expect(await harness.journal.waitFor({ kind: "close" })).toMatchObject({ how });
    expect(await isServed()).toBe(true);
    socket.destroy();
  });

  it("because of an RST is in the journal, and the next client is served", async () => {
    const socket = await rawClient();
    socket.write(HALF_HELLO);
    // Whoever connects after it is accepted after it.
    expect(await isServed()).toBe(true);
    socket.resetAndDestroy();
    expect(await harness.journal.waitFor({ event: "tls-failed" })).toMatchObject({
      detail: { error: "read ECONNRESET" },
    });
    expect(await isServed()).toBe(true);
  });

  it.each([
    ["nothing", undefined],
    ["half a hello", HALF_HELLO],
  ])("because %s comes is ended after ten seconds", async (_, bytes) => {
    const socket = await rawClient();
    if (bytes) socket.write(bytes);
    expect(await isServed()).toBe(true);
    clock.advance(9999);
    expect(harness.journal.find({ event: "tls-failed" })).toEqual([]);
    clock.advance(1);
    const failure = await harness.journal.waitFor({ event: "tls-failed" });
    expect(failure).toMatchObject({ detail: { error: "no TLS handshake in time" } });
    await new Promise((resolve) => socket.once("close", resolve));
    expect(await isServed()).toBe(true);
  });

  it.each<[string, ConnectionOptions, string]>([
    ["offers only other protocols (ALPN)", { ALPNProtocols: ["h2", "spdy"] }, "no application protocol"],
    [
      "speaks only TLS 1.1",
      { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" },
      "unsupported protocol",
    ],
    [
      "shares no cipher",
      { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-CAMELLIA256-SHA384:AES256-SHA" },
      "no shared cipher",
    ],
  ])("because the client %s is told so by an alert", async (_, options, reason) => {
    await expect(tlsClient(options)).rejects.toThrow();
    expect(await harness.journal.waitFor({ kind: "close" })).toMatchObject({ error: reason });
    expect(await isServed()).toBe(true);
  });

  it("does not outlive the harness, and does not hold it up", async () => {
    const silent = await rawClient();
    const gone = new Promise((resolve) => silent.once("close", resolve));
    expect(await isServed()).toBe(true);
    const start = Date.now();
    await harness.stop({ graceMs: 5000 });
    await gone;
    expect(Date.now() - start).toBeLessThan(1000);
    expect(harness.journal.find({ event: "tls-failed" })).toHaveLength(1);
  });
});

describe("a TLS session", () => {
  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "agrees on %s, on a protocol and on a name, and records it",
    async (version) => {
      expect(await isServed({ minVersion: version, maxVersion: version, ALPNProtocols: ["h2", "echo"] })).toBe(true);
      expect(await harness.journal.waitFor({ kind: "open" })).toMatchObject({
        session: { tls: { protocol: version, alpn: "echo", servername: "localhost", cipher: expect.any(String) } },
      });
    },
  );

  it.each([
    ["localhost", "localhost"],
    ["web.example.test", "web.example.test"],
    ["127.0.0.1", "127.0.0.1"],
  ])("is verified by a client that asks for %s", async (name, servername) => {
    expect(await isServed(name === "127.0.0.1" ? { servername: "", host: name } : { servername })).toBe(true);
  });

  it.each([
    "",
    "unheard-of.invalid",
    `${"x".repeat(60)}.test`,
    "a..b",
    "-",
    "*.example.test",
    "0x7f.1",
    "xn--bcher-kva.test",
  ])("is had by a client that does not verify and asks for %j", async (servername) => {
    expect(await isServed({ servername, rejectUnauthorized: false })).toBe(true);
  });

  it("ends when octets come that are no TLS", async () => {
    const socket = await rawClient();
    const secure = connectTls({ socket, ca: harness.ca.pem, servername: "localhost" });
    secure.on("error", () => undefined);
    await new Promise((resolve) => secure.once("secureConnect", resolve));
    secure.write("hello");
    await new Promise((resolve) => secure.once("data", resolve));
    socket.write("garbage garbage garbage garbage garbage");
    expect(await harness.journal.waitFor({ kind: "close" })).toMatchObject({
      how: "reset",
      error: "wrong version number",
    });
    expect(harness.sessions).toEqual([]);
    expect(await isServed()).toBe(true);
  });

  it.each(["resets", "sends FIN without saying goodbye in TLS"])("ends when its peer %s", async (how) => {
    const socket = await rawClient();
    const secure = connectTls({ socket, ca: harness.ca.pem, servername: "localhost" });
    secure.on("error", () => undefined);
    await new Promise((resolve) => secure.once("secureConnect", resolve));
    secure.write("hello");
    await new Promise((resolve) => secure.once("data", resolve));
    if (how === "resets") socket.resetAndDestroy();
    else socket.end();
    await harness.journal.waitFor({ kind: "close" });
    expect(harness.sessions).toEqual([]);
    expect(await isServed()).toBe(true);
  });

  it("can be half-closed by its client, which then still reads", async () => {
    const secure = connectTls({
      host,
      port,
      ca: harness.ca.pem,
      servername: "localhost",
      allowHalfOpen: true,
    } as ConnectionOptions);
    let text = "";
    secure.on("data", (bytes) => {
      text += bytes;
    });
    const ended = new Promise((resolve) => secure.once("end", resolve));
    secure.end("last words");
    await ended;
    expect(text).toBe("last words");
    expect(await harness.journal.waitFor({ kind: "close" })).toMatchObject({ how: "peer" });
  });
});
