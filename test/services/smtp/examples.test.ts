import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { smtp } from "../../../services/smtp/index.ts";
import { readConfig } from "../../../src/config/read-config.ts";
import { type StartOptions, start } from "../../../src/index.ts";
import type { RunningHarness } from "../../../src/start-options.ts";
import { withoutSecretOctets } from "../../../src/testing/without-secrets.ts";
import { FaultClient } from "./fault-client.ts";

type SmtpHarness = RunningHarness<readonly ["smtp"]>;

let harness: SmtpHarness;
const clients: FaultClient[] = [];

beforeAll(async () => {
  harness = await start({ services: { smtp: { idleMs: 86_400_000 } }, clock: "manual", host: "127.0.0.1" });
});
beforeEach(() => harness.reset());
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(() => harness.stop());

async function connect(to = harness): Promise<FaultClient> {
  const client = await FaultClient.connect(to);
  if (typeof client === "string") throw new Error(client);
  clients.push(client);
  await client.greeting();
  return client;
}

/** What the client is told of each line, and of the message if it comes to that. */
async function say(client: FaultClient, ...lines: readonly string[]): Promise<string[]> {
  const seen: string[] = [];
  for (const line of lines) if (!client.isOver) seen.push(await client.command(line));
  return seen;
}

const HELLO = "EHLO client";
const MAIL = "MAIL FROM:<me@there.test>";
const rcpt = (address: string) => `RCPT TO:<${address}>`;

/** A message to these, from EHLO on; what was said to each recipient, to DATA and to the message. */
async function send(client: FaultClient, ...recipients: readonly string[]): Promise<string[]> {
  await say(client, HELLO, MAIL);
  const seen = await say(client, ...recipients.map(rcpt), "DATA");
  if (seen.at(-1) === "354") seen.push(await client.message());
  return seen;
}

