import { describe, expectTypeOf, it } from "vitest";
import type { Entry, RunningHarness, SessionSummary } from "../../src/index.ts";
import { start } from "../../src/index.ts";
import { useHarness as useInJest } from "../../src/testing/jest.ts";
import { assertAskedFor, assertNotReceived, assertReceived, useHarness } from "../../src/testing/node-test.ts";
import { expect, harnessTest, test } from "../../src/testing/vitest.ts";

type Exchange = Extract<Entry, { kind: "exchange" }>;

/** Never run: what counts is that it compiles, or does not. */
async function inVitest(): Promise<void> {
  const own = harnessTest({ services: ["smtp", "dns"] }, { scope: "test", captures: "captures" });
  own("has what runs", async ({ harness, smtp, dns, task }) => {
    expectTypeOf(harness).toEqualTypeOf<RunningHarness<readonly ["smtp", "dns"]>>();
    expectTypeOf(smtp).toEqualTypeOf(harness.smtp);
    expectTypeOf(task.name).toBeString();
    expectTypeOf(expect(smtp).toHaveReceived({ to: /alice/, size: { min: 1 } })).toBeVoid();
    expectTypeOf(expect(smtp).toHaveReceived({ to: "*@x" }, { within: 5 })).resolves.toBeVoid();
    expectTypeOf(expect(smtp).not.toHaveReceived({}, { within: 5, times: 2 })).resolves.toBeVoid();
    expectTypeOf(expect(dns).toHaveBeenAskedFor("www.example.test")).toBeVoid();
    expectTypeOf(expect(dns).toHaveBeenAskedFor(/www/, ["A", "AAAA"], { within: 5 })).resolves.toBeVoid();
    // @ts-expect-error: misspelt
    expect(smtp).toHaveReceived({ comand: "DATA" });
    // @ts-expect-error: a size is a number
    expect(smtp).toHaveReceived({ size: "7" });
    // @ts-expect-error: misspelt
    expect(smtp).toHaveReceived({ command: "DATA" }, { witin: 5 });
  });
  // @ts-expect-error: it does not run
  own("has nothing else", ({ http }) => http);
  test("has all services", ({ http, smtp }) => [http.port, smtp.port]);
  const named = harnessTest({ services: { backup: { service: "smtp" }, dns: true } });
  named("has names of one's own", ({ backup }) => expect(backup).toHaveReceived({ subject: "x" }));
  // @ts-expect-error: misspelt
  harnessTest({ services: ["smpt"] });
  // @ts-expect-error: no such scope
  harnessTest({}, { scope: "worker" });
}

async function inNode(): Promise<void> {
  for (const mail of [useHarness({ services: ["smtp", "dns"] }), useInJest({ services: ["smtp", "dns"] })]) {
    expectTypeOf(mail.harness).toEqualTypeOf<RunningHarness<readonly ["smtp", "dns"]>>();
    expectTypeOf(assertReceived(mail.smtp, { to: "a@b" })).toBeVoid();
    expectTypeOf(assertReceived(mail.smtp, { to: "a@b" }, { within: 5 })).resolves.toBeVoid();
    expectTypeOf(assertNotReceived(mail.smtp, { to: "a@b" }, { times: 2 })).toBeVoid();
    expectTypeOf(assertAskedFor(mail.dns, "www.example.test", "A", { within: 5 })).resolves.toBeVoid();
    // @ts-expect-error: misspelt
    assertReceived(mail.smtp, { comand: "DATA" });
    // @ts-expect-error: it does not run
    mail.http;
  }
}

async function inTheJournal(): Promise<void> {
  const { journal, smtp } = await start({ services: ["smtp"] });
  const first = await smtp.waitFor({ to: /alice/ }, { timeout: 5, reply: { code: 250 } });
  expectTypeOf(first).toEqualTypeOf<Exchange>();
  await journal.waitFor({ request: { command: "NOOP" }, after: first, since: new Date() }, { count: 3 });
  const [lookup, opened] = await journal.inOrder([{ request: { type: "A" } }, { kind: "open" }]);
  expectTypeOf(lookup).toEqualTypeOf<Exchange>();
  expectTypeOf(opened.kind).toEqualTypeOf<"open">();
  expectTypeOf(journal.sessions({ requests: 0, closed: "reset" })).toEqualTypeOf<SessionSummary[]>();
  expectTypeOf(journal.waitForSession({ closed: true })).resolves.toEqualTypeOf<SessionSummary>();
  // @ts-expect-error: no such end
  journal.sessions({ closed: "gone" });
}

describe("the types for tests", () => {
  it("know the services that run, the fields of their requests, and what waits", () => {
    for (const compiled of [inVitest, inNode, inTheJournal]) expectTypeOf(compiled).returns.resolves.toBeVoid();
  });
});
