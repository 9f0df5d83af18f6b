import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loopbackHosts } from "../../src/ports/addresses.ts";
import { hold } from "../ports/holder.ts";
import { TestSocket } from "../session/tcp-fixture.ts";
import { bundle, Running, type RunOptions, runToEnd } from "./process.ts";

let built: Awaited<ReturnType<typeof bundle>>;
const folder = mkdtempSync(join(tmpdir(), "portwright-up-"));
beforeAll(async () => {
  built = await bundle("up");
});
afterAll(() => {
  built.remove();
  rmSync(folder, { recursive: true });
});

interface Listed {
  readonly name: string;
  readonly transport: string;
  readonly host: string;
  readonly port: number;
  readonly status: string;
}

const up = (args: readonly string[], options: RunOptions = {}) =>
  new Running(process.execPath, [built.cli, "up", "--ports", "ephemeral", ...args], { cwd: folder, ...options });

/** Where a service answers, once it does. */
async function endpointOf(running: Running, name: string, transport = "tcp"): Promise<Listed> {
  const { endpoints } = (await running.event("ready")) as unknown as { endpoints: Listed[] };
  const found = endpoints.find((one) => one.name === name && one.transport === transport && one.status === "ready");
  if (!found) throw new Error(`${name} is not ready`);
  return found;
}

/** An exchange with echo. */
async function echoes({ host, port }: Listed, text = "hello"): Promise<string> {
  const client = await TestSocket.connect(host, port);
  client.socket.end(text);
  await client.ended();
  return client.text;
}

describe("up --json", () => {
  it("says first where everything is, in exactly these fields", async () => {
    await using running = up(["echo", "mx=smtp", "--json"]);
    await running.event("ready");
    const [first] = running.events;
    expect(Object.keys(first ?? {})).toEqual(["event", "endpoints"]);
    const { endpoints } = first as unknown as { endpoints: Listed[] };
    const hosts = loopbackHosts();
    expect(endpoints).toHaveLength(3 * hosts.length);
    const { port } = endpoints[0] as Listed;
    expect(endpoints[0]).toEqual({
      name: "echo",
      service: "echo",
      transport: "tcp",
      wellKnown: 7,
      host: "127.0.0.1",
      port,
      url: `echo://127.0.0.1:${port}`,
      status: "ready",
    });
    expect(Object.keys(endpoints[0] as object)).toEqual([
      "name",
      "service",
      "transport",
      "wellKnown",
      "host",
      "port",
      "url",
      "status",
    ]);
    expect(endpoints.at(-1)).toMatchObject({
      name: "mx",
      service: "smtp",
      host: hosts.at(-1),
      url: expect.stringMatching(/^smtp:\/\/(127\.0\.0\.1|\[::1\]):\d+$/),
    });
  });

  it("says what happens, one object a line, and nothing of the proofs", async () => {
    await using running = up(["back=echo", "--for", "60s"]);
    const endpoint = await endpointOf(running, "back");
    expect(await echoes(endpoint, "caf\xe9 \u0000\u001b[31m")).toBeTruthy();
    await running.event("close");
    const [, open, exchange, close] = running.events;
    const peer = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
    const where = { name: "back", service: "echo", session: 1, transport: "tcp", peer };
    expect(open).toMatchObject({ event: "open", ...where });
    expect(exchange).toMatchObject({ event: "exchange", ...where, request: { octets: 12 } });
    expect(close).toMatchObject({ event: "close", ...where, how: "peer" });
    running.child.kill("SIGINT");
    expect(await running.ended()).toBe(0);
    expect(running.events.slice(-2)).toEqual([{ event: "stopping", sessions: 0 }, { event: "stopped" }]);
    expect(running.stderr).toBe("");
  });

  it("says less with --quiet", async () => {
    await using running = up(["echo", "--quiet"]);
    await echoes(await endpointOf(running, "echo"));
    running.child.kill("SIGTERM");
    expect(await running.ended()).toBe(0);
    expect(running.events.map(({ event }) => event)).toEqual(["ready", "stopping", "stopped"]);
  });

  it("cuts what is very long", async () => {
    await using running = up(["http"]);
    const { host, port } = await endpointOf(running, "http");
    const client = await TestSocket.connect(host, port);
    client.socket.end(`POST /anything HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n${"x".repeat(200_000)}`);
    await client.ended();
    await running.event("exchange");
    expect(Math.max(...running.lines.map((line) => line.length))).toBeLessThan(100_000);
  });
});

