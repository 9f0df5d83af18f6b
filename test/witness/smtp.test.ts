import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Harness, start } from "../../src/index.ts";
import { isInstalled, run, succeed, witness } from "./clients.ts";

const MEBIBYTE = 1024 * 1024;

let harness: Harness<"smtp">;
let port: string;

beforeAll(async () => {
  harness = await start({ services: ["smtp"] });
  port = String(harness.endpoint("smtp").port);
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

/** What has come to a mailbox since the reset, as octets. */
const mailOf = (mailbox: string) =>
  harness.world
    .mailbox(mailbox)
    .messages.filter(({ envelope }) => envelope.from !== "postmaster@example.test")
    .map(({ raw }) => Buffer.from(raw).toString("latin1"));

const commands = () => harness.journal.exchanges("smtp").map(({ request }) => request.command);

/** Lines that tempt whoever carries them: dots, spaces at the end, no text at all, and a long one. */
const TRICKY = [".", "..", ".hidden", "ends in space ", "", "tab\there", "x".repeat(998), "From the beginning"];
const MESSAGE = ["From: me@there.test", "To: alice@example.test", "Subject: tricky", "", ...TRICKY, ""].join("\r\n");
const UTF8_MESSAGE = MESSAGE + Buffer.from("grüße ☃\r\n").toString("latin1");

witness("swaks", () => {
  const swaks = (...args: readonly string[]) =>
    run("swaks", ["-s", "127.0.0.1", "-p", port, "-h", "client", "-f", "me@there.test", ...args]);

  it("delivers a message octet for octet", async () => {
    const { code } = await swaks("-t", "alice@example.test", "--data", MESSAGE.replaceAll("\r\n", "\\n"));
    expect(code).toBe(0);
    expect(mailOf("alice")).toEqual([`${MESSAGE}\r\n`]);
    const [message] = harness.world.mailbox("alice").messages.slice(-1);
    expect(message?.envelope).toEqual({ from: "me@there.test", to: ["alice@example.test"] });
  });

  it("delivers to several at once, to whoever they are", async () => {
    const { code } = await swaks("-t", "alice@example.test,bob+list@example.test,Someone@Elsewhere.test");
    expect(code).toBe(0);
    expect(commands()).toEqual(["EHLO", "MAIL", "RCPT", "RCPT", "RCPT", "DATA", "MESSAGE", "QUIT"]);
    const [text, ...others] = ["alice", "bob", "someone@elsewhere.test"].map((mailbox) => mailOf(mailbox)[0]);
    expect(text).toContain("This is a test mailing");
    expect(others).toEqual([text, text]);
  });

  it("carries UTF-8 in headers, body and attachment", async () => {
    const args = [
      "--header",
      "Subject: Grüße ☃",
      "--body",
      "Größe\n",
      "--attach-type",
      "text/plain",
      "--attach",
      "été",
    ];
    expect((await swaks("-t", "alice@example.test", ...args)).code).toBe(0);
    expect(Buffer.from(mailOf("alice")[0] ?? "", "latin1").toString("utf8")).toContain("Subject: Grüße ☃\r\n");
    const [exchange] = harness.journal.exchanges("smtp", { command: "MESSAGE", subject: /./ });
    expect(exchange?.request.subject).toBe("Grüße ☃");
  });

  it("pipelines", async () => {
    const { code, stdout } = await swaks("-t", "alice@example.test,bob@example.test", "--pipeline");
    expect(code).toBe(0);
    expect(stdout).toMatch(/ -> RCPT TO:<bob@example\.test>\n -> DATA\n<- {2}250 2\.1\.0/);
    expect([mailOf("alice").length, mailOf("bob").length]).toEqual([1, 1]);
  });

  it("delivers a long body", async () => {
    const body = `${"0123456789abcdef ".repeat(4)}\n`.repeat(30_000);
    const args = ["-t", "alice@example.test", "--body", "-", "--suppress-data"];
    const all = ["-s", "127.0.0.1", "-p", port, "-h", "client", "-f", "me@there.test", ...args];
    await succeed("swaks", all, { input: body });
    expect(mailOf("alice")[0]).toContain(body.replaceAll("\n", "\r\n"));
  });

  it.each(["CONNECT", "FIRST-EHLO", "MAIL", "RCPT"])("leaves after %s without a message", async (stage) => {
    const { code, stdout } = await swaks("-t", "alice@example.test", "--quit-after", stage);
    expect(code).toBe(0);
    expect(stdout).toMatch(/-> QUIT\n<- {2}221 2\.0\.0 /);
    expect(mailOf("alice")).toEqual([]);
  });

  it("drops the connection in the middle, and the next client is served", async () => {
    await swaks("-t", "alice@example.test", "--drop-after", "DATA");
    await harness.journal.waitFor({ service: "smtp", event: "message-abandoned" });
    expect((await swaks("-t", "alice@example.test")).code).toBe(0);
    expect(mailOf("alice")).toHaveLength(1);
  });

  it("tells a refusal by its exit code", async () => {
    const tooBig = await swaks("-t", "alice@example.test", "--protocol", "ESMTP", "-f", "no address");
    expect(tooBig.code).toBe(23);
    expect(tooBig.stdout).toMatch(/<\*\* 501 5\.\d\.\d /);
    expect((await swaks("-t", "@@")).code).toBe(24);
  });

  it("does with HELO alone, and without a sender", async () => {
    expect((await swaks("-f", "<>", "-t", "bob@example.test", "--protocol", "SMTP")).code).toBe(0);
    expect(commands()[0]).toBe("HELO");
    expect(harness.world.mailbox("bob").messages[0]?.envelope).toEqual({ from: "", to: ["bob@example.test"] });
  });
});

const PYTHON = `
import email, email.policy, smtplib, sys
port, message = int(sys.argv[1]), sys.stdin.buffer.read()
with smtplib.SMTP("127.0.0.1", port, local_hostname="client") as client:
    print(client.ehlo()[0], sorted(client.esmtp_features))
    print(client.sendmail("me@there.test", ["alice@example.test", "bob@example.test"], message))
    print(client.verify("alice"))
    second = email.message_from_string("Subject: grün\\n\\nbody\\n", policy=email.policy.SMTPUTF8)
    client.send_message(second, "ich@grün.test", ["grüße@example.test"])
    try:
        client.sendmail("me@there.test", ["not an address", "@"], b"x")
    except smtplib.SMTPRecipientsRefused as refused:
        print(sorted(code for code, _ in refused.recipients.values()))
    print(client.noop()[0], client.rset()[0], client.help().decode().splitlines()[0])
`;

witness("python3", () => {
  it("sends with smtplib, to the octet", async () => {
    const input = Buffer.from(UTF8_MESSAGE, "latin1");
    const { stdout } = await succeed("python3", ["-c", PYTHON, port], { input });
    expect(stdout.split("\n")).toEqual([
      "250 ['8bitmime', 'enhancedstatuscodes', 'help', 'pipelining', 'size', 'smtputf8', 'vrfy']",
      "{}",
      "(250, b'2.1.5 Alice Liddell <alice@example.test>')",
      "[501, 501]",
      "250 250 2.0.0 Commands:",
      "",
    ]);
    expect(mailOf("alice")).toEqual([UTF8_MESSAGE]);
    expect(mailOf("bob")).toEqual([UTF8_MESSAGE]);
    expect(harness.world.mailbox("grüße@example.test").messages[0]?.envelope.from).toBe("ich@grün.test");
  });
});

witness("msmtp", () => {
  it("sends as sendmail does", async () => {
    const args = [
      "--host=127.0.0.1",
      `--port=${port}`,
      "--auth=off",
      "--tls=off",
      "--domain=client",
      "-f",
      "me@there.test",
    ];
    const input = MESSAGE.replaceAll("\r\n", "\n");
    await succeed("msmtp", [...args, "alice@example.test", "bob@example.test"], { input });
    expect(mailOf("alice")[0]).toMatch(
      /\r\n\r\n\.\r\n\.\.\r\n\.hidden\r\nends in space \r\n\r\ntab\there\r\nx{998}\r\n/,
    );
    expect(mailOf("bob")).toEqual(mailOf("alice"));
  });

  it("asks the server what it can do", async () => {
    const { stdout } = await succeed("msmtp", ["--serverinfo", "--host=127.0.0.1", `--port=${port}`, "--tls=off"]);
    expect(stdout).toContain("mail.example.test ESMTP Portwright");
    expect(stdout).toContain("SIZE 26214400");
  });
});

witness("curl", () => {
  const curl = (args: readonly string[], input: string | Buffer = "", host = "127.0.0.1") =>
    run("curl", ["-sS", `smtp://${host}:${port}/client`, ...args], { input });
  const FROM_TO = ["--mail-from", "me@there.test", "--mail-rcpt", "alice@example.test"];

  it("uploads a message to the octet", async () => {
    expect((await curl([...FROM_TO, "-T", "-"], Buffer.from(UTF8_MESSAGE, "latin1"))).code).toBe(0);
    expect(mailOf("alice")).toEqual([UTF8_MESSAGE]);
  });

  it("delivers 8 MiB", async () => {
    const message = `Subject: big\r\n\r\n${`${"x".repeat(62)}\r\n`.repeat((8 * MEBIBYTE) / 64)}`;
    expect((await curl([...FROM_TO, "-T", "-"], message)).code).toBe(0);
    expect(mailOf("alice")[0] === message).toBe(true);
  });

  it("reaches the service over IPv6", async () => {
    expect((await curl([...FROM_TO, "-T", "-"], MESSAGE, "[::1]")).code).toBe(0);
    expect(mailOf("alice")).toEqual([MESSAGE]);
  });

  it("asks about a person", async () => {
    expect((await curl(["--mail-rcpt", "bob"])).stdout).toBe("250 2.1.5 Bob Builder <bob@example.test>\r\n");
  });

  it("does without authentication and encryption that it prefers, and fails where it demands them", async () => {
    expect((await curl([...FROM_TO, "--ssl", "-T", "-"], MESSAGE)).code).toBe(0);
    expect((await curl([...FROM_TO, "--ssl-reqd", "-T", "-"], MESSAGE)).code).toBe(64);
  });
});

witness(
  "nc",
  () => {
    it("types a session by hand", async () => {
      const input = "HELO me\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\nhi\r\n.\r\nQUIT\r\n";
      const { stdout } = await succeed("nc", ["-N", "127.0.0.1", port], { input });
      expect(stdout.split("\r\n").map((line) => line.slice(0, 3))).toEqual([
        ..."220 250 250 250 354 250 221".split(" "),
        "",
      ]);
      expect(mailOf("alice")).toEqual(["hi\r\n"]);
    });
  },
  isInstalled("nc", ["-h"]),
);

// Of Debian's postfix; it is not installed for this alone.
const source = "/usr/sbin/smtp-source";
it.skipIf(!isInstalled(source, ["-?"]))("smtp-source sends fifty messages over ten connections at once", async () => {
  const args = ["-s", "10", "-m", "50", "-l", "4096", "-f", "me@there.test", "-t", "alice@example.test"];
  await succeed(source, [...args, `127.0.0.1:${port}`]);
  expect(mailOf("alice")).toHaveLength(50);
});
