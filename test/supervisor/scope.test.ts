import { Resolver } from "node:dns/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningHarness, type Scope, start } from "../../src/index.ts";
import { TestSocket } from "./fixture.ts";

let harness: RunningHarness<readonly ["smtp", "dns", "echo", "http", "ftp"]>;

beforeAll(async () => {
  harness = await start({ services: ["smtp", "dns", "echo", "http", "ftp"] });
});
afterEach(() => harness.reset());
afterAll(() => harness.stop());

/** Sends a mail, and returns what was said to each of its lines. */
async function send(to: string, text = "hello"): Promise<string[]> {
  const client = await TestSocket.connect("127.0.0.1", harness.smtp.port);
  client.socket.end(`EHLO a\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<${to}>\r\nDATA\r\n${text}\r\n.\r\nQUIT\r\n`);
  await client.ended();
  return [...client.text.matchAll(/^(\d{3}) /gm)].map(([, code = ""]) => code);
}

async function resolve(name: string): Promise<string> {
  const resolver = new Resolver({ tries: 1, timeout: 2000 });
  resolver.setServers([`127.0.0.1:${harness.dns.port}`]);
  return resolver.resolve4(name).then(String, (error) => error.code);
}

/** Asks a host of that name over HTTP; its status, and its content. */
async function get(host: string, path: string): Promise<string> {
  const client = await TestSocket.connect("127.0.0.1", harness.http.port);
  client.socket.end(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  await client.ended();
  return `${client.text.slice(9, 12)} ${client.text.slice(client.text.indexOf("\r\n\r\n") + 4)}`;
}

describe("two scopes on one harness", () => {
  let one: ReturnType<typeof harness.scope>;
  let two: ReturnType<typeof harness.scope>;
  beforeEach(() => {
    one = harness.scope("one");
    two = harness.scope("two");
  });

  it("have mailboxes of their own", async () => {
    await Promise.all([send(one.address("alice"), "for one"), send(two.address("alice"), "for two")]);
    expect(one.mailbox("alice").texts).toEqual([expect.stringContaining("for one")]);
    expect(two.mailbox("alice").texts).toEqual([expect.stringContaining("for two")]);
    one.reset();
    expect([one.mailbox("alice").texts, two.mailbox("alice").texts.length]).toEqual([[], 1]);
  });

  it("have zones of their own, which go with them", async () => {
    one.zone({ www: "A 192.0.2.1" });
    two.zone({ www: ["A 192.0.2.2"] });
    expect(await resolve("www.one.example.test")).toBe("192.0.2.1");
    expect(await resolve("www.two.example.test")).toBe("192.0.2.2");
    one[Symbol.dispose]();
    expect(await resolve("www.one.example.test")).toBe("ENOTFOUND");
    expect(await resolve("www.two.example.test")).toBe("192.0.2.2");
  });

  it("have rules of their own", async () => {
    const rule = one.smtp.stub({ when: { command: "RCPT" }, reply: 550 });
    const down = two.dns.stub({ reply: "SERVFAIL" });
    expect(await send(two.address("bob"))).toEqual(["220", "250", "250", "250", "354", "250", "221"]);
    expect((await send(one.address("bob")))[3]).toBe("550");
    expect([await resolve("x.one.example.test"), await resolve("x.two.example.test")]).toEqual([
      "ENOTFOUND",
      "ESERVFAIL",
    ]);
    expect([rule.count, down.count > 0]).toEqual([1, true]);
    one.reset();
    expect((await send(one.address("bob")))[3]).toBe("250");
  });

  it("see what happened to them, and nothing else", async () => {
    const waiting = one.smtp.waitFor({ command: "MESSAGE", subject: "hi" });
    await send(two.address("bob"), "Subject: hi");
    await send(one.address("bob"), "Subject: hi");
    expect((await waiting).request).toMatchObject({ to: ["bob@one.example.test"] });
    expect(one.smtp.exchanges().map(({ request }) => request.command)).toEqual(["RCPT", "MESSAGE"]);
    const [mine, all] = [one.find({ kind: "open" }), harness.journal.find({ kind: "open" })];
    expect([mine.length, all.length]).toEqual([1, 2]);
    expect((await two.waitFor({ kind: "close" })).session.id).not.toBe(mine[0]?.session.id);
  });

  it("wait for what turns out only later to be theirs", async () => {
    const mine = one.waitFor({ kind: "open" });
    const second = one.waitFor({ kind: "open" }, { count: 2 });
    await get("two.example.test", "/");
    await get("one.example.test", "/");
    const [, opened] = harness.journal.find({ kind: "open" });
    expect(await mine).toEqual(opened);
    expect(await one.waitFor({ kind: "open" })).toEqual(opened);
    await get("one.example.test", "/");
    expect((await second).session.id).toBeGreaterThan((await mine).session.id);
    await expect(two.waitFor({ event: "rule" }, { timeout: 1 })).rejects.toThrow(
      /no note came, the last of \d other entries/,
    );
  });

  it("have files of their own, which HTTP serves by the Host field, and FTP below /hosts/", async () => {
    one.file("index.html", "<p>one</p>");
    two.file("/index.html", "<p>two</p>");
    const rule = two.http.stub({ when: { path: "/down" }, reply: 503 });
    expect(await get("one.example.test", "/")).toBe("200 <p>one</p>");
    expect(await get("Two.example.test:80", "/index.html")).toBe("200 <p>two</p>");
    expect(await get("two.example.test", "/readme.txt")).toMatch(/^404 /);
    expect(await get("other.example.test", "/readme.txt")).toMatch(/^200 /);
    expect(await get("two.example.test", "/down")).toMatch(/^503 /);
    expect(await get("one.example.test", "/down")).toMatch(/^404 /);
    expect([rule.count, one.http.exchanges().length]).toEqual([1, 2]);
    const client = await TestSocket.connect("127.0.0.1", harness.ftp.port);
    client.socket.end("USER alice\r\nPASS wonderland\r\nSIZE /hosts/one.example.test/index.html\r\nQUIT\r\n");
    await client.ended();
    expect(client.text).toContain("213 10\r\n");
    expect(one.ftp.exchanges().map(({ request }) => request.command)).toEqual(["SIZE"]);
    one.reset();
    expect(await get("one.example.test", "/readme.txt")).toMatch(/^200 /);
  });

  it("are not for what nobody can tell apart", () => {
    const scope: Scope = one;
    expect(() => scope.service("echo")).toThrow(/nothing in a request of echo says whose it is/);
    expect(() => one.echo).toThrow(/nothing in a request of echo says whose it is/);
    expect(() => scope.service("time")).toThrow(/no such service; this harness runs smtp, dns, echo, http, ftp/);
    expect(() => one.smtp.stub({ when: { phase: "connect" }, fault: "reset" })).toThrow(
      /smtp\.stub\.when\.phase: a scope's rules/,
    );
    expect(() => harness.scope("Test 42")).toThrow(/scope\("Test 42"\): a scope's name is a label of the DNS/);
    expect(() => harness.scope(undefined as unknown as string)).toThrow(/a scope's name is a label of the DNS/);
  });
});
