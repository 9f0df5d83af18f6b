import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { notation } from "../../services/dns/notation.ts";
import { type PortwrightError, type RunningHarness, start } from "../../src/index.ts";
import { visit } from "../hostile/visitor.ts";
import { dial, talkTo } from "./smtp-talk.ts";

let harness: RunningHarness<readonly ["echo", "smtp", "dns", "https"]>;

beforeAll(async () => {
  harness = await start({ services: ["echo", "smtp", "dns", "https"] });
});
afterEach(async () => {
  harness.reset();
  await Promise.all([harness.smtp.ready(), harness.dns.ready()]);
});
afterAll(() => harness.stop());

const talk = (...lines: string[]) => talkTo(harness, ...lines);

describe("a rule", () => {
  it("answers its requests as often as it says, and then the service does", async () => {
    const full = harness.smtp.stub({
      when: { command: "RCPT", to: "full@*" },
      reply: { code: 452, enhanced: "4.2.2", text: "mailbox full" },
      times: 2,
    });
    const rcpt = "RCPT TO:<full@example.test>";
    expect(await talk("EHLO a", "MAIL FROM:<>", rcpt, rcpt, rcpt, "QUIT")).toBe("220 250 250 452 452 250 221 FIN");
    expect([full.count, full.active]).toEqual([2, false]);
    expect(full.seen).toMatchObject([{ to: "full@example.test" }, { to: "full@example.test" }]);
  });

  it("that was made last comes first, and gives way when it is removed", async () => {
    harness.smtp.stub({ when: { command: "NOOP" }, reply: 450 });
    const last = harness.smtp.stub({ when: { command: "NOOP" }, reply: 451 });
    expect(await talk("NOOP", "QUIT")).toBe("220 451 221 FIN");
    last.remove();
    last.remove();
    expect(await talk("NOOP", "QUIT")).toBe("220 450 221 FIN");
  });

  it("can be disposed of", async () => {
    {
      using _ = harness.smtp.stub({ when: { command: "NOOP" }, reply: 450 });
      expect(await talk("NOOP", "QUIT")).toBe("220 450 221 FIN");
    }
    expect(await talk("NOOP", "QUIT")).toBe("220 250 221 FIN");
  });

  it("holds replies until the test lets them go", async () => {
    const rule = harness.smtp.stub({ when: { command: "NOOP" }, hold: true });
    const talked = talk("NOOP", "QUIT");
    expect(await rule.called()).toEqual({ command: "NOOP", argument: "" });
    expect(rule.holding).toBe(1);
    rule.release();
    expect(await talked).toBe("220 250 221 FIN");
    expect(await talk("NOOP", "QUIT")).toBe("220 250 221 FIN");
  });

  it("is told in the journal before what came of it", async () => {
    harness.smtp.stub({ name: "no noise", when: { command: "NOOP" }, reply: 450 });
    await talk("NOOP", "QUIT");
    const [noted] = harness.journal.find({ event: "rule" });
    const [answered] = harness.smtp.exchanges({ command: "NOOP" });
    expect(noted).toMatchObject({ detail: { rule: "no noise" }, session: answered?.session });
    expect(noted?.seq).toBeLessThan(answered?.seq ?? 0);
  });

  it("reaches who waits for its use, in vain too", async () => {
    const rule = harness.smtp.stub({ when: { command: "NOOP" }, reply: 450 });
    await expect(rule.called({ timeout: 5 })).rejects.toMatchObject({
      code: "WAIT_TIMEOUT",
      message: "rule 1: it answered 0 of 1 requests; 5 ms have passed",
    });
    const twice = rule.called({ count: 2 });
    await talk("NOOP", "NOOP", "QUIT");
    expect(await twice).toMatchObject({ command: "NOOP" });
  });

  it("that cannot be is an error at its place", () => {
    const wrong = { when: { comand: "NOOP" }, reply: 450 } as object;
    expect(() => harness.smtp.stub(wrong)).toThrow(
      'smtp.stub.when.comand: unknown field of smtp\'s requests, did you mean "command"?',
    );
  });
});