describe("up", () => {
  it.each(["300ms", "0.3s", "0.005m"])("--for %s ends by itself, with exit code 0", async (time) => {
    const before = performance.now();
    const { exitCode, stdout } = await runToEnd(process.execPath, [
      built.cli,
      "up",
      "echo",
      "--ports",
      "ephemeral",
      "--for",
      time,
    ]);
    expect(exitCode).toBe(0);
    expect(performance.now() - before).toBeGreaterThan(300);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe('{"event":"stopped"}');
  });

  it("writes where everything is for programs and shells, whole and before it says that it is ready", async () => {
    const own = mkdtempSync(join(folder, "files-"));
    await using running = up(
      ["echo", "https", "my-mx=smtp", "--port-file", "ports.json", "--port-env", "env", "--ca-file", "ca.pem"],
      { cwd: own },
    );
    await running.event("ready");
    const { pid, env, endpoints } = JSON.parse(readFileSync(join(own, "ports.json"), "utf8"));
    expect(pid).toBe(running.child.pid);
    expect(endpoints).toEqual(running.events[0]?.endpoints);
    const smtp = await endpointOf(running, "my-mx");
    expect(env).toMatchObject({
      PORTWRIGHT_MY_MX: `127.0.0.1:${smtp.port}`,
      PORTWRIGHT_CA_FILE: join(own, "ca.pem"),
    });
    const lines = readFileSync(join(own, "env"), "utf8").trimEnd().split("\n");
    expect(Object.fromEntries(lines.map((line) => line.split("=")))).toEqual(env);
    expect(readdirSync(own).sort()).toEqual(["ca.pem", "env", "ports.json"]);
    const { host, port } = await endpointOf(running, "https");
    const secure = connectTls({ host, port, ca: readFileSync(join(own, "ca.pem")), servername: "localhost" });
    await new Promise((resolve, reject) => secure.once("secureConnect", resolve).once("error", reject));
    secure.destroy();
  });

  it("writes the port file so that no reader ever sees half of it", async () => {
    const own = mkdtempSync(join(folder, "atomic-"));
    const path = join(own, "ports.json");
    writeFileSync(path, '{"old":true}');
    await using running = up(["--port-file", "ports.json"], { cwd: own });
    let isReady = false;
    const ready = running.event("ready").then(() => {
      isReady = true;
    });
    while (!isReady) {
      expect(() => JSON.parse(readFileSync(path, "utf8"))).not.toThrow();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await ready;
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: running.child.pid });
  });

  it("takes services, ports and names, and options of theirs from a configuration", async () => {
    const own = mkdtempSync(join(folder, "config-"));
    writeFileSync(
      join(own, "portwright.config.yaml"),
      "host: 127.0.0.1\nservices:\n  smtp:\n    banner: configured\n  echo: true\n",
    );
    await using all = up(["--for", "60s"], { cwd: own });
    expect(((await all.event("ready")).endpoints as Listed[]).map(({ name }) => name)).toEqual([
      "smtp",
      "echo",
      "echo",
    ]);
    await using one = up(["smtp", "two=smtp"], { cwd: own });
    const { host, port } = await endpointOf(one, "smtp");
    const client = await TestSocket.connect(host, port);
    await client.until(() => client.text.includes("\r\n"));
    expect(client.text).toMatch(/^220 \S+ configured\r\n$/);
    client.socket.destroy();
  });

  it("warns of what other machines can reach", async () => {
    await using running = up(["echo", "--expose", "--host", "0.0.0.0", "--allow", "127.0.0.0/8"]);
    await running.event("ready");
    expect(running.stderr).toMatch(
      /^WARNING: other machines can reach these services from 127\.0\.0\.0\/8 on 0\.0\.0\.0: echo\.\n/,
    );
  });
});

// It is taken on one loopback, and the other still answers.
describe.runIf(loopbackHosts().includes("::1"))("up with a port that is taken", () => {
  it("names the taker, offers ways out and serves the rest", async () => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" });
    await using running = up([`smtp:${holder.port}`, "echo"]);
    const { endpoints } = (await running.event("ready")) as unknown as { endpoints: Listed[] };
    const failed = endpoints.filter(({ status }) => status === "failed");
    expect(failed).toMatchObject([
      {
        name: "smtp",
        host: "127.0.0.1",
        port: holder.port,
        reason: expect.stringContaining(String(holder.pid)),
        owner: { pid: holder.pid, command: expect.any(String), user: expect.any(String) },
        remedies: expect.arrayContaining([expect.stringMatching(/^portwright up smtp:\d+$/)]),
      },
    ]);
    expect(await echoes(await endpointOf(running, "echo"))).toBe("hello");
    expect((await endpointOf(running, "smtp")).host).toBe("::1");
  });

  it.each([
    ["with --strict", ["echo", "--strict"]],
    ["if nothing else is left", ["--host", "127.0.0.1"]],
  ])("exits with 1 %s, after it has said why", async (_, args) => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" });
    await using running = up([`smtp:${holder.port}`, ...args]);
    expect(await running.ended()).toBe(1);
    expect(running.events).toHaveLength(1);
    expect(running.events[0]?.endpoints).toContainEqual(
      expect.objectContaining({ status: "failed", code: "PORT_TAKEN" }),
    );
  });

  it("exits with 1 if the configuration is strict, unless the command line is not", async () => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" });
    writeFileSync(join(folder, "strict.json"), '{"strict": true}');
    const args = [`smtp:${holder.port}`, "--config", "strict.json", "--for", "1ms"];
    await using strict = up(args);
    expect(await strict.ended()).toBe(1);
    await using loose = up([...args, "--no-strict"]);
    expect(await loose.ended()).toBe(0);
  });
});

