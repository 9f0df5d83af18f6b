import { expect, it } from "vitest";
import { start } from "../../src/index.ts";
import { mail, say } from "./project/dial.ts";

it("needs no test runner: await using", async () => {
  await using harness = await start({ services: ["smtp", "http"] });
  const busy = harness.smtp.stub({ when: { command: "RCPT", to: "full@*" }, reply: { code: 452 }, times: 1 });

  await say(harness.smtp, ...mail("alice@example.test", "Your code is 123"));
  await say(harness.smtp, ...mail("full@example.test", "Your code is 456").slice(0, 3));

  const { reply } = await harness.smtp.waitFor({ subject: /code/ }, { timeout: 5000 });
  expect(reply.code).toBe(250);
  expect(busy.count).toBe(1);
  await harness.journal.inOrder([
    { service: "smtp", kind: "open" },
    { service: "smtp", request: { to: "alice@example.test" } },
    { service: "smtp", request: { to: "full@example.test" }, reply: { code: 452 } },
  ]);

  // A client that connects to see whether somebody is there.
  (await say(harness.smtp)).destroy();
  const bare = await harness.journal.waitForSession({ service: "smtp", requests: 0, closed: true });
  expect(bare).toMatchObject({ received: 0, closed: { how: expect.stringMatching(/peer|reset/) } });
});

it("refuses a field that the service does not have, whichever way it is asked", async () => {
  await using harness = await start({ services: ["smtp"] });
  const misspelt: object = { subjct: "x" };
  expect(() => harness.smtp.exchanges(misspelt)).toThrow('request.subjct: unknown field, did you mean "subject"?');
  await expect(harness.smtp.waitFor(misspelt)).rejects.toMatchObject({ code: "QUERY_INVALID" });
});
