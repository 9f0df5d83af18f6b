import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { smtp } from "../../../services/smtp/index.ts";
import { seededRandom } from "../../../src/world/random.ts";
import { Conversation, makeContext } from "./conversation.ts";

describe("a session", () => {
  it("begins with the greeting and the idle time", () => {
    expect(new Conversation(makeContext({ idleMs: 1000, banner: "hello there" })).outputs).toEqual([
      { do: "idle", ms: 1000 },
      { do: "send", bytes: Buffer.from("220 mail.example.test hello there\r\n") },
    ]);
  });

  it("stands in the states of RFC 5321 section 4.1.4", () => {
    const conversation = new Conversation();
    const states = [conversation.machine.state];
    const steps = [
      "EHLO x",
      "MAIL FROM:<>",
      "RCPT TO:<a@b>",
      "RCPT TO:<c@d>",
      "DATA",
      ".",
      "MAIL FROM:<>",
      "RSET",
      "QUIT",
    ];
    for (const line of steps) {
      conversation.lines(line);
      states.push(conversation.machine.state);
    }
    expect(states).toEqual("CONNECTED READY MAIL RCPT RCPT DATA READY MAIL READY CLOSED".split(" "));
  });

  it.each([
    [
      "the harness stops",
      { type: "shutdown", reason: "stopping" },
      "421 4.3.2 mail.example.test Service not available",
    ],
    [
      "sessions are too many",
      { type: "shutdown", reason: "too-many-sessions" },
      "421 4.7.0 mail.example.test Too many",
    ],
    ["nothing comes", { type: "idle" }, "421 4.4.2 mail.example.test Timeout exceeded"],
  ] as const)("says goodbye when %s, in any state", (_when, input, goodbye) => {
    const lines = ["EHLO x", "MAIL FROM:<>", "RCPT TO:<a@b>", "DATA", "some text"];
    for (let count = 0; count <= lines.length; count += 1) {
      const conversation = new Conversation();
      conversation.lines(...lines.slice(0, count));
      expect(conversation.tell(input)).toMatch(new RegExp(`^${goodbye}.*, closing transmission channel\\r\\n$`));
      expect(conversation.outputs.at(-1)).toEqual({ do: "close", how: "end" });
      expect(conversation.machine.state).toBe("CLOSED");
    }
  });

  it("is over after its last word, whatever else comes", () => {
    const conversation = new Conversation();
    expect(conversation.say("QUIT\r\nNOOP\r\n")).toMatch(/^221 [^\n]*\n$/);
    const count = conversation.outputs.length;
    conversation.say("NOOP\r\n");
    conversation.tell({ type: "idle" });
    conversation.tell({ type: "shutdown", reason: "stopping" });
    conversation.tell({ type: "end" });
    expect(conversation.outputs).toHaveLength(count);
  });

  it("answers each request with one exchange, after the reply", () => {
    const conversation = new Conversation();
    conversation.say(
      "EHLO x\r\nFOO bar\r\nMAIL FROM:<a@b> SIZE=9\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\nmail from:<\r\nQUIT\r\n",
    );
    expect(conversation.exchanges.map(({ request, reply }) => [request, reply.code, reply.enhanced])).toMatchObject([
      [{ command: "EHLO", argument: "x" }, 250, undefined],
      [{ command: "FOO", argument: "bar" }, 500, "5.5.1"],
      [{ command: "MAIL", argument: "FROM:<a@b> SIZE=9", from: "a@b", size: 9 }, 250, "2.1.0"],
      [{ command: "RCPT", argument: "TO:<c@d>", to: "c@d" }, 250, "2.1.5"],
      [{ command: "DATA", argument: "" }, 354, undefined],
      [{ command: "MESSAGE", from: "a@b", to: ["c@d"], size: 0 }, 250, "2.0.0"],
      [{ command: "MAIL", argument: "from:<" }, 501, "5.1.7"],
      [{ command: "QUIT" }, 221, "2.0.0"],
    ]);
    const kinds = conversation.outputs.slice(2, -1).map((output) => output.do);
    expect(kinds).toEqual(kinds.map((_, at) => (at % 2 === 0 ? "send" : "exchange")));
  });

  it.each([
    ["AUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=", "PLAIN <redacted>"],
    ["auth login YWxpY2U= d29uZGVy", "login <redacted>"],
    ["AUTH LOGIN", "LOGIN"],
  ])("does not show the password in %j", (line, argument) => {
    const conversation = new Conversation();
    conversation.lines("EHLO client", line);
    expect(conversation.exchanges.at(-1)?.request).toEqual({ command: "AUTH", argument });
  });

  it("says in its exchanges only what the service declares", () => {
    const conversation = new Conversation();
    conversation.say("EHLO x\r\nMAIL FROM:<a@b> SIZE=9\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: x\r\n.\r\nQUIT\r\n");
    const names = (side: "request" | "reply") => [
      ...new Set(conversation.exchanges.flatMap((exchange) => Object.keys(exchange[side]))),
    ];
    expect(names("request").sort()).toEqual(Object.keys(smtp.request).sort());
    expect(names("reply").sort()).toEqual(Object.keys(smtp.reply).sort());
  });
});

