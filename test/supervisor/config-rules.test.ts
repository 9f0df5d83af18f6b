import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, it } from "vitest";
import { notation } from "../../services/dns/notation.ts";
import { start } from "../../src/index.ts";
import { dial, talkTo } from "./smtp-talk.ts";

/** The RCODE of the answer to one query over UDP. */
async function rcode(port: number): Promise<number> {
  const socket = createSocket("udp4");
  try {
    socket.send(notation.read("www.example.test A"), port, "127.0.0.1");
    const [answer] = (await once(socket, "message")) as [Buffer];
    return (answer[3] ?? 0) & 0x0f;
  } finally {
    socket.close();
  }
}

it("the first that a file's rules strike is a client, and not the harness that proves its endpoints", async () => {
  const first = { phase: "connect", nth: 1 } as const;
  await using harness = await start({
    services: {
      smtp: {
        rules: [
          { when: { nth: 1 }, reply: 450 },
          { when: first, fault: { slice: 1 } },
        ],
      },
      backup: { service: "smtp", rules: [{ when: first, fault: "reset" }] },
      dns: { rules: [{ when: { nth: 1 }, reply: "SERVFAIL" }] },
      https: { rules: [{ when: first, fault: "reset" }] },
      ssh: { rules: [{ fault: "reset", times: 1 }] },
      echo: { rules: [{ fault: "refuse" }] },
    },
  });
  expect(harness.endpoints.map(({ status }) => status)).not.toContain("failed");
  expect(harness.journal.size).toBe(0);
  expect([await talkTo(harness, "NOOP", "NOOP", "QUIT"), await rcode(harness.dns.port)]).toEqual([
    "220 450 250 221 FIN",
    2,
  ]);
  expect(await rcode(harness.dns.port)).toBe(0);
  expect(await dial(harness.echo.port)).toBe("ECONNREFUSED");
  expect(harness.journal.find({ name: "smtp", event: "rule" })).toHaveLength(2);
});

it("a rule's note and the datagram that it answered belong together, and are no session", async () => {
  await using harness = await start({ services: ["dns"] });
  harness.dns.stub({ reply: "SERVFAIL" });
  await rcode(harness.dns.port);
  const [asked] = harness.dns.exchanges();
  expect(asked && harness.journal.find({ session: asked.session }).map(({ kind }) => kind)).toEqual([
    "note",
    "exchange",
  ]);
  expect(harness.journal.sessions()).toEqual([]);
});
