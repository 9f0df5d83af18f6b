import { describe, expect, it } from "vitest";
import { echo } from "../../services/echo/index.ts";
import { services } from "../../services/registry.ts";
import type { Service } from "../../src/contract/service.ts";
import { PortwrightError, start } from "../../src/index.ts";
import { hostAndPort, loopbackHosts } from "../../src/ports/addresses.ts";
import { hold } from "../ports/holder.ts";
import { openHarness, runScript, TestSocket } from "./fixture.ts";

const ALL = Object.values(services) as unknown as readonly Service[];

/** A service of a test's own, like echo but for what is given. */
function like(name: string, own: Partial<Service>): Service {
  return { ...(echo as unknown as Service), name, transports: ["tcp"], ...own };
}

describe("start", () => {
  it("brings up every service on both loopbacks and all its transports, on one number each", async () => {
    await using harness = await start();
    expect(harness.endpoints.filter(({ status }) => status === "failed")).toEqual([]);
    const expected = ALL.flatMap(({ name, transports }) =>
      transports.flatMap((transport) => loopbackHosts().map((host) => `${name}/${transport} ${host}`)),
    );
    const found = harness.endpoints.map(({ name, transport, host }) => `${name}/${transport} ${host}`);
    expect(found.sort()).toEqual(expected.sort());
    for (const { name } of ALL) {
      const numbers = new Set(harness.endpoints.filter((endpoint) => endpoint.name === name).map(({ port }) => port));
      expect(numbers.size).toBe(1);
    }
    expect(new Set(harness.endpoints.map(({ port }) => port)).size).toBe(ALL.length);
  });

  it("leaves no trace of its proofs: the first client is session 1, and the first entry is 1", async () => {
    await using harness = await start();
    expect(harness.sessions).toEqual([]);
    expect(harness.journal).toMatchObject({ size: 0, octets: 0, forgotten: 0 });
    expect(harness.world.mailbox("alice").messages).toHaveLength(1);
    const { host, port } = harness.endpoint("echo", { transport: "tcp" });
    const client = await TestSocket.connect(host, port);
    client.socket.end("hello");
    expect(await client.ended()).toBe("FIN");
    expect(await harness.journal.waitFor({ kind: "open" })).toMatchObject({ seq: 1, session: { id: 1 } });
    expect(new Set(harness.journal.find().map(({ session }) => session.id))).toEqual(new Set([1]));
  });

  it("tells programs where everything is", async () => {
    await using harness = await start({ services: { echo: true, "second-echo": { service: "echo" } } });
    const { port } = harness.endpoint("second-echo");
    expect(harness.env).toEqual({
      PORTWRIGHT_ECHO: `127.0.0.1:${harness.endpoint("echo").port}`,
      PORTWRIGHT_SECOND_ECHO: `127.0.0.1:${port}`,
    });
    const host = loopbackHosts().at(-1) as string;
    expect(harness.endpoint("second-echo", { transport: "udp", host })).toEqual({
      name: "second-echo",
      service: "echo",
      transport: "udp",
      wellKnown: 7,
      host,
      port,
      url: `echo://${hostAndPort(host, port)}`,
      status: "ready",
    });
  });

  it("runs several instances of one service, each with options and sessions of its own", async () => {
    await using harness = await start({
      services: {
        smtp: true,
        backup: { service: "smtp", banner: "second" },
        third: { service: "smtp", banner: "third" },
      },
    });
    const banners = await Promise.all(
      (["smtp", "backup", "third"] as const).map(async (name) => {
        const { host, port } = harness.endpoint(name);
        const client = await TestSocket.connect(host, port);
        await client.until(() => client.text.endsWith("\r\n"));
        client.socket.destroy();
        return client.text;
      }),
    );
    expect(banners.map((text) => text.replace(/^220 \S+ /, ""))).toEqual([
      "ESMTP Portwright\r\n",
      "second\r\n",
      "third\r\n",
    ]);
    await harness.journal.waitFor({ name: "backup", kind: "open" });
    expect(harness.journal.find({ kind: "open", service: "smtp" })).toHaveLength(3);
    expect(harness.journal.find({ kind: "open", name: "backup" })).toHaveLength(1);
  });

  it("gives the port that was asked for", async () => {
    const free = await freePort();
    await using harness = await start({ services: { echo: { port: free }, time: { port: 0 } }, host: "127.0.0.1" });
    expect(harness.endpoint("echo").port).toBe(free);
    expect(harness.endpoint("time").port).toBeGreaterThan(0);
  });

  it("fails a wrong plan before anything is bound", async () => {
    const port = await freePort();
    const clash = start({ services: { echo: { port }, time: { port } } });
    await expect(clash).rejects.toMatchObject({ code: "PORT_CLASH" });
    await using harness = await start({ services: { echo: { port } } });
    expect(harness.endpoint("echo").port).toBe(port);
  });

  it.each([
    ["names no service", { services: [] }, "CONFIG_INVALID"],
    ["has a host that is none", { host: "example.test" }, "ADDRESS_INVALID"],
    ["wants to be reached from elsewhere without saying so", { host: "0.0.0.0" }, "EXPOSURE_REFUSED"],
    ["allows what is no block", { allow: ["10.0.0.0/99"] }, "ADDRESS_INVALID"],
  ])("rejects an argument that %s", async (_, options, code) => {
    await expect(start(options as object)).rejects.toMatchObject({ code });
  });
});