describe("a signal", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s once says goodbye and drains", async (signal) => {
    await using running = up(["smtp"]);
    const { host, port } = await endpointOf(running, "smtp");
    const client = await TestSocket.connect(host, port);
    await client.until(() => client.text.startsWith("220 "));
    await running.event("open");
    running.child.kill(signal);
    expect(await client.ended()).toBe("FIN");
    expect(client.text).toMatch(/\r\n421 /);
    client.socket.end();
    expect(await running.ended()).toBe(0);
    expect(running.events.at(-2)).toMatchObject({ event: "close" });
  });

  it("twice ends whoever is left at once, with exit code 130", async () => {
    await using running = up(["smtp"]);
    const { host, port } = await endpointOf(running, "smtp");
    const client = await TestSocket.connect(host, port);
    client.socket.pause(); // it never closes
    await running.event("open");
    const before = performance.now();
    running.child.kill("SIGINT");
    expect(await running.event("stopping")).toEqual({ event: "stopping", sessions: 1 });
    running.child.kill("SIGINT");
    expect(await running.ended()).toBe(130);
    expect(performance.now() - before).toBeLessThan(1500);
    client.socket.destroy();
  });

  it("once ends by the grace of the configuration though a client never closes", async () => {
    writeFileSync(join(folder, "grace.json"), '{"graceMs": 100}');
    await using running = up(["smtp", "--config", "grace.json"]);
    const { host, port } = await endpointOf(running, "smtp");
    const client = await TestSocket.connect(host, port);
    await running.event("open");
    const before = performance.now();
    running.child.kill("SIGINT");
    expect(await running.ended()).toBe(0);
    expect(performance.now() - before).toBeLessThan(1500);
    client.socket.destroy();
  });

  it("twice during the start ends it", async () => {
    await using running = up([]);
    running.child.kill("SIGINT");
    running.child.kill("SIGINT");
    expect(["SIGINT", 130, 0]).toContain(await running.ended());
  });
});

describe("standard output", () => {
  it("closed early does no harm to the services, nor says anything about it", async () => {
    const own = mkdtempSync(join(folder, "head-"));
    const command = `"${process.execPath}" "${built.cli}" up echo --ports ephemeral --port-file ports.json | head -1`;
    await using shell = new Running("sh", ["-c", `${command}; echo "over" >&2`], { cwd: own });
    await shell.until(() => shell.lines.length > 0 && existsSync(join(own, "ports.json")));
    const { pid, endpoints } = JSON.parse(readFileSync(join(own, "ports.json"), "utf8"));
    for (let round = 0; round < 20; round += 1) expect(await echoes(endpoints[0])).toBe("hello");
    process.kill(pid, "SIGINT");
    await shell.ended();
    expect(shell.stderr).toBe("over\n");
    expect(shell.lines).toHaveLength(1);
  });

  it.each([["--json"], ["--no-json"]])("never read does not hold up the services, nor the end (%s)", async (format) => {
    const own = mkdtempSync(join(folder, "deaf-"));
    await using running = up(["http", format, "--port-file", "ports.json"], { cwd: own, deaf: true });
    while (!existsSync(join(own, "ports.json"))) await new Promise((resolve) => setImmediate(resolve));
    const { endpoints } = JSON.parse(readFileSync(join(own, "ports.json"), "utf8"));
    const { host, port } = endpoints[0] as Listed;
    // Far more than a pipe holds, and what may wait for its reader.
    const request = `GET /${"x".repeat(2000)} HTTP/1.1\r\nHost: x\r\n\r\n`;
    for (let round = 0; round < 20; round += 1) {
      const client = await TestSocket.connect(host, port);
      client.socket.end(request.repeat(250));
      expect(await client.ended()).toBe("FIN");
    }
    const before = performance.now();
    running.child.kill("SIGINT");
    expect(await running.ended()).toBe(0);
    expect(performance.now() - before).toBeLessThan(4000);
    expect(running.stderr).toBe("");
  });

  it.skipIf(!existsSync("/dev/full"))("on a full disk does no harm to the services", async () => {
    const own = mkdtempSync(join(folder, "full-"));
    const command = `"${process.execPath}" "${built.cli}" up echo --ports ephemeral --json --port-file ports.json > /dev/full`;
    await using shell = new Running("sh", ["-c", `exec ${command}`], { cwd: own });
    while (!existsSync(join(own, "ports.json"))) await new Promise((resolve) => setImmediate(resolve));
    const { endpoints } = JSON.parse(readFileSync(join(own, "ports.json"), "utf8"));
    for (let round = 0; round < 3; round += 1) expect(await echoes(endpoints[0])).toBe("hello");
    shell.child.kill("SIGINT");
    expect([0, 1]).toContain(await shell.ended());
  });

  it("read late still has everything", async () => {
    await using running = up(["echo"], { deaf: true });
    await new Promise((resolve) => running.child.stdout?.once("readable", resolve));
    running.child.stdout?.on("data", (text) => {
      running.stdout += text;
    });
    running.child.kill("SIGINT");
    await running.until(() => running.stdout.includes('{"event":"stopped"}\n'));
    expect(running.events.map(({ event }) => event)).toEqual(["ready", "stopping", "stopped"]);
  });
});