describe("faults of connections", () => {
  it("reset a connection before TLS and before any greeting", async () => {
    harness.smtp.stub({ when: { phase: "connect" }, fault: "reset", times: 1 });
    harness.https.stub({ when: { phase: "connect" }, fault: "reset" });
    expect(await talk("QUIT")).toBe("ECONNRESET");
    expect(await talk("QUIT")).toBe("220 221 FIN");
    await expect(visit(harness, "https")).rejects.toThrow();
    expect(harness.journal.find({ service: "https", kind: "received" })).toEqual([]);
  });

  it("close a port, and open it again, one transport alone too", async () => {
    const { port } = harness.dns;
    const { port: smtp } = harness.smtp;
    harness.dns.stub({ when: { transport: "tcp", phase: "connect" }, fault: "refuse" });
    const rule = harness.smtp.stub({ fault: "refuse" });
    expect([await dial(port), await dial(smtp)]).toEqual(["ECONNREFUSED", "ECONNREFUSED"]);
    expect((await ask(port)).length).toBeGreaterThan(12);
    rule.remove();
    await harness.smtp.ready();
    expect(await talk("QUIT")).toBe("220 221 FIN");
    harness.reset();
    await harness.dns.ready();
    expect(await dial(port)).toBe("connected");
  });

  it("change in a running session without losing an octet", async () => {
    const visitor = await visit(harness, "echo");
    const sent = Buffer.alloc(100_000, "octets in a row");
    const impaired = harness.echo.impair({ bandwidth: 1000 });
    visitor.socket.write(sent);
    await harness.journal.waitFor({ service: "echo", kind: "received" });
    impaired.change({ fault: { slice: 1000 } });
    impaired.remove();
    visitor.socket.end();
    expect(await visitor.over).toBe("FIN");
    expect(visitor.octets).toBe(sent.length);
  });

  it("befall the sessions that are meant, and no other", async () => {
    const [one, two] = [await visit(harness, "echo"), await visit(harness, "echo")];
    const isOf = (visitor: typeof one) => harness.echo.sessions.find(({ record }) => record.peer.port === visitor.port);
    await harness.journal.waitFor({
      service: "echo",
      kind: "open",
      where: ({ session }) => session.peer.port === two.port,
    });
    const [meant] = [isOf(one)];
    if (!meant) throw new Error("the first session is not there");
    harness.echo.impair({ reset: { after: 3 } }, { only: meant });
    for (const visitor of [one, two]) visitor.socket.write("hello");
    expect([await one.over, one.text]).toEqual(["ECONNRESET", "hel"]);
    two.socket.end();
    expect([await two.over, two.text]).toEqual(["FIN", "hello"]);
  });

  it("end with the harness, however long they would last", async () => {
    await using own = await start({ services: ["smtp"] });
    own.smtp.stub({ when: { phase: "connect" }, fault: "stall" });
    own.smtp.stub({ when: { command: "NOOP" }, hold: true });
    const stalled = connect({ host: "127.0.0.1", port: own.smtp.port });
    const over = new Promise((resolve) => {
      stalled.on("error", resolve).on("close", resolve);
    });
    await own.journal.waitFor({ event: "rule" });
    await own.stop({ graceMs: 50 });
    await over;
  });
});

/** One DNS query over UDP. */
async function ask(port: number): Promise<Buffer> {
  const socket = createSocket("udp4");
  try {
    socket.send(notation.read("www.example.test A"), port, "127.0.0.1");
    const [answer] = (await once(socket, "message")) as [Buffer];
    return answer;
  } finally {
    socket.close();
  }
}

function catching(act: () => void): PortwrightError {
  try {
    act();
  } catch (error) {
    return error as PortwrightError;
  }
  throw new Error("nothing was thrown");
}

describe("rules of a configuration", () => {
  it("are in force from the start, the first before the others, and come back with reset", async () => {
    const rules = [
      { when: { command: "NOOP" }, reply: "450 4.0.0 first", times: 1 },
      { when: { command: "NOOP" }, reply: "451 4.0.0 second" },
    ];
    await using own = await start({ services: { smtp: { rules }, echo: true } });
    const outer = harness;
    harness = own as never;
    try {
      expect(await talk("NOOP", "NOOP", "QUIT")).toBe("220 450 451 221 FIN");
      own.reset();
      expect(await talk("NOOP", "NOOP", "QUIT")).toBe("220 450 451 221 FIN");
    } finally {
      harness = outer;
    }
  });

  it("are refused with their place", async () => {
    const rules = [{ reply: 450 }, { when: { command: "NOOP" }, replay: 450 }] as object[];
    await expect(start({ services: { smtp: { rules } } })).rejects.toMatchObject({
      code: "RULE_INVALID",
      message: 'services.smtp.rules[1].replay: unknown key, did you mean "reply"?',
    });
  });
});

describe("the clock", () => {
  it("runs by itself unless it is the manual one", async () => {
    expect(catching(() => harness.clock.advance("10m"))).toMatchObject({
      code: "CLOCK_RUNS",
      remedies: ['start({ clock: "manual" })'],
    });
    await using own = await start({ services: ["smtp"], clock: "manual" });
    const socket = connect({ host: "127.0.0.1", port: own.smtp.port });
    const [greeting] = (await once(socket, "data")) as [Buffer];
    const next = once(socket, "data") as Promise<[Buffer]>;
    own.clock.advance("10m");
    expect(`${greeting}${(await next)[0]}`).toMatch(/^220 .*\r\n421 4\.4\.2 /);
    socket.destroy();
  });
});
