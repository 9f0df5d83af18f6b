import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { frame, unframe } from "../../../services/dns/frames.ts";
import { readConfig } from "../../../src/config/read-config.ts";
import { type RunningHarness, type StartOptions, start } from "../../../src/index.ts";
import { concat } from "../../../src/wire/bytes.ts";
import { print, query } from "./world.ts";

let harness: RunningHarness<readonly ["dns", "dot"]>;

beforeAll(async () => {
  harness = await start({ services: ["dns", "dot"], host: "127.0.0.1", triggers: true });
});
beforeEach(async () => {
  await harness.reset();
});
afterAll(() => harness.stop());

type Rule = Parameters<typeof harness.dot.stub>[0];

interface Conversation {
  readonly answers: readonly string[];
  /** `FIN`, or the error's code. */
  readonly ending: string;
}

/** Sends queries inside TLS, half-closes, and reads to the end. */
function converse(questions: readonly string[], options: ConnectionOptions = {}): Promise<Conversation> {
  return new Promise((resolve) => {
    const { port } = harness.dot;
    const socket = connect({ port, host: "127.0.0.1", ca: harness.ca.pem, ALPNProtocols: ["dot"], ...options });
    const pieces: Uint8Array[] = [];
    const over = (ending: string) => {
      socket.destroy();
      resolve({ answers: unframe(concat([new Uint8Array(0), ...pieces])).map((one) => print(one)), ending });
    };
    socket.on("secureConnect", () => socket.end(concat(questions.map((one) => frame(query(one))))));
    socket.on("data", (bytes) => pieces.push(bytes));
    socket.on("end", () => over("FIN"));
    socket.on("error", (error: NodeJS.ErrnoException) => over(error.code ?? error.message));
  });
}

const WWW = "www.example.test A";
const rcodes = ({ answers }: Conversation) => answers.map((one) => /^\w+/.exec(one)?.[0]);

describe("DNS over TLS", () => {
  it("answers query after query, and tells the journal what they came over", async () => {
    const { answers, ending } = await converse([WWW, "nobody.example.test A id=2"]);
    expect([answers.length, ending]).toEqual([2, "FIN"]);
    expect(answers[0]).toContain("answer web.example.test. 3600 IN A 127.0.0.1");
    expect(answers[1]).toMatch(/^NXDOMAIN aa rd id=2/);
    const [exchange] = harness.dot.exchanges({ name: "www.example.test" });
    expect(exchange?.request).toMatchObject({ transport: "tls", type: "A" });
    expect(exchange?.session.tls).toMatchObject({ alpn: "dot" });
  });

  it.each<[what: string, options: ConnectionOptions, ending: RegExp]>([
    ["a client that offers no ALPN", { ALPNProtocols: [] }, /^FIN$/],
    ["TLS 1.2", { maxVersion: "TLSv1.2" }, /^FIN$/],
    ["not a client that offers only h2", { ALPNProtocols: ["h2"] }, /NO_APPLICATION_PROTOCOL/],
    ["not one that does not trust it", { ca: [] }, /UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|SELF_SIGNED/],
  ])("serves %s", async (_, options, ending) => {
    expect((await converse([WWW], options)).ending).toMatch(ending);
  });

  it("hands over a zone (RFC 9103)", async () => {
    const { answers } = await converse(["2.0.192.in-addr.arpa AXFR"]);
    expect(answers.join("\n").match(/ SOA /g)).toHaveLength(2);
  });

  it("shows at once what a test adds to the world", async () => {
    harness.world.zones.add("example.test", "fresh 60 A 192.0.2.7");
    expect((await converse(["fresh.example.test A"])).answers[0]).toContain(
      "answer fresh.example.test. 60 IN A 192.0.2.7",
    );
  });
});

describe("a configuration file", () => {
  it("has rules of dot, and of dns for queries inside HTTPS", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dot-rules-"));
    const path = join(folder, "portwright.config.yaml");
    writeFileSync(
      path,
      `host: 127.0.0.1
services:
  dot:
    rules:
      - { when: { name: gone.example.test }, reply: NXDOMAIN }
      - { when: { transport: tls }, reply: REFUSED }
  dns:
    rules:
      - { when: { transport: [tcp, https] }, reply: SERVFAIL }
`,
    );
    try {
      const { value } = await readConfig(path);
      await using configured = (await start(value as StartOptions)) as typeof harness;
      const to = { port: configured.dot.port, ca: configured.ca.pem };
      expect(rcodes(await converse(["gone.example.test A", WWW], to))).toEqual(["NXDOMAIN", "REFUSED"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("a rule of dot", () => {
  it.each<[rule: Rule, rcodes: readonly string[], ending: string]>([
    [{ when: { name: "www.example.test" }, reply: "SERVFAIL" }, ["SERVFAIL"], "FIN"],
    [{ when: { transport: "tls" }, reply: "REFUSED" }, ["REFUSED"], "FIN"],
    [{ when: { transport: "tcp" }, reply: "REFUSED" }, ["REFUSED"], "FIN"],
    [{ fault: "reset" }, [], "ECONNRESET"],
    [{ fault: "close" }, [], "FIN"],
    [{ when: { phase: "connect" }, fault: "reset" }, [], "ECONNRESET"],
    [{ when: { phase: "mid-stream", at: 10 }, fault: "reset" }, [], "ECONNRESET"],
  ])("%j", async (rule, seen, ending) => {
    const made = harness.dot.stub(rule);
    const conversation = await converse([WWW]);
    expect([rcodes(conversation), conversation.ending]).toEqual([seen, ending]);
    expect(made.count).toBe(1);
  });

  it.each<[rule: object, message: string]>([
    [{ when: { transport: "udp" }, reply: "REFUSED" }, 'dot.stub.when.transport: no request has "udp" here'],
    [{ fault: "duplicate" }, "duplicate is for datagrams, and dot is not served over udp"],
  ])("cannot be %j", (rule, message) => {
    expect(() => harness.dot.stub(rule as Rule)).toThrow(message);
  });

  it("says nothing to dns, nor the other way round", async () => {
    harness.dns.stub({ when: { name: "www.example.test" }, reply: "SERVFAIL" });
    expect(rcodes(await converse([WWW]))).toEqual(["NOERROR"]);
  });

  it.each([
    ["servfail.fault.test A", ["SERVFAIL"], "FIN"],
    ["truncate.fault.test A", ["NOERROR"], "FIN"],
    ["reset.fault.test A", [], "ECONNRESET"],
    // It is for datagrams, so here it is a name as any other.
    ["duplicate.fault.test A", ["REFUSED"], "FIN"],
  ])("is not needed where a trigger is asked for: %s", async (question, seen, ending) => {
    const conversation = await converse([question]);
    expect([rcodes(conversation), conversation.ending]).toEqual([seen, ending]);
  });
});
