import { Resolver } from "node:dns/promises";
import { beforeEach, describe } from "vitest";
import { expect, harnessTest } from "../../../src/testing/vitest.ts";
import { mail, say } from "./dial.ts";

const test = harnessTest({ services: ["smtp", "dns", "http"] });

describe("fixtures", () => {
  const seen = new Set<unknown>();

  test("are the harness's services", ({ harness, smtp, dns }) => {
    expect([smtp, dns]).toEqual([harness.smtp, harness.dns]);
    seen.add(harness);
  });

  test("share one harness in a file", ({ harness }) => {
    expect(seen).toEqual(new Set([harness]));
  });

  test("begin with what a test does", async ({ smtp, harness }) => {
    smtp.stub({ when: { command: "NOOP" }, reply: { code: 452, text: "never" } });
    (await say(smtp, ...mail("alice@example.test", "first"), "QUIT")).destroy();
    expect(harness.world.mailbox("alice").texts).toHaveLength(2);
  });

  test("begin anew with the next: journal, world and rules", async ({ smtp, harness }) => {
    expect(smtp.exchanges()).toEqual([]);
    expect(harness.world.mailbox("alice").texts).toHaveLength(1);
    (await say(smtp, "NOOP")).destroy();
    expect(smtp).toHaveReceived({ command: "NOOP" });
    expect(smtp.exchanges()).toMatchObject([{ reply: { code: 250 } }]);
  });
});

describe("a hook before each test", () => {
  beforeEach<{ smtp: { host: string; port: number } }>(async ({ smtp }) => {
    (await say(smtp, "NOOP")).destroy();
  });

  test("comes after the reset", ({ smtp }) => {
    expect(smtp).toHaveReceived({ command: "NOOP" }, { times: 1 });
  });
});

describe("toHaveReceived", () => {
  test("waits", async ({ smtp }) => {
    const received = expect(smtp).toHaveReceived({ to: "bob@*", command: "RCPT" }, { within: 5000 });
    (await say(smtp, ...mail("bob@example.test", "hello"))).destroy();
    await received;
    await expect(smtp).toHaveReceived({ subject: /hello/ }, { within: 5000, times: 1 });
    expect(smtp).not.toHaveReceived({ subject: /bye/ });
    await expect(smtp).not.toHaveReceived({ subject: /bye/ }, { within: 1 });
  });

  test("says what came nearest", async ({ smtp }) => {
    (await say(smtp, ...mail("bob@example.test", "hello"))).destroy();
    expect(() => expect(smtp).toHaveReceived({ command: "RCPT", to: "alice@example.test" })).toThrow(
      'to: wanted "alice@example.test", was "bob@example.test"',
    );
    const wait = expect(smtp).toHaveReceived({ command: "RCPT", to: "alice@example.test" }, { within: 1 });
    await expect(wait).rejects.toThrow('to: wanted "alice@example.test", was "bob@example.test"');
    expect(() => expect(smtp).not.toHaveReceived({ command: "RCPT" })).toThrow("smtp received 1 such request:\n  #");
    await expect(expect(smtp).not.toHaveReceived({ command: "RCPT" }, { within: 1 })).rejects.toThrow("1 such request");
    expect(() => expect(smtp).toHaveReceived({ command: "RCPT" }, { times: 2 })).toThrow("1 such request, wanted 2");
  });

  test("refuses what the service cannot have been asked", async ({ smtp }) => {
    const misspelt: object = { subjct: "x" };
    expect(() => expect(smtp).toHaveReceived(misspelt)).toThrow('did you mean "subject"?');
    expect(() => expect(smtp).not.toHaveReceived(misspelt)).toThrow('did you mean "subject"?');
    expect(() => expect("smtp").toHaveReceived({})).toThrow("is for the handle of a service");
  });
});

describe("toHaveBeenAskedFor", () => {
  test("knows names and types", async ({ dns }) => {
    const resolver = new Resolver();
    resolver.setServers([`127.0.0.1:${dns.endpoint.port}`]);
    await resolver.resolve4("www.example.test");
    expect(dns).toHaveBeenAskedFor("www.example.test", "A");
    expect(dns).toHaveBeenAskedFor("*.example.test");
    expect(dns).not.toHaveBeenAskedFor("www.example.test", "AAAA");
  });

  test("knows paths and methods", async ({ http }) => {
    await fetch(`${http.url}/pub/hello.txt`);
    await expect(http).toHaveBeenAskedFor("/pub/*", "GET", { within: 1000 });
  });

  test("is for services that are asked for something", ({ smtp }) => {
    expect(() => expect(smtp).toHaveBeenAskedFor("x")).toThrow("what smtp is asked has no name");
  });
});

const own = harnessTest({ services: { second: { service: "smtp" } } }, { scope: "test" });

describe("a harness for each test", () => {
  const seen = new Set<unknown>();
  own.concurrent.for([1, 2, 3])("serves %i of those that run at the same time", async (_, { second, harness }) => {
    seen.add(harness);
    (await say(second, "NOOP")).destroy();
    expect(second).toHaveReceived({ command: "NOOP" }, { times: 1 });
  });
  own("is another each time", () => expect(seen.size).toBe(3));
});
