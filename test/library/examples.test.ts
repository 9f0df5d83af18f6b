import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { start } from "../../src/index.ts";

// The wish list's examples across protocols, in the grammar of this library.
const harness = await start({ services: ["smtp", "dns", "ftp", "http"], host: "127.0.0.1", seed: 1 });
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

const get = (path: string) => fetch(new URL(path, harness.http.url), { keepalive: false });

/** Speaks a line-based protocol: each line after the final reply to the one before. */
async function converse(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  const rest = [...lines];
  let text = "";
  let read = 0;
  socket.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
    for (const found of text.slice(read).matchAll(/^\d{3} .*\r\n/gm)) {
      read += found[0].length;
      const line = rest.shift();
      if (line !== undefined) socket.write(`${line}\r\n`);
    }
  });
  await once(socket, "close");
  return text;
}

const MAIL = (to: string, subject: string) => [
  "EHLO client",
  "MAIL FROM:<app@there.test>",
  `RCPT TO:<${to}>`,
  "DATA",
  `Subject: ${subject}\r\n\r\nhello\r\n.`,
  "QUIT",
];

function resolver(): Resolver {
  const made = new Resolver({ tries: 1, timeout: 2000 });
  made.setServers([`127.0.0.1:${harness.dns.port}`]);
  return made;
}

describe("the wish list", () => {
  it("has its DNS answer truncated once, over UDP: the client comes back over TCP", async () => {
    const rule = harness.dns.stub({
      when: { name: "www.example.test", type: "A", transport: "udp" },
      reply: { truncated: true, answers: [] },
      times: 1,
    });
    expect(await resolver().resolve4("www.example.test")).not.toEqual([]);
    expect(rule.count).toBe(1);
    const asked = harness.dns.exchanges({ name: "www.example.test" }).map(({ session }) => session.transport);
    expect(asked).toEqual(["udp", "tcp"]);
  });

  it("has a sequence of statuses, and then the service's own", async () => {
    harness.http.stub({ when: { method: "GET", path: "/pub/hello.txt" }, reply: [503, 503, 200] });
    const seen: number[] = [];
    for (let at = 0; at < 4; at += 1) {
      const response = await get("/pub/hello.txt");
      seen.push(response.status);
      if (at === 3) expect(await response.text()).toBe("Hello from example.test.\n");
      else await response.arrayBuffer();
    }
    expect(seen).toEqual([503, 503, 200, 200]);
  });

  it("has a response held until the test lets it go", async () => {
    const gate = harness.http.stub({ when: { path: "/pub/hello.txt" }, hold: true });
    let isThere = false;
    const response = get("/pub/hello.txt").then((came) => {
      isThere = true;
      return came.text();
    });
    await gate.called();
    expect([isThere, gate.holding]).toEqual([false, 1]);
    gate.release();
    expect(await response).toBe("Hello from example.test.\n");
  });

  it("has a connection reset in the middle of a body", async () => {
    harness.http.stub({ when: { path: "/bytes/10000", phase: "mid-stream", at: 5000 }, fault: "reset" });
    const response = get("/bytes/10000").then((came) => came.arrayBuffer());
    await expect(response).rejects.toThrow();
  });

  it("has FTP's data connection reset after 100 octets", async () => {
    harness.world.file("/big.bin", "x".repeat(5000));
    harness.ftp.stub({ when: { command: "RETR" }, fault: { reset: { after: 100 }, on: "data" } });
    const control = connect({ host: "127.0.0.1", port: harness.ftp.port });
    let text = "";
    control.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1");
    });
    control.write("USER alice\r\nPASS wonderland\r\nTYPE I\r\nEPSV\r\n");
    await harness.ftp.waitFor({ command: "EPSV" });
    while (!/\(\|\|\|(\d+)\|\)/.test(text)) await once(control, "data");
    const data = connect({ host: "127.0.0.1", port: Number(/\(\|\|\|(\d+)\|\)/.exec(text)?.[1]) });
    let octets = 0;
    data.on("data", (bytes: Buffer) => {
      octets += bytes.length;
    });
    const over = new Promise((resolve) => {
      data.on("error", (error: NodeJS.ErrnoException) => resolve(error.code)).on("end", () => resolve("FIN"));
    });
    control.write("RETR /big.bin\r\n");
    expect([await over, octets]).toEqual(["ECONNRESET", 100]);
    control.destroy();
  });

  it("waits for a message instead of sleeping, past or future", async () => {
    const waiting = harness.smtp.waitFor({ to: "alice@example.test", subject: /code/ }, { timeout: 2000 });
    await converse(harness.smtp.port, MAIL("alice@example.test", "Your code is 4711"));
    const { request, session } = await waiting;
    expect(request.subject).toBe("Your code is 4711");
    expect(await harness.smtp.waitFor({ subject: "*4711" })).toMatchObject({ request: { command: "MESSAGE" } });
    // The whole session, both directions, as the one exchange leads to it.
    const transcript = harness.export("dialogue", { session: session.id });
    expect(transcript).toContain("C: Subject: Your code is 4711");
    expect(transcript).toMatch(/S: 250 .*queued/);
  });

  it("says which message came nearest when none was the one", async () => {
    await converse(harness.smtp.port, MAIL("bob@example.test", "Hello"));
    const waiting = harness.smtp.waitFor({ to: "alice@example.test", subject: /code/ }, { timeout: 1 });
    await expect(waiting).rejects.toThrow(/to: wanted "alice@example\.test", was .*bob@example\.test/);
    await expect(harness.smtp.waitFor({ subjct: "x" } as object, { timeout: 1 })).rejects.toThrow(/subject/);
  });

  it("puts protocols in order: the name was asked for before the connection came", async () => {
    await resolver().resolve4("mail.example.test");
    await converse(harness.smtp.port, ["QUIT"]);
    const [lookup, opened] = await harness.journal.inOrder([
      { service: "dns", request: { name: "mail.example.test" } },
      { service: "smtp", kind: "open" },
    ]);
    expect(lookup?.seq).toBeLessThan(opened?.seq ?? 0);
    const backwards = harness.journal.inOrder(
      [
        { service: "smtp", kind: "open" },
        { service: "dns", request: { name: "mail.example.test" } },
      ],
      { timeout: 1 },
    );
    await expect(backwards).rejects.toThrow(/mail\.example\.test/);
  });

  it("goes back to the beginning: rules, worlds and journal, not a restart", async () => {
    harness.http.stub({ reply: 500 });
    await converse(harness.smtp.port, MAIL("alice@example.test", "x"));
    const { port } = harness.http;
    harness.reset();
    expect((await get("/pub/hello.txt")).status).toBe(200);
    expect([harness.http.port, harness.smtp.exchanges().length]).toEqual([port, 0]);
    expect(harness.world.mailbox("alice").texts.some((text) => text.includes("Subject: x\r\n"))).toBe(false);
    harness.verify();
  });
});
