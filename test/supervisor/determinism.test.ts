import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { notation } from "../../services/dns/notation.ts";
import { type RunningHarness, start } from "../../src/index.ts";
import { TestSocket } from "./fixture.ts";

const SERVICES = ["smtp", "ftp", "http", "echo", "ssh", "qotd", "dns"] as const;
type Tested = RunningHarness<typeof SERVICES>;

const CONVERSATIONS: readonly (readonly ["smtp" | "ftp" | "http" | "echo" | "ssh" | "qotd", string])[] = [
  ["smtp", "EHLO client\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n"],
  ["smtp", `${"NOOP\r\n".repeat(30)}QUIT\r\n`],
  ["ftp", "USER alice\r\nPASS wonderland\r\nPWD\r\nSIZE /readme.txt\r\nQUIT\r\n"],
  ["http", "GET /readme.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /bytes/64 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"],
  ["echo", "hello"],
  ["ssh", "SSH-2.0-Test\r\n"],
  ["qotd", ""],
];

/** Everything that happened, from its first octet to its last, but for the ports, which are the system's. */
async function transcript(seed: number): Promise<string> {
  await using harness = await start({ services: SERVICES, host: "127.0.0.1", clock: "manual", seed });
  harness.smtp.stub({ when: { command: "NOOP" }, reply: "450 4.2.1 by chance", chance: 0.5 });
  for (const [name, text] of CONVERSATIONS) await talk(harness, name, text);
  await late(harness);
  await lossy(harness);
  return `${harness.export("dialogue")}\n${harness.export("jsonl")}`
    .replaceAll(/127\.0\.0\.1 port \d+/g, "127.0.0.1")
    .replaceAll(/"port":\d+/g, '"port":0')
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1");
}

async function talk(harness: Tested, name: (typeof CONVERSATIONS)[number][0], text: string): Promise<void> {
  const { host, port } = harness.endpoint(name, { transport: "tcp" });
  const after = harness.journal.find().at(-1)?.seq ?? 0;
  const client = await TestSocket.connect(host, port);
  client.socket.end(text);
  await client.ended();
  await harness.journal.waitFor({ kind: "close", service: name, after });
}

/** Latency with jitter: the seed says how late each octet is. */
async function late(harness: Tested): Promise<void> {
  const rule = harness.smtp.stub({
    when: { command: "QUIT" },
    fault: { latency: { ms: 500, jitter: 400 }, slice: { octets: 1, every: 10 } },
  });
  const talked = talk(harness, "smtp", "QUIT\r\n");
  await rule.called();
  harness.clock.advance("5s");
  await talked;
}

/** Datagrams lost by chance: the seed says which. */
async function lossy(harness: Tested): Promise<void> {
  harness.dns.stub({ when: { name: "www.example.test" }, fault: "drop", chance: 0.5 });
  const { port } = harness.endpoint("dns", { transport: "udp" });
  const socket = createSocket("udp4");
  for (let at = 0; at < 20; at += 1) {
    socket.send(notation.read(`www.example.test A id=${at}`), port, "127.0.0.1");
    await harness.dns.waitFor({ id: at });
  }
  socket.send(notation.read("mail.example.test A"), port, "127.0.0.1");
  await once(socket, "message");
  socket.close();
}

describe("a harness", () => {
  it("says the same to the same clients with the same seed, octet for octet and in its time", async () => {
    const [first, second] = [await transcript(7), await transcript(7)];
    expect(second).toBe(first);
    expect(first.split("\n").length).toBeGreaterThan(300);
    expect(await transcript(8)).not.toBe(first);
  });
});
