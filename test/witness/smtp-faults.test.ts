import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { start } from "../../src/index.ts";
import type { RunningHarness } from "../../src/start-options.ts";
import { run, witness } from "./clients.ts";

type Stub = Parameters<RunningHarness<readonly ["smtp"]>["smtp"]["stub"]>[0];

let harness: RunningHarness<readonly ["smtp"]>;
let port: string;

beforeAll(async () => {
  harness = await start({ services: ["smtp"], host: "127.0.0.1", triggers: true });
  port = String(harness.smtp.port);
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

const stub = (rules: readonly Stub[]) => {
  for (const rule of rules) harness.smtp.stub(rule);
};
/** What was asked, and with which code it was answered. */
const asked = () =>
  harness.smtp.exchanges().map(({ request, reply }) => `${request.command} ${reply.code ?? "nothing"}`);
const stored = (mailbox: string) => harness.world.mailbox(mailbox).messages.length;

/** EHLO lists these, and what AUTH or STARTTLS is answered. */
const offering = (capability: string, ...rules: readonly Stub[]): Stub[] => [
  { when: { command: "EHLO" }, reply: { capabilities: [capability] } },
  ...rules,
];
const LOGIN = ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"];
const MID_MESSAGE: Stub = {
  when: { command: "DATA", phase: "mid-stream", at: 4096 },
  fault: { reset: true, direction: "in" },
};

witness("swaks", () => {
  const swaks = (...args: readonly string[]) =>
    run("swaks", ["-s", "127.0.0.1", "-p", port, "-h", "client", "-f", "me@there.test", "--timeout", "2", ...args]);

  it.each<[what: string, rules: readonly Stub[], args: readonly string[], code: number, said: string]>([
    ["a full mailbox", [{ when: { command: "RCPT" }, reply: "452 4.2.2" }], [], 24, "<** 452 4.2.2 Mailbox full"],
    ["no service", [{ when: { phase: "greeting" }, reply: 554 }], [], 21, "<** 554 No SMTP service here"],
    [
      "no TLS for now",
      offering("STARTTLS", { when: { command: "STARTTLS" }, reply: 454 }),
      ["--tls"],
      29,
      "<** 454 4.7.0 TLS not available due to temporary reason",
    ],
    [
      "garbage where TLS was promised",
      offering("STARTTLS", {
        when: { command: "STARTTLS", phase: "after-reply" },
        reply: 220,
        fault: { raw: "garbage", close: { after: 7 } },
      }),
      ["--tls"],
      29,
      "*** TLS startup failed",
    ],
    [
      "a wrong password",
      offering("AUTH LOGIN", { when: { command: "AUTH" }, reply: [...LOGIN, 535] }),
      ["--auth", "LOGIN", "-au", "alice", "-ap", "secret"],
      28,
      "<** 535 5.7.8 Authentication credentials invalid",
    ],
    [
      "a connection that ends where 221 was due",
      [{ when: { command: "QUIT" }, fault: "close" }],
      [],
      6,
      "closed connection",
    ],
  ])("meets %s", async (_, rules, args, code, said) => {
    stub(rules);
    const done = await swaks("-t", "alice@example.test", ...args);
    expect(done.stdout + done.stderr).toContain(said);
    expect(done.code).toBe(code);
  });

  it("is let in by a password that a rule likes, and nobody is shown it", async () => {
    stub(offering("AUTH LOGIN", { when: { command: "AUTH" }, reply: [...LOGIN, 235] }));
    const { code } = await swaks("-t", "alice@example.test", "--auth", "LOGIN", "-au", "alice", "-ap", "wonderland");
    expect(code).toBe(0);
    expect(asked()).toEqual([
      ...["EHLO 250", "AUTH 334", "AUTH 334", "AUTH 235"],
      ...["MAIL 250", "RCPT 250", "DATA 354", "MESSAGE 250", "QUIT 221"],
    ]);
    const exchanges = JSON.stringify(harness.smtp.exchanges().map(({ request, reply }) => [request, reply]));
    expect(exchanges).not.toContain(Buffer.from("wonderland").toString("base64"));
  });

  it("falls back to HELO", async () => {
    stub([{ when: { command: "EHLO" }, reply: 502 }]);
    expect((await swaks("-t", "alice@example.test")).code).toBe(0);
    expect(asked().slice(0, 2)).toEqual(["EHLO 502", "HELO 250"]);
  });

  it("delivers to those who are not refused", async () => {
    stub([{ when: { command: "RCPT", to: "full@*" }, reply: "452 4.2.2" }]);
    expect((await swaks("-t", "carol@there.test,full@there.test")).code).toBe(0);
    expect([stored("carol@there.test"), stored("full@there.test")]).toEqual([1, 0]);
  });

  it("loses the connection behind 4,096 octets of the message", async () => {
    stub([MID_MESSAGE]);
    const body = ["--body", "0123456789 ".repeat(6000), "--suppress-data"];
    expect((await swaks("-t", "alice@example.test", ...body)).code).toBe(6);
    const [note] = harness.journal.find({ event: "message-abandoned" });
    expect(note?.detail).toEqual({ octets: 4096 });
  });

  it.each<[address: string, code: number, last: string]>([
    ["452-4.2.2@fault.test", 24, "QUIT 221"],
    ["554-data@fault.test", 26, "QUIT 221"],
    ["drop-data@fault.test", 6, "MESSAGE nothing"],
    ["reset-stored@fault.test", 6, "MESSAGE 250"],
  ])("writes to %s", async (address, code, last) => {
    expect((await swaks("-t", address)).code).toBe(code);
    expect(asked().at(-1)).toBe(last);
    expect(stored(address)).toBe(last === "MESSAGE 250" ? 1 : 0);
  });
});

witness("curl", () => {
  const MESSAGE = `Subject: hello\r\n\r\n${"hello\r\n".repeat(2000)}`;
  const curl = (...args: readonly string[]) =>
    run(
      "curl",
      [
        ...["-sS", `smtp://127.0.0.1:${port}/client`, "--mail-from", "me@there.test"],
        ...["--mail-rcpt", "alice@example.test", "-T", "-", ...args],
      ],
      { input: MESSAGE },
    );

  it.each<[what: string, rules: readonly Stub[], args: readonly string[], code: number]>([
    ["a closed port", [{ when: { phase: "connect" }, fault: "refuse" }], [], 7],
    ["silence in place of the greeting", [{ when: { phase: "greeting" }, fault: "silence" }], ["--max-time", "1"], 28],
    ["a reset at MAIL", [{ when: { command: "MAIL" }, fault: "reset" }], [], 56],
    ["a reset within the message", [MID_MESSAGE], [], 56],
    ["a recipient who is not there", [{ when: { command: "RCPT" }, reply: 550 }], [], 55],
    ["a message that is too big", [{ when: { command: "MESSAGE" }, reply: 552 }], [], 8],
    ["no STARTTLS", offering("SIZE 1000000"), ["--ssl-reqd"], 64],
    ["no TLS for now", offering("STARTTLS", { when: { command: "STARTTLS" }, reply: 454 }), ["--ssl-reqd"], 64],
    ["a wrong password", offering("AUTH PLAIN", { when: { command: "AUTH" }, reply: 535 }), ["-u", "a:b"], 67],
    ["a greeting octet by octet", [{ when: { phase: "greeting" }, fault: { slice: 1 } }], [], 0],
    ["a greeting of several lines", [{ when: { phase: "greeting" }, reply: { code: 220, text: ["a", "b"] } }], [], 0],
    ["a greeting of 600 octets", [{ when: { phase: "greeting" }, reply: { code: 220, octets: 600 } }], [], 0],
    ["replies split inside a line", [{ when: { command: /./ }, fault: { slice: 5 } }], [], 0],
    ["no EHLO", [{ when: { command: "EHLO" }, reply: 500 }], [], 0],
  ])("meets %s", async (_, rules, args, code) => {
    stub(rules);
    const before = stored("alice");
    const done = await curl(...args);
    expect(done.code, done.stderr).toBe(code);
    expect(stored("alice") - before).toBe(code === 0 ? 1 : 0);
  });
});

const PYTHON = `
import smtplib, sys
try:
    with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), local_hostname="client", timeout=5) as client:
        print(client.sendmail("me@there.test", ["alice@example.test", "carol@there.test"], "Subject: x\\n\\nhello\\n"))
except Exception as error:
    print(type(error).__name__, *error.args)
`;

witness("python3", () => {
  it.each<[what: string, rules: readonly Stub[], said: string]>([
    [
      "a greeting that refuses",
      [{ when: { phase: "greeting" }, reply: "554 5.3.2 closed" }],
      "SMTPConnectError 554 b'5.3.2 closed'",
    ],
    [
      "a greeting that is no reply",
      [{ when: { phase: "greeting" }, fault: { raw: "HTTP/1.1 400 Bad Request\r\n\r\n" } }],
      "SMTPConnectError -1 b'/1.1 400 Bad Request'",
    ],
    [
      "a connection that ends behind the greeting",
      [{ when: { command: "EHLO" }, fault: "close" }],
      "SMTPServerDisconnected Connection unexpectedly closed",
    ],
    [
      "a sender who is refused",
      [{ when: { command: "MAIL" }, reply: "550 5.7.1 no" }],
      "SMTPSenderRefused 550 b'5.7.1 no' me@there.test",
    ],
    [
      "one recipient of two who is refused",
      [{ when: { command: "RCPT", nth: 2 }, reply: "450 4.7.1 later" }],
      "{'carol@there.test': (450, b'4.7.1 later')}",
    ],
    [
      "no recipient who is taken",
      [{ when: { command: "RCPT" }, reply: "550 no" }],
      "SMTPRecipientsRefused {'alice@example.test': (550, b'no'), 'carol@there.test': (550, b'no')}",
    ],
    ["DATA that is refused", [{ when: { command: "DATA" }, reply: "451 4.3.0 no" }], "SMTPDataError 451 b'4.3.0 no'"],
    [
      "a message that is refused",
      [{ when: { command: "MESSAGE", subject: "x" }, reply: "554 5.6.0 no" }],
      "SMTPDataError 554 b'5.6.0 no'",
    ],
    [
      "a message that is stored without a reply",
      [{ when: { command: "MESSAGE", phase: "before-reply" }, fault: "close" }],
      "SMTPServerDisconnected Connection unexpectedly closed",
    ],
    [
      "a reply without end",
      [{ when: { command: "MAIL" }, reply: { code: 250, octets: 10_000 } }],
      "SMTPResponseException 500 Line too long.",
    ],
  ])("meets %s", async (_, rules, said) => {
    stub(rules);
    const { stdout } = await run("python3", ["-c", PYTHON, port]);
    expect(stdout.trim()).toBe(said);
  });
});

witness("msmtp", () => {
  it.each<[what: string, rules: readonly Stub[], code: number, said: string]>([
    [
      "a recipient who is not there",
      [{ when: { command: "RCPT" }, reply: 550 }],
      65,
      "server message: 550 5.1.1 No such user here",
    ],
    ["a server that is too busy", [{ when: { command: "MAIL" }, reply: 421 }], 69, "server message: 421 4.3.2 "],
    [
      "a message that is stored without a reply",
      [{ when: { command: "MESSAGE", phase: "before-reply" }, fault: "close" }],
      76,
      "the server sent an empty reply",
    ],
  ])("meets %s", async (_, rules, code, said) => {
    stub(rules);
    const args = ["--host=127.0.0.1", `--port=${port}`, "--auth=off", "--tls=off", "--domain=client", "--timeout=5"];
    const done = await run("msmtp", [...args, "-f", "me@there.test", "alice@example.test"], {
      input: "Subject: x\n\nx\n",
    });
    expect(done.stderr).toContain(said);
    expect(done.code).toBe(code);
  });
});
