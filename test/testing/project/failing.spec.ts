import { describe } from "vitest";
import { expect, harnessTest } from "../../../src/testing/vitest.ts";
import { mail, say } from "./dial.ts";

const { CAPTURES = "" } = process.env;

const test = harnessTest(
  { services: ["smtp", "http"] },
  { captures: CAPTURES, onFailure: ({ test: name, transcript }) => console.log(`${name}: ${transcript.length > 0}`) },
);

describe("what fails", () => {
  test("not: another test's mail", async ({ smtp }) => {
    (await say(smtp, ...mail("carol@example.test", "another"))).destroy();
  });

  test("with a client still connected", async ({ smtp }) => {
    await say(smtp, "EHLO client", ...mail("bob@example.test", "mine").slice(1));
    await expect(smtp).toHaveReceived({ command: "RCPT", to: "alice@example.test" }, { within: 1 });
  });

  test("for a reason of its own", async ({ http }) => {
    await fetch(`${http.url}/pub/hello.txt`, { headers: { authorization: "Basic c2VjcmV0" } });
    expect(1).toBe(2);
  });

  test("before it asked anything", () => {
    expect(1).toBe(2);
  });

  test.concurrent("because it cannot share", ({ smtp }) => {
    expect(smtp).toBeDefined();
  });
});

const strict = harnessTest({ services: ["smtp"] }, { verify: true });

describe("what is verified", () => {
  strict("with a rule that is never used", ({ smtp }) => {
    smtp.stub({ when: { command: "NOOP" }, reply: { code: 450 } });
  });

  strict("with a refusal that nobody asked for", async ({ smtp }) => {
    (await say(smtp, "DATA")).destroy();
  });

  strict("not: with a rule that is used", async ({ smtp }) => {
    smtp.stub({ when: { command: "NOOP" }, reply: { code: 450 } });
    (await say(smtp, "NOOP")).destroy();
  });
});