describe("hostile input", () => {
  it("without line ends is dropped as it comes", () => {
    const conversation = new Conversation(makeContext({ maxCommandOctets: 100 }));
    for (let count = 0; count < 1000; count += 1) expect(conversation.say("x".repeat(1000))).toBe("");
    expect(conversation.say("\r\nNOOP\r\n")).toBe("500 5.5.2 Line too long\r\n250 2.0.0 Ok\r\n");
  });

  it("as a message without end is dropped once it is too big", () => {
    const conversation = new Conversation(makeContext({ maxMessageOctets: 1000 }));
    conversation.begin("alice@example.test");
    for (let count = 0; count < 1000; count += 1) conversation.say("x".repeat(1000));
    expect(conversation.say("\r\n.\r\n")).toMatch(/^552 /);
    expect(conversation.exchanges.at(-1)?.request).toEqual({
      command: "MESSAGE",
      argument: "",
      from: "me@there.test",
      to: ["alice@example.test"],
      size: 1_000_002,
    });
  });

  it("does not count refused mail as an error", () => {
    const conversation = new Conversation(makeContext({ maxErrors: 2, recipients: "known" }));
    conversation.lines("EHLO x", "MAIL FROM:<>");
    for (let count = 0; count < 100; count += 1) conversation.lines("RCPT TO:<x@there.test>");
    expect(conversation.isClosed).toBe(false);
    expect(conversation.say("FOO\r\nBAR\r\nNOOP\r\n")).toMatch(/^500 [^\n]*\n421 4\.7\.0 [^\n]*\n$/);
    expect(conversation.isClosed).toBe(true);
  });

  it("of MAIL with many spaces and parameters is read in no time", () => {
    const conversation = new Conversation(makeContext({ maxCommandOctets: 1_000_000 }));
    conversation.lines("EHLO x");
    const before = performance.now();
    for (const tail of [" ".repeat(400_000), " a=".repeat(100_000), " SIZE=1".repeat(100_000), "<".repeat(400_000)])
      conversation.say(`MAIL FROM:<a@b>${tail}x\r\nVRFY ${tail}x\r\nFOO ${tail}\r\n`);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it("gets the same answers in whatever pieces it comes", () => {
    const octets = [
      "EHLO x\r\nMAIL FROM:<a@b> SIZE=9\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\r\n..\r\n.\n.\r\nNOOP\r\n",
      "MAIL FROM:<a@b>\nMAIL FROM:<>\r\nRCPT TO:<\xc3\xbc@d>\r\nRCPT TO:<c@[IPv6:::1]>\r\nDATA\r\n",
      `${"x".repeat(1200)}\r\n.x\r\r\n\r\n.\r\n\0\r\n\r\n${"y".repeat(5000)}\r\nVRFY alice\r\nHELP\r\nQUIT\r\nNOOP\r\n`,
    ].join("");
    const whole = new Conversation();
    whole.say(octets);
    expect(whole.isClosed).toBe(true);
    const sent = ({ outputs }: Conversation) =>
      outputs.flatMap((output) => (output.do === "send" ? [output.bytes] : []));
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = seededRandom(seed);
      const other = new Conversation();
      for (let at = 0; at < octets.length; ) {
        const length = 1 + Math.floor(random() * (seed % 2 === 0 ? 5 : 400));
        other.say(octets.slice(at, at + length));
        at += length;
      }
      expect(Buffer.concat(sent(other)).toString("latin1")).toBe(Buffer.concat(sent(whole)).toString("latin1"));
      expect(other.exchanges).toEqual(whole.exchanges);
      expect(other.notes).toEqual(whole.notes);
      expect(other.texts("c@d")).toEqual(whole.texts("c@d"));
    }
  });
});

describe("the options", () => {
  it.each([
    { banner: "" },
    { banner: "two\r\nlines" },
    { recipients: "some" },
    { bareLineFeed: true },
    { maxMessageOctets: 0 },
    { maxRecipients: 1.5 },
    { maxCommandOctets: 7 },
    { idleMs: -1 },
    { hostname: "other.test" },
  ])("%j are refused", (options) => {
    expect(v.safeParse(smtp.options, options).success).toBe(false);
  });
});
