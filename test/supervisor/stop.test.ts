import { connect as connectTcp, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { echo } from "../../services/echo/index.ts";
import type { Output } from "../../src/contract/machine.ts";
import type { Service } from "../../src/contract/service.ts";
import { type Harness, start } from "../../src/index.ts";
import { openHarness, TestSocket } from "./fixture.ts";

/** What may pass beside the grace: timers are late on a busy machine. */
const SLACK_MS = 1000;

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

function client(at: { host: string; port: number }): Promise<Socket> {
  const socket = connectTcp({ host: at.host, port: at.port, allowHalfOpen: true });
  sockets.push(socket);
  socket.on("error", () => undefined);
  return new Promise((resolve) => socket.once("connect", () => resolve(socket)));
}

/** Stops, and how long that took, in milliseconds. */
async function timeToStop(harness: Harness<string>, graceMs: number): Promise<number> {
  const before = performance.now();
  await harness.stop({ graceMs });
  return performance.now() - before;
}

/** A service that never closes, whatever it is told. */
const stubborn: Service = {
  ...(echo as unknown as Service),
  name: "stubborn",
  transports: ["tcp"],
  machine: () => ({
    state: "STUBBORN",
    handle: (input): Iterable<Output> => (input.type === "data" ? [{ do: "send", bytes: input.bytes }] : []),
  }),
  probe: { tcp: [{ send: "x" }, { expect: "x" }] },
};

describe("stop", () => {
  it.each<[string, string, (harness: Harness<string>) => Promise<unknown>]>([
    [
      "reads nothing while it is sent without end",
      "chargen",
      async (harness) => {
        const socket = await client(harness.endpoint("chargen"));
        socket.pause();
        await harness.journal.waitFor({ kind: "sent" });
      },
    ],
    [
      "never closes its end",
      "smtp",
      async (harness) => {
        const socket = await client(harness.endpoint("smtp"));
        await new Promise((resolve) => socket.once("data", resolve));
      },
    ],
    [
      "has not finished its TLS handshake",
      "https",
      async (harness) => {
        const socket = await client(harness.endpoint("https"));
        await new Promise((resolve) => socket.write(Buffer.from([0x16, 3, 1, 0, 200, 1]), resolve));
      },
    ],
    [
      "is in the middle of a message",
      "smtp",
      async (harness) => {
        const socket = await client(harness.endpoint("smtp"));
        socket.write("HELO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\nhalf a li");
        await harness.journal.waitFor({ request: { command: "DATA" } });
      },
    ],
    [
      "has half-closed and waits",
      "chargen",
      async (harness) => {
        const socket = await client(harness.endpoint("chargen"));
        socket.pause();
        socket.end();
        await harness.journal.waitFor({ kind: "sent" });
      },
    ],
  ])("ends within its grace though a client %s", async (_, service, play) => {
    const harness = await openHarness({ services: [service] });
    await play(harness);
    expect(await timeToStop(harness, 200)).toBeLessThan(200 + SLACK_MS);
    expect(harness.sessions).toEqual([]);
    const opened = harness.journal.find({ kind: "open" }).length;
    expect(harness.journal.find({ kind: "close" })).toHaveLength(opened);
  });

  it("ends within its grace though an FTP transfer is under way, whose client reads nothing", async () => {
    const harness = await openHarness({ services: ["ftp"] });
    const { host, port } = harness.endpoint("ftp");
    const control = await TestSocket.connect(host, port);
    control.socket.write("USER alice\r\nPASS wonderland\r\nTYPE I\r\nEPSV\r\n");
    await control.until(() => control.text.includes("229 "));
    const dataPort = Number(/\|\|\|(\d+)\|/.exec(control.text)?.[1]);
    const data = await client({ host, port: dataPort });
    data.pause();
    control.socket.write("RETR /pub/1MiB.txt\r\n");
    await control.until(() => control.text.includes("150 "));
    expect(await timeToStop(harness, 200)).toBeLessThan(200 + SLACK_MS);
    const failure = await new Promise<string | undefined>((resolve) => {
      connectTcp({ host, port: dataPort })
        .once("error", (error: NodeJS.ErrnoException) => resolve(error.code))
        .once("connect", () => resolve(undefined));
    });
    expect(failure).toBe("ECONNREFUSED");
    control.socket.destroy();
  });

  it("ends within its grace though two hundred clients of every kind are there at once", async () => {
    const harness = await start({
      services: ["echo", "discard", "chargen", "ftp", "ssh", "smtp", "dns", "http", "https"],
    });
    const endpoints = harness.endpoints.filter(({ transport }) => transport === "tcp");
    const clients = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        client(endpoints[at % endpoints.length] as { host: string; port: number }),
      ),
    );
    for (const [at, socket] of clients.entries()) {
      if (at % 3 === 0) socket.pause();
      if (at % 5 === 0) socket.write("EHLO, whoever you are\r\n");
    }
    const gone = Promise.all(clients.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    expect(await timeToStop(harness, 300)).toBeLessThan(300 + SLACK_MS);
    expect(harness.sessions).toEqual([]);
    for (const socket of clients) socket.resume().end();
    await gone;
  });

  it("does not wait for its grace when everybody leaves", async () => {
    const harness = await openHarness({ services: ["smtp"] });
    const { host, port } = harness.endpoint("smtp");
    const polite = await TestSocket.connect(host, port);
    await polite.until(() => polite.text.startsWith("220 "));
    polite.socket.on("end", () => polite.socket.end());
    const before = performance.now();
    await harness.stop({ graceMs: 60_000 });
    expect(performance.now() - before).toBeLessThan(SLACK_MS);
    expect(polite.text).toMatch(/\r\n421 [^\r\n]+\r\n$/);
  });

  it("without grace ends at once", async () => {
    const harness = await openHarness({ services: ["stubborn"] }, [stubborn]);
    await client(harness.endpoint("stubborn"));
    await harness.journal.waitFor({ kind: "open" });
    expect(await timeToStop(harness, 0)).toBeLessThan(SLACK_MS);
    expect(harness.journal.find({ kind: "close" })).toMatchObject([{ how: "destroyed" }]);
  });

  it("destroys at the end of its grace whoever says no goodbye", async () => {
    const harness = await openHarness({ services: ["stubborn"], graceMs: 100 }, [stubborn]);
    const socket = await client(harness.endpoint("stubborn"));
    await harness.journal.waitFor({ kind: "open" });
    const before = performance.now();
    await harness.stop();
    expect(performance.now() - before).toBeGreaterThan(90);
    expect(harness.journal.find({ kind: "close" })).toMatchObject([{ how: "destroyed" }]);
    await new Promise((resolve) => socket.once("end", resolve).resume());
  });

  it("twice is the same as once", async () => {
    const harness = await start({ services: ["echo"] });
    const first = harness.stop();
    expect(harness.stop()).toBe(first);
    await first;
    await harness.stop();
    await harness[Symbol.asyncDispose]();
  });

  it("is what leaving a scope does", async () => {
    let port: number;
    {
      await using harness = await start({ services: ["echo"] });
      port = harness.endpoint("echo").port;
    }
    await expect(TestSocket.connect("127.0.0.1", port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("refuses new clients from its first moment, and frees every port", async () => {
    const harness = await openHarness({ services: ["stubborn", "echo"] }, [stubborn]);
    const { host, port } = harness.endpoint("stubborn");
    await client({ host, port });
    await harness.journal.waitFor({ kind: "open" });
    const stopped = harness.stop({ graceMs: 300 });
    await expect(TestSocket.connect(host, port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await stopped;
    const numbers = new Map(harness.endpoints.map((endpoint) => [endpoint.name, { port: endpoint.port }]));
    await using again = await openHarness({ services: Object.fromEntries(numbers) }, [stubborn]);
    expect(again.endpoint("stubborn").port).toBe(port);
  });

  it("may be cut short", async () => {
    const harness = await openHarness({ services: ["stubborn"] }, [stubborn]);
    await client(harness.endpoint("stubborn"));
    await harness.journal.waitFor({ kind: "open" });
    const before = performance.now();
    const stopped = harness.stop({ graceMs: 60_000 });
    harness.destroy();
    await stopped;
    expect(performance.now() - before).toBeLessThan(SLACK_MS);
  });

  it("keeps the journal and the world readable", async () => {
    const harness = await start({ services: ["echo"] });
    const { host, port } = harness.endpoint("echo");
    const echoes = await TestSocket.connect(host, port);
    echoes.socket.end("hello");
    await echoes.ended();
    await harness.stop();
    expect(harness.journal.exchanges("echo")).toHaveLength(1);
    expect(harness.world.mailbox("alice").texts).toHaveLength(1);
  });

  it("ends while clients keep coming", async () => {
    const harness = await start({ services: ["echo", "smtp", "https"] });
    const endpoints = harness.endpoints.filter(({ transport }) => transport === "tcp");
    let coming = true;
    const crowd = endpoints.map(async ({ host, port }) => {
      while (coming) {
        await new Promise<void>((resolve) => {
          const socket = connectTcp({ host, port });
          sockets.push(socket);
          socket.on("error", () => resolve());
          socket.once("connect", () => resolve());
        });
      }
    });
    await harness.journal.waitFor({ kind: "open", service: "smtp" });
    expect(await timeToStop(harness, 100)).toBeLessThan(100 + SLACK_MS);
    coming = false;
    await Promise.all(crowd);
    expect(harness.sessions).toEqual([]);
  });
});
