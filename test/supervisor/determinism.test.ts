import { describe, expect, it } from "vitest";
import { type Entry, start } from "../../src/index.ts";
import { TestSocket } from "./fixture.ts";

const CONVERSATIONS: readonly (readonly ["smtp" | "ftp" | "http" | "echo" | "ssh" | "qotd", string])[] = [
  ["smtp", "EHLO client\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n"],
  ["ftp", "USER alice\r\nPASS wonderland\r\nPWD\r\nSIZE /readme.txt\r\nQUIT\r\n"],
  ["http", "GET /readme.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /bytes/64 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"],
  ["echo", "hello"],
  ["ssh", "SSH-2.0-Test\r\n"],
  ["qotd", ""],
];

/** Everything that was said, without the times and the clients' ports, which are the system's. */
async function transcript(seed: number): Promise<string[]> {
  await using harness = await start({
    services: ["smtp", "ftp", "http", "echo", "ssh", "qotd"],
    host: "127.0.0.1",
    seed,
  });
  for (const [name, text] of CONVERSATIONS) {
    const { host, port } = harness.endpoint(name, { transport: "tcp" });
    const client = await TestSocket.connect(host, port);
    client.socket.end(text);
    await client.ended();
    await harness.journal.waitFor({ kind: "close", service: name });
  }
  return harness.journal.find().map(line);
}

function line(entry: Entry): string {
  const { seq, session, kind } = entry;
  const octets = entry.kind === "sent" || entry.kind === "received" ? Buffer.from(entry.bytes).toString("latin1") : "";
  const stable = octets
    .replaceAll(/\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, "DATE")
    .replaceAll(/127\.0\.0\.1:\d+/g, "AT");
  return `${seq} #${session.id} ${session.name} ${kind} ${stable}`;
}

describe("a harness", () => {
  it("says the same to the same clients with the same seed", async () => {
    const [first, second] = [await transcript(7), await transcript(7)];
    expect(first.length).toBeGreaterThan(40);
    expect(second).toEqual(first);
  });
});
