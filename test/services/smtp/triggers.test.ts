import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { smtpTriggers } from "../../../services/smtp/triggers.ts";
import type { Fields } from "../../../src/contract/machine.ts";
import { start } from "../../../src/index.ts";
import type { RunningHarness } from "../../../src/start-options.ts";
import { Conversation, makeContext } from "./conversation.ts";
import { FaultClient } from "./fault-client.ts";

describe("a trigger", () => {
  const rcpt = (word: string): Fields => ({ command: "RCPT", to: `${word}@fault.test` });
  const message = (to: readonly string[], from = "me@there.test", subject = ""): Fields => ({
    command: "MESSAGE",
    ...{ from, to, subject },
  });

  it.each<[request: Fields, consequence: unknown]>([
    [rcpt("452"), { reply: { code: 452 } }],
    [rcpt("450-4.2.1"), { reply: { code: 450, enhanced: "4.2.1" } }],
    [rcpt("RESET"), { fault: "reset" }],
    [rcpt("close"), { fault: "close" }],
    [rcpt("drop"), { fault: "close" }],
    [rcpt("stall"), { fault: "stall" }],
    [rcpt("silence"), { fault: "silence" }],
    [rcpt("delay-500"), { fault: { delay: "500ms" } }],
    [rcpt("delay-2s"), { fault: { delay: "2s" } }],
    [rcpt("slow-100"), { fault: { bandwidth: 100 } }],
    [rcpt("452-data"), { reply: { code: 250 } }],
    [rcpt("reset-stored"), { reply: { code: 250 } }],
    [{ command: "MAIL", from: "451@Fault.Test" }, { reply: { code: 451 } }],
    [message(["alice@example.test", "452-data@fault.test"]), { reply: { code: 452 } }],
    [message(["550-5.7.1-data@fault.test"]), { reply: { code: 550, enhanced: "5.7.1" } }],
    [message(["drop-data@fault.test"]), { fault: "close" }],
    [message(["drop-stored@fault.test"]), { fault: "close", when: { phase: "before-reply" } }],
    [message(["alice@example.test"], "stall-data@fault.test"), { fault: "stall" }],
    [message(["alice@example.test"], "", "hello [fault 554-5.7.1]"), { reply: { code: 554, enhanced: "5.7.1" } }],
    [message([], "", "[FAULT reset-stored] hi"), { fault: "reset", when: { phase: "before-reply" } }],
    ...[
      rcpt("alice"),
      rcpt("199"),
      rcpt("600"),
      rcpt("45"),
      rcpt("450-3.2.1"),
      rcpt("delay-"),
      rcpt("delay-99999999"),
      rcpt("slow-0"),
      rcpt("constructor"),
      rcpt("nothing-data"),
      { command: "RCPT", to: "452@fault.test.example" },
      { command: "RCPT", argument: "TO:<" },
      { command: "VRFY", argument: "452@fault.test" },
      message(["452@fault.test"]),
      message(["alice@example.test"], "", "[fault] [fault nothing]"),
    ].map((request): [Fields, unknown] => [request, undefined]),
  ])("of %j is %j", (request, consequence) => {
    expect(smtpTriggers.match(request)).toEqual(consequence);
  });

  it("is asked for only where the harness was started with triggers", () => {
    const lines = ["EHLO client", "MAIL FROM:<>", "RCPT TO:<452@fault.test>"];
    expect(new Conversation(makeContext(), [], false).lines(...lines)).toMatch(/^250 /);
    expect(new Conversation(makeContext(), [], true).lines(...lines)).toMatch(/^452 4\.3\.1 /);
  });

  it("comes after every rule", () => {
    const conversation = new Conversation(makeContext(), [{ when: { to: "452@*" }, reply: 550 }], true);
    expect(conversation.lines("EHLO client", "MAIL FROM:<>", "RCPT TO:<452@fault.test>")).toMatch(/^550 /);
  });
});

describe("mail to fault.test", () => {
  let harness: RunningHarness<readonly ["smtp"]>;
  beforeAll(async () => {
    const services = { smtp: { idleMs: 86_400_000, recipients: "known" } };
    harness = await start({ services, clock: "manual", host: "127.0.0.1", triggers: true });
  });
  beforeEach(() => harness.reset());
  afterAll(() => harness.stop());

  it.each<[address: string, seen: string, stored: number]>([
    ["452", "452 4.3.1", 0],
    ["450-4.2.1", "450 4.2.1", 0],
    ["421", "421 4.3.2, then FIN", 0],
    ["reset", "RST", 0],
    ["drop", "FIN", 0],
    ["stall", "nothing", 0],
    ["delay-1500", "550 5.7.1 after 1500 ms", 0],
    ["552-data", "250 2.1.5, 354, 552 5.3.4", 0],
    ["554-5.7.1-data", "250 2.1.5, 354, 554 5.7.1", 0],
    ["drop-data", "250 2.1.5, 354, FIN", 0],
    ["reset-data", "250 2.1.5, 354, RST", 0],
    ["stall-data", "250 2.1.5, 354, nothing", 0],
    ["delay-2s-data", "250 2.1.5, 354, 250 2.0.0 after 2000 ms", 1],
    ["reset-stored", "250 2.1.5, 354, RST", 1],
    ["drop-stored", "250 2.1.5, 354, FIN", 1],
  ])("%s@fault.test is answered %s", async (word, expected, stored) => {
    const client = await FaultClient.connect(harness);
    if (typeof client === "string") throw new Error(client);
    await client.greeting();
    for (const line of ["EHLO client", "MAIL FROM:<me@there.test>"]) await client.command(line);
    const seen = [await client.command(`RCPT TO:<${word}@fault.test>`)];
    if (seen[0]?.startsWith("250 2.1.5")) seen.push(await client.command("DATA"), await client.message());
    client.close();
    expect(seen.join(", ")).toBe(expected);
    expect(harness.world.mailbox(`${word}@fault.test`).messages).toHaveLength(stored);
    const [note] = harness.journal.find({ event: "rule" });
    expect(note?.detail).toEqual({ rule: "trigger" });
  });
});