describe("an endpoint that fails", () => {
  it.runIf(loopbackHosts().includes("::1"))(
    "stops no other if that is wanted, and is reported with its owner and ways out",
    async () => {
      await using holder = await hold({ transport: "tcp", host: "127.0.0.1" });
      await using harness = await start({ services: { echo: { port: holder.port }, time: true }, strict: false });
      const failed = harness.endpoints.filter(({ status }) => status === "failed");
      expect(failed).toMatchObject([
        {
          name: "echo",
          transport: "tcp",
          host: "127.0.0.1",
          port: holder.port,
          code: "PORT_TAKEN",
          reason: expect.stringContaining(`echo cannot listen on 127.0.0.1:${holder.port} (tcp)`),
          owner: { pid: holder.pid },
          remedies: expect.arrayContaining([expect.stringMatching(/^portwright up echo:\d+$/)]),
        },
      ]);
      expect(harness.endpoints.filter(({ name, status }) => name === "time" && status === "ready")).toHaveLength(4);
      expect(harness.endpoint("echo")).toMatchObject({ host: "::1", transport: "tcp" });
      expect(() => harness.endpoint("echo", { transport: "tcp", host: "127.0.0.1" })).toThrow(
        /echo failed: .*already has it/,
      );
    },
  );

  it("fails the start by default, and everything is closed again", async () => {
    await using holder = await hold({ transport: "udp", host: "127.0.0.1" });
    const other = await freePort();
    const error: unknown = await start({ services: { echo: { port: holder.port }, time: { port: other } } }).catch(
      (e) => e,
    );
    expect(error).toBeInstanceOf(PortwrightError);
    expect(error).toMatchObject({
      code: "START_FAILED",
      message: expect.stringContaining(`echo cannot listen on 127.0.0.1:${holder.port} (udp)`),
      remedies: expect.arrayContaining([expect.stringContaining("portwright up")]),
    });
    await using harness = await start({ services: { time: { port: other } } });
    expect(harness.endpoint("time").port).toBe(other);
  });

  it.each<[string, Partial<Service>, string]>([
    [
      "says something else than it should",
      { probe: { tcp: [{ send: "x" }, { expect: "220 " }, { expectEnd: true }] } },
      'does not answer as it should: expected 220 , got "x"',
    ],
    [
      "cannot make a machine",
      {
        machine: () => {
          throw new Error("a mistake of ours");
        },
      },
      "does not answer as it should",
    ],
    ["has no machine for TCP", { machine: undefined as never }, "does not answer as it should"],
    [
      "has no responder for UDP",
      { transports: ["udp"], responder: undefined as never },
      "declares UDP and has no responder",
    ],
  ])("is one whose service %s", async (_, own, reason) => {
    const error: unknown = await openHarness({ services: ["odd"] }, [like("odd", own)]).catch((e) => e);
    expect(error).toMatchObject({ code: "START_FAILED", message: expect.stringContaining(reason) });
  });
});

describe("a process", () => {
  it.each([
    ["that stops its harness", "const h = await start(); await h.stop(); console.log('done')", "done\n"],
    [
      "that disposes of it",
      "{ await using h = await start({ services: ['dns', 'https'] }); } console.log('done')",
      "done\n",
    ],
    [
      "whose start fails",
      `const port = (await start({ services: ["echo"] })).endpoint("echo").port;
       await start({ services: { time: { port } } }).catch((e) => console.log(e.code)); process.exit()`,
      "START_FAILED\n",
    ],
    [
      "whose start fails while it has nothing else",
      `await start({ services: { time: true, echo: true }, host: ["127.0.0.1", "192.0.2.1"] , expose: true })
       .catch((e) => console.log(e.code, /no interface/.test(e.message)));`,
      "START_FAILED true\n",
    ],
    [
      "that waits for the journal when its harness stops",
      `const h = await start({ services: ["echo"] });
       const wait = h.journal.waitFor({ event: "never" }, { timeout: 600_000 }).catch((e) => console.log(e.code));
       await h.stop(); await wait;`,
      "WAIT_TIMEOUT\n",
    ],
  ])("%s can end", async (_, code, stdout) => {
    // `await using` needs what Node 20 has not: tsx compiles it away in files only.
    const script = code.replace(
      /\{ await using (\w+) = (.*?); \}/s,
      "{ const $1 = $2; await $1[Symbol.asyncDispose](); }",
    );
    expect(await runScript(`import { start } from "./src/index.ts";\n${script}`)).toMatchObject({
      stdout,
      stderr: "",
      exitCode: 0,
    });
  });
});

async function freePort(): Promise<number> {
  const holder = await hold({ transport: "tcp", host: "127.0.0.1" });
  await holder[Symbol.asyncDispose]();
  return holder.port;
}