describe("the examples of the wish list, in our grammar", () => {
  it("a mailbox is full, twice", async () => {
    const full = harness.smtp.stub({
      when: { command: "RCPT", to: "full@*" },
      reply: { code: 452, enhanced: "4.2.2", text: "mailbox full" },
      times: 2,
    });
    const client = await connect();
    const other = "alice@example.test";
    const seen = await send(client, "full@example.test", other, "full@there.test", "full@example.test");
    expect(seen).toEqual(["452 4.2.2", "250 2.1.5", "452 4.2.2", "250 2.1.5", "354", "250 2.0.0"]);
    expect(full.count).toBe(2);
    expect(full.seen.map(({ to }) => to)).toEqual(["full@example.test", "full@there.test"]);
    expect(harness.journal.find({ reply: { text: "mailbox full" } })).toHaveLength(2);
  });

  it("the connection is reset behind 4,096 octets of the message", async () => {
    harness.smtp.stub({
      when: { command: "DATA", phase: "mid-stream", at: 4096 },
      fault: { reset: true, direction: "in" },
    });
    const client = await connect();
    expect(await send(client, "alice@example.test")).toEqual(["250 2.1.5", "354", "RST"]);
    const [note] = harness.journal.find({ event: "message-abandoned" });
    expect(note?.detail).toEqual({ octets: 4096 });
  });

  it("a message is waited for, and its session looked at", async () => {
    const client = await connect();
    const awaited = harness.smtp.waitFor({ to: "alice@example.test", subject: /hel+o/ }, { timeout: 2000 });
    await send(client, "bob@example.test", "alice@example.test");
    const message = await awaited;
    expect(message.request).toMatchObject({
      command: "MESSAGE",
      from: "me@there.test",
      to: ["bob@example.test", "alice@example.test"],
      headers: { subject: "hello" },
    });
    const commands = harness.journal
      .find({ session: message.session, kind: "exchange" })
      .map(({ request }) => request.command);
    expect(commands).toEqual(["EHLO", "MAIL", "RCPT", "RCPT", "DATA", "MESSAGE"]);
    const nobody = harness.smtp.waitFor({ to: "alice@example.test", subject: /code/ }, { timeout: 1 });
    await expect(nobody).rejects.toThrow('subject: wanted /code/, was "hello"');
  });

  it("a reply is held until the test lets it go", async () => {
    const gate = harness.smtp.stub({ when: { command: "MESSAGE" }, hold: true });
    const client = await connect();
    const sent = send(client, "alice@example.test");
    await gate.called();
    expect(harness.world.mailbox("alice").messages.length).toBeGreaterThan(0);
    expect(gate.holding).toBe(1);
    expect(harness.journal.find({ kind: "sent" }).at(-1)?.bytes.toString()).toMatch(/^354 /);
    gate.release();
    expect(await sent).toEqual(["250 2.1.5", "354", expect.stringMatching(/^250 2\.0\.0/)]);
  });

  it("one reply after the other, and then as always", async () => {
    harness.smtp.stub({ when: { command: "MAIL" }, sequence: [{ reply: 451 }, {}, { fault: "reset" }] });
    const client = await connect();
    expect(await say(client, HELLO, MAIL, MAIL, "RSET", MAIL)).toEqual([
      expect.stringMatching(/^250 /),
      "451 4.3.0",
      "250 2.1.0",
      "250 2.0.0",
      "RST",
    ]);
    expect(await say(await connect(), HELLO, MAIL)).toContain("250 2.1.0");
  });

  it("greylisting: taken ten minutes later", async () => {
    harness.smtp.stub({ when: { command: "RCPT", to: "alice@*" }, reply: "450 4.7.1 Greylisted", for: "10m" });
    expect(await send(await connect(), "alice@example.test")).toEqual(["450 4.7.1", "554 5.5.1"]);
    harness.clock.advance("10m");
    expect(await send(await connect(), "alice@example.test")).toEqual(["250 2.1.5", "354", "250 2.0.0"]);
  });

  it("capabilities are data", async () => {
    harness.smtp.stub({ when: { command: "EHLO" }, reply: { capabilities: ["SIZE 10", "AUTH LOGIN"] } });
    expect(await say(await connect(), HELLO)).toEqual(["250 mail.example.test / SIZE 10 / AUTH LOGIN"]);
  });

  it("what is not used, and what was refused without a rule, is told", async () => {
    harness.smtp.stub({ when: { command: "VRFY" }, reply: 252, name: "nobody is told" });
    const client = await connect();
    await say(client, HELLO, "EXPN list", "MAIL TO:<>");
    expect(() => harness.verify()).toThrow(
      /smtp: "nobody is told" was never used\n.*EXPN .* was refused: 502[^\n]*\n.*MAIL .* was refused: 501/s,
    );
  });

  it("what follows from a refusal by rule is nothing that needs telling", async () => {
    harness.smtp.stub({ when: { command: "RCPT" }, reply: 550 });
    expect(await send(await connect(), "alice@example.test")).toEqual(["550 5.1.1", "554 5.5.1"]);
    harness.verify();
  });

  it("a password that a rule asks for is in no transcript for people", async () => {
    harness.smtp.stub({ when: { command: "AUTH" }, reply: ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", 235] });
    const client = await connect();
    expect(await say(client, HELLO, "AUTH LOGIN", "YWxpY2U=", "d29uZGVybGFuZA==", "NOOP")).toContain("235 2.7.0");
    const shown = withoutSecretOctets(harness.journal.find(), smtp);
    const text = shown.map((entry) => ("bytes" in entry ? Buffer.from(entry.bytes).toString("latin1") : "")).join("");
    expect(text).toMatch(/AUTH LOGIN\r\n334 .*<redacted>\r\n334 .*<redacted>\r\n235 .*NOOP\r\n250 /s);
    expect(text).not.toMatch(/YWxpY2U|d29uZGVybGFuZA/);
  });

  it("a reset takes rules, mail and journal back, and connections stay", async () => {
    harness.smtp.stub({ when: { command: "NOOP" }, reply: 451 });
    const client = await connect();
    expect(await send(client, "carol@there.test")).toContain("250 2.0.0");
    harness.reset();
    expect(harness.world.mailbox("carol@there.test").messages).toEqual([]);
    expect(harness.smtp.exchanges()).toEqual([]);
    expect(await say(await connect(), "NOOP")).toEqual(["250 2.0.0"]);
  });

  it("every second connection is told to come again", async () => {
    harness.smtp.stub({ when: { phase: "greeting" }, reply: 421, every: 2 });
    const seen: (string | undefined)[] = [];
    for (let count = 0; count < 4; count += 1) {
      const client = await FaultClient.connect(harness);
      if (typeof client === "string") throw new Error(client);
      clients.push(client);
      seen.push((await client.greeting()).slice(0, 3));
    }
    expect(seen).toEqual(["220", "421", "220", "421"]);
  });
});

describe("rules of a configuration file", () => {
  it("are the same rules", async () => {
    const folder = mkdtempSync(join(tmpdir(), "smtp-rules-"));
    const path = join(folder, "portwright.config.yaml");
    writeFileSync(
      path,
      `host: 127.0.0.1
clock: manual
services:
  smtp:
    rules:
      - { when: { command: RCPT, to: "full@*" }, reply: { code: 452, enhanced: 4.2.2 }, times: 1 }
      - { when: { command: RCPT, to: { regex: "^gone@" } }, reply: 551 5.1.6 gone to there.test }
      - { when: { command: [MAIL, RCPT], nth: { min: 4 } }, reply: 421 }
`,
    );
    try {
      const { value } = await readConfig(path);
      await using own = (await start(value as StartOptions)) as SmtpHarness;
      const client = await connect(own);
      const lines = ["full@there.test", "full@there.test", "gone@there.test", "alice@example.test"].map(rcpt);
      expect(await say(client, "HELO client", MAIL, ...lines)).toEqual([
        "250",
        "250 2.1.0",
        "452 4.2.2",
        "250 2.1.5",
        "551 5.1.6",
        "250 2.1.5",
      ]);
      client.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
