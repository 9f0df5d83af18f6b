import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/config/read-config.ts";
import { type StartOptions, start } from "../../../src/index.ts";
import type { RunningHarness } from "../../../src/start-options.ts";
import { lastAnswer, UdpClient } from "./clients.ts";
import { ask } from "./observe.ts";
import { print, query } from "./world.ts";

type DnsHarness = RunningHarness<readonly ["dns"]>;

const begin = () => start({ services: ["dns"], host: "127.0.0.1" });

/** The rcodes of the answers to these queries, over UDP. */
async function rcodes(harness: DnsHarness, ...questions: readonly string[]): Promise<(string | undefined)[]> {
  await using client = new UdpClient(harness.dns.port);
  const answers = await client.ask(...questions.map(query));
  return answers.map(({ bytes }) => /^\w+/.exec(print(bytes))?.[0]);
}

describe("rules of a configuration file", () => {
  it("are the same rules", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dns-rules-"));
    const path = join(folder, "portwright.config.yaml");
    writeFileSync(
      path,
      `host: 127.0.0.1
services:
  dns:
    rules:
      - { when: { name: gone.example.test }, reply: NXDOMAIN }
      - { when: { transport: tcp, phase: connect }, fault: refuse }
      - { when: { edns: { min: 1 } }, reply: { rcode: FORMERR, edns: false } }
      - { when: { name: "*.shop.test" }, reply: [192.0.2.1, { answers: ["@ 5 IN A 192.0.2.2", TXT hello] }] }
`,
    );
    try {
      const { value } = await readConfig(path);
      await using harness = (await start(value as StartOptions)) as DnsHarness;
      expect(
        await rcodes(harness, "gone.example.test A", "web.example.test A", "web.example.test A +edns", "a.shop.test A"),
      ).toEqual(["NXDOMAIN", "NOERROR", "FORMERR", "NOERROR"]);
      const { port } = harness.dns;
      const second = await ask({ port, last: await lastAnswer(port) }, query("b.shop.test A id=7"), "udp");
      expect(second).toBe("NOERROR, 1 A 1 TXT, TTL 5");
      expect(await ask({ port, last: new Uint8Array(0) }, query("web.example.test A"), "tcp", true)).toBe(
        "ECONNREFUSED after 0 octets",
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ["reply: SERVFIAL", /services\.dns\.rules\[0\]\.reply: .*did you mean "SERVFAIL"\?/],
    ["reply: { answers: [A 1.2.3] }", /services\.dns\.rules\[0\]\.reply\.answers\[0\]: expected a record; A: expected/],
    ["when: { type: AAA }, reply: SERVFAIL", /services\.dns\.rules\[0\]\.when\.type: .*did you mean "AAAA"\?/],
  ])("that cannot be are refused with their place: %s", async (rule, message) => {
    const folder = mkdtempSync(join(tmpdir(), "dns-rules-"));
    const path = join(folder, "portwright.config.yaml");
    writeFileSync(path, `services:\n  dns:\n    rules:\n      - { ${rule} }\n`);
    try {
      await expect(readConfig(path).then(({ value }) => start(value as StartOptions))).rejects.toThrow(message);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("a harness with dns", () => {
  it("is content with refusals that a rule wanted, and complains of others, and of rules that were never used", async () => {
    await using harness = await begin();
    const rule = harness.dns.stub({ when: { name: "web.example.test" }, reply: "REFUSED" });
    expect(await rcodes(harness, "web.example.test A", "nobody.example.test A")).toEqual(["REFUSED", "NXDOMAIN"]);
    expect(() => harness.verify()).not.toThrow();
    await rcodes(harness, "elsewhere.test A");
    harness.dns.stub({ when: { name: "never.test" }, reply: "REFUSED" });
    expect(() => harness.verify()).toThrow(
      /dns: rule 2 \(about name=never\.test\) was never used\ndns: no rule is about elsewhere\.test .*, which was refused: REFUSED/,
    );
    expect(rule.seen).toEqual([harness.dns.exchanges({ name: "web.example.test" })[0]?.request]);
  });

  it("holds an answer until the test lets it go", async () => {
    await using harness = await begin();
    const rule = harness.dns.stub({ when: { name: "web.example.test" }, hold: true });
    await using client = new UdpClient(harness.dns.port);
    expect(await client.ask(query("web.example.test A id=5"))).toEqual([]);
    expect(rule.holding).toBe(1);
    rule.release();
    const [answer] = await client.until(1);
    expect(print(answer?.bytes)).toContain("NOERROR aa rd id=5");
  });

  it("takes up a change of a rule at once", async () => {
    await using harness = await begin();
    const rule = harness.dns.stub({ when: { name: "web.example.test" }, reply: "SERVFAIL" });
    expect(await rcodes(harness, "web.example.test A")).toEqual(["SERVFAIL"]);
    rule.change({ reply: "NOTIMP" });
    expect(await rcodes(harness, "web.example.test A")).toEqual(["NOTIMP"]);
    rule.remove();
    expect(await rcodes(harness, "web.example.test A")).toEqual(["NOERROR"]);
    harness.dns.stub({ when: { name: "web.example.test" }, reply: "REFUSED" });
    harness.reset();
    expect(await rcodes(harness, "web.example.test A")).toEqual(["NOERROR"]);
  });

  it("tells in the journal what a broken answer was, and which rule made it", async () => {
    await using harness = await begin();
    harness.dns.stub({ name: "loop", when: { name: "web.example.test" }, reply: { badName: "loop" } });
    await rcodes(harness, "web.example.test A");
    expect((await harness.dns.waitFor({ name: "web.example.test" })).reply).toMatchObject({
      rcode: "NOERROR",
      answers: [],
      problem: "a compression pointer does not point backwards",
    });
    expect(harness.journal.find({ event: "rule" })).toMatchObject([{ detail: { rule: "loop" } }]);
  });
});
