import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { FAULTS } from "../../../services/http/faults.ts";
import type { FaultCase } from "../../../src/contract/service.ts";
import { start } from "../../../src/index.ts";
import type { RunningHarness } from "../../../src/start-options.ts";
import { FaultClient, type Sight } from "./fault-client.ts";

let harness: RunningHarness<readonly ["http"]>;
const HOUR = 3_600_000;

beforeAll(async () => {
  harness = (await start({
    // The clock is put on by minutes.
    services: { http: { idleMs: HOUR, headMs: HOUR, bodyMs: HOUR } },
    clock: "manual",
    host: "127.0.0.1",
  })) as unknown as typeof harness;
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

type When = { readonly [key: string]: unknown };

/** A request that the rule is about; one with content, of which the head has 63 octets, where it is about none. */
function requestFor({ method = "GET", path = "/post", headers = {}, phase }: When): string {
  const verb = phase === "connect" ? "POST" : method;
  const hasContent = verb === "POST" || verb === "PUT";
  const target = Array.isArray(path) ? path[0] : path;
  const fields = Object.entries(headers as When).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = hasContent ? "Content-Length: 12\r\n" : "";
  return `${verb} ${target} HTTP/1.1\r\nHost: example.test\r\n${length}${fields.join("")}\r\n${hasContent ? "hello, world" : ""}`;
}

/** Faults of several requests are met by three. */
function roundsOf({ when, times, every, reply }: FaultCase["rule"] & { readonly when: When }): number {
  const { nth, ordinal } = when;
  return [nth, ordinal, times, every].some((one) => one !== undefined) || Array.isArray(reply) ? 3 : 1;
}

async function provoke(rule: FaultCase["rule"] & { readonly when: When }): Promise<readonly Sight[] | string> {
  const sights: Sight[] = [];
  let client: FaultClient | undefined;
  for (let round = 0; round < roundsOf(rule); round += 1) {
    if (!client || client.isOver) {
      client?.close();
      const connected: FaultClient | string = await FaultClient.connect(harness);
      if (typeof connected === "string") return connected;
      client = connected;
    }
    sights.push(await client.ask(requestFor(rule.when)));
  }
  client?.close();
  return sights;
}

/** What was seen agrees with the words: texts in backquotes in their order, and how it ended. */
function expectSight(sights: readonly Sight[], seen: string): void {
  const came = sights.map((sight) => sight.came).join("");
  const ends = sights.flatMap(({ end }) => end ?? []);
  let at = 0;
  for (const [, text] of seen.matchAll(/`([^`]*)`/g)) {
    const wanted = JSON.parse(`"${text}"`) as string;
    const found = came.indexOf(wanted, at);
    expect(found, `${text} in ${JSON.stringify(came.slice(at, at + 2000))}`).toBeGreaterThanOrEqual(0);
    at = found + wanted.length;
  }
  const words = seen.replace(/`[^`]*`/g, "").split(/, */);
  expect(ends).toEqual(words.filter((word) => word === "FIN" || word === "RST"));
  expect(came === "" && ends.length === 0, came).toBe(words.includes("nothing"));
  expect(sights.length > 1 && sights.at(-1)?.came === "").toBe(words.includes("then nothing"));
  const late = Math.max(...sights.map(({ lateMs }) => lateMs));
  expect(late > 0 ? [`after ${late} ms`] : []).toEqual(words.filter((word) => word.startsWith("after")));
}

it.each(FAULTS)("$name: $seen", async ({ rule, seen }) => {
  const made = harness.http.stub(rule as Parameters<typeof harness.http.stub>[0]);
  const sights = await provoke({ when: {}, ...rule } as FaultCase["rule"] & { readonly when: When });
  if (typeof sights === "string") {
    expect(sights).toBe(seen);
    return;
  }
  expectSight(sights, seen);
  expect(made.count).toBeGreaterThan(0);
});
