import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { FAULTS } from "../../../services/smtp/faults.ts";
import type { FaultCase } from "../../../src/contract/service.ts";
import { start } from "../../../src/index.ts";
import type { RunningHarness } from "../../../src/start-options.ts";
import { FaultClient } from "./fault-client.ts";

let harness: RunningHarness<readonly ["smtp"]>;

beforeAll(async () => {
  harness = await start({ services: { smtp: { idleMs: 86_400_000 } }, clock: "manual", host: "127.0.0.1" });
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

type Rule = FaultCase["rule"] & { readonly when: { readonly [key: string]: unknown } };

const MAIL = "MAIL FROM:<me@there.test>";
const RCPT = "RCPT TO:<carol@there.test>";

/** What a client says before the command that the rule is about, and that command. */
const ROADS: { readonly [command: string]: readonly [before: readonly string[], line: string] } = {
  HELO: [[], "HELO client"],
  EHLO: [[], "EHLO client"],
  MAIL: [["EHLO client"], MAIL],
  RCPT: [["EHLO client", MAIL], RCPT],
  DATA: [["EHLO client", MAIL, RCPT], "DATA"],
  MESSAGE: [["EHLO client"], ""],
  AUTH: [["EHLO client"], "AUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ="],
  STARTTLS: [["EHLO client"], "STARTTLS"],
  BDAT: [["EHLO client", MAIL, RCPT], "BDAT 100 LAST"],
  RSET: [["EHLO client"], "RSET"],
  NOOP: [["EHLO client"], "NOOP"],
  QUIT: [["EHLO client"], "QUIT"],
};

/** Faults of several requests are met by three; and who may not enter tries again. */
function roundsOf({ when, times, every, reply }: Rule): number {
  if (when.command === "AUTH") return 3;
  return when.nth === undefined && times === undefined && every === undefined && !Array.isArray(reply) ? 1 : 3;
}

/** All that the rule's client sees, in words. */
async function provoke(rule: Rule): Promise<string> {
  const { command, phase } = rule.when;
  const rounds = roundsOf(rule);
  if (typeof command !== "string") return greetings(rounds);
  const [before, line] = ROADS[command] ?? [[], command];
  const client = await connected();
  await client.greeting();
  for (const said of before) await client.command(said);
  const seen: string[] = [];
  for (let round = 0; round < rounds && !client.isOver; round += 1) {
    if (command !== "MESSAGE") {
      seen.push(await client.command(line));
      continue;
    }
    for (const said of [MAIL, RCPT, "DATA"]) await client.command(said);
    seen.push(await client.message());
  }
  if (command === "DATA" && seen[0]?.startsWith("354") && !client.isOver) seen.push(await client.message());
  else if (phase === "after-reply" && !client.isOver) seen.push(await client.command("NOOP"));
  if (command === "BDAT" && phase === "mid-stream") seen.push(await client.command("x".repeat(98)));
  client.close();
  const stored = harness.world.mailbox("carol@there.test").messages.length;
  return command === "MESSAGE" ? `${summary(seen)}; ${stored} stored` : summary(seen);
}

async function greetings(rounds: number): Promise<string> {
  const seen: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const client = await FaultClient.connect(harness);
    if (typeof client === "string") return client;
    seen.push(await client.greeting());
    client.close();
  }
  return summary(seen);
}

async function connected(): Promise<FaultClient> {
  const client = await FaultClient.connect(harness);
  if (typeof client === "string") throw new Error(client);
  return client;
}

function summary(seen: readonly string[]): string {
  return seen.every((one) => one === seen[0]) ? (seen[0] ?? "") : seen.join(", ");
}

it.each(FAULTS)("$name: $seen", async ({ rule, seen }) => {
  const made = harness.smtp.stub(rule as Parameters<typeof harness.smtp.stub>[0]);
  expect(await provoke({ when: {}, ...rule } as Rule)).toBe(seen);
  if (seen !== "ECONNREFUSED") expect(made.count).toBeGreaterThan(0);
});
