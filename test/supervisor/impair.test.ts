import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RunningHarness, start } from "../../src/index.ts";
import type { Visitor } from "../hostile/visitor.ts";
import { visit } from "../hostile/visitor.ts";
import { talkTo } from "./smtp-talk.ts";

let harness: RunningHarness<readonly ["smtp"]>;
const visitors: Visitor[] = [];

beforeAll(async () => {
  harness = await start({ services: ["smtp"] });
});
afterEach(async () => {
  for (const { socket } of visitors.splice(0)) socket.destroy();
  harness.reset();
});
afterAll(() => harness.stop());

async function client(): Promise<Visitor> {
  const visitor = await visit(harness, "smtp");
  visitors.push(visitor);
  return visitor;
}

/** The codes of so many replies that have left. */
async function said(count: number): Promise<string> {
  await harness.journal.waitFor({ kind: "sent" }, { count });
  return harness.journal
    .find({ kind: "sent" })
    .map(({ bytes }) => Buffer.from(bytes).toString("latin1", 0, 3))
    .join(" ");
}

describe("an impairment of all connections", () => {
  it("that lets nothing through leaves new connections to the service, which goes on when it is taken back", async () => {
    const stalled = harness.smtp.impair("stall");
    const visitor = await client();
    await stalled.called();
    expect(harness.journal.find({ kind: "sent" })).toEqual([]);
    stalled.remove();
    visitor.socket.write("NOOP\r\n");
    expect(await said(2)).toBe("220 250");
  });

  it("that stops reading lets the service greet", async () => {
    const unread = harness.smtp.impair("stop-reading");
    const visitor = await client();
    visitor.socket.write("NOOP\r\n");
    expect(await said(1)).toBe("220");
    unread.remove();
    expect(await said(2)).toBe("220 250");
  });

  it.each([
    ["is swallowed", { silence: true }],
    ["stalls", { stall: true }],
    ["is garbled", { raw: "NOOP\r\n" }],
  ] as const)("under which what clients say %s changes nothing of what they hear", async (_, fault) => {
    // Of new connections: those of the test before may still be ending.
    harness.smtp.stub({ when: { phase: "connect" }, fault: { ...fault, direction: "in" } });
    await client();
    expect(await said(1)).toMatch(/^220/);
  });
});

describe("a connection that has been met by a rule", () => {
  it("has what the rule was changed into during its TLS handshake", async () => {
    await using own = await start({ services: ["https"] });
    const rule = own.https.impair({ delay: "1h" });
    const visiting = visit(own, "https");
    await rule.called();
    rule.change({ fault: { slice: 100 } });
    const visitor = await visiting;
    visitor.socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(await visitor.over).toBe("FIN");
    expect(visitor.text).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("is none that there is no room for: it uses up nothing", async () => {
    await using own = await start({ services: ["smtp"], limits: { maxSessions: 1 } });
    const first = await visit(own, "smtp");
    await own.journal.waitFor({ kind: "sent" });
    const rule = own.smtp.stub({ when: { phase: "connect" }, fault: "reset", times: 1 });
    expect(await talkTo(own, "QUIT")).toBe("421 FIN");
    expect(rule.count).toBe(0);
    first.socket.destroy();
  });
});

describe("an impairment of some sessions", () => {
  it("goes with reset", async () => {
    const visitor = await client();
    expect(await said(1)).toBe("220");
    harness.smtp.impair({ delay: "1h" }, { only: harness.smtp.sessions });
    visitor.socket.write("NOOP\r\n");
    await harness.journal.waitFor({ kind: "exchange" });
    harness.reset();
    visitor.socket.end("QUIT\r\n");
    expect(await visitor.over).toBe("FIN");
    expect(visitor.text).toMatch(/^220 .*\r\n250 .*\r\n221 /);
  });

  it("cannot close a port", () => {
    expect(() => harness.smtp.impair("refuse", { only: [] })).toThrow(
      "smtp.impair: a port is closed for everybody, and sessions that are open have no need of it",
    );
  });
});

describe("an impairment by a scope", () => {
  it("cannot be of connections of which nobody knows whose they are", async () => {
    const scope = harness.scope("one");
    expect(() => scope.smtp.impair({ delay: "1h" })).toThrow("a scope's rules are about requests");
    expect(await talkTo(harness, "QUIT")).toBe("220 221 FIN");
  });

  it("of sessions that it names goes with it", async () => {
    const visitor = await client();
    expect(await said(1)).toBe("220");
    const scope = harness.scope("one");
    scope.smtp.impair({ delay: "1h" }, { only: harness.smtp.sessions });
    scope.reset();
    visitor.socket.write("NOOP\r\n");
    expect(await said(2)).toBe("220 250");
  });
});
