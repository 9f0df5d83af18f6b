import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/world/random.ts";
import { Conversation, makeContext } from "./conversation.ts";

const MAIL = "MAIL FROM:<me@there.test>";
const RCPT = "RCPT TO:<carol@example.test>";
const HOST = "mail.example.test";

/** A session under one rule. */
const under = (rule: unknown, options: Parameters<typeof makeContext>[0] = {}) =>
  new Conversation(makeContext(options), [rule]);

describe("a reply by rule", () => {
  it.each<[reply: unknown, sent: string]>([
    [452, "452 4.3.1 Requested action not taken: insufficient system storage"],
    [550, "550 5.1.1 No such user here"],
    [250, "250 2.1.5 Ok"],
    [251, "251 2.1.5 User not local; will forward"],
    [421, `421 4.3.2 ${HOST} Service not available, closing transmission channel`],
    [299, "299 2.0.0 Ok"],
    [499, "499 4.0.0 Temporary failure"],
    [599, "599 5.0.0 Permanent failure"],
    ["550", "550 5.1.1 No such user here"],
    ["452 4.2.2", "452 4.2.2 Mailbox full"],
    ["452 4.9.9", "452 4.9.9 Requested action not taken: insufficient system storage"],
    ["452 4.2.2 in my words", "452 4.2.2 in my words"],
    ["550 without more", "550 without more"],
    ["550 ", "550 "],
    ["550 5.7.1 one\ntwo", "550-5.7.1 one\r\n550 5.7.1 two"],
    ["550-one\n550 two", "550-one\r\n550 two"],
    [{ code: 452, enhanced: "4.2.2" }, "452 4.2.2 Mailbox full"],
    [{ code: 550, enhanced: "5.7.25" }, "550 5.7.25 Reverse DNS validation failed"],
    [{ code: 550, text: "in my words" }, "550 5.1.1 in my words"],
    [{ code: 550, enhanced: false }, "550 No such user here"],
    [{ code: 550, enhanced: false, text: "grüße" }, "550 gr\xc3\xbc\xc3\x9fe"],
    [{ code: 550, text: ["one", "two"] }, "550-5.1.1 one\r\n550 5.1.1 two"],
    [{ code: 550, text: "one\ntwo" }, "550-5.1.1 one\r\n550 5.1.1 two"],
    [{ codes: [250, 550, 7], text: ["one", "two"], enhanced: false }, "250-one\r\n550-two\r\n007 two"],
    [{ code: 250, text: "one", unfinished: true }, "250-2.1.5 one"],
    [{ capabilities: ["SIZE 10", "SIZE 10"] }, `250-${HOST}\r\n250-SIZE 10\r\n250 SIZE 10`],
  ])("%j to RCPT is %j", (reply, sent) => {
    const conversation = under({ when: { command: "RCPT" }, reply });
    expect(conversation.lines("EHLO client", MAIL, RCPT)).toBe(sent.trimEnd());
    expect(conversation.outputs.findLast((output) => output.do === "send")?.bytes).toEqual(
      Buffer.from(`${sent}\r\n`, "latin1"),
    );
  });

  it.each<[command: string, line: string, reply: unknown, sent: string]>([
    ["EHLO", "EHLO client", 250, new Conversation().lines("EHLO client")],
    ["EHLO", "EHLO client", 550, "550 Requested action not taken: rejected for policy reasons"],
    ["EHLO", "EHLO client", "550 5.7.1", "550 5.7.1 Requested action not taken: rejected for policy reasons"],
    ["EHLO", "EHLO client", { capabilities: [] }, `250 ${HOST}`],
    [
      "EHLO",
      "EHLO client",
      {
        capabilities: { without: ["pipelining", "8BITMIME", "VRFY", "HELP", "NONE"], with: ["SIZE 10", "AUTH PLAIN"] },
      },
      `250-${HOST}\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250-SIZE 10\r\n250 AUTH PLAIN`,
    ],
    ["HELO", "HELO client", 250, `250 ${HOST}`],
    ["HELO", "HELO client", 504, "504 Command parameter not implemented"],
    ["QUIT", "QUIT", 221, `221 2.0.0 ${HOST} Service closing transmission channel`],
    ["MAIL", MAIL, 450, "450 4.1.8 Sender address rejected: domain not found"],
    ["VRFY", "VRFY alice", 252, "252 2.0.0 Cannot VRFY user, but will accept message and attempt delivery"],
    ["AUTH", "AUTH PLAIN AAA=", 535, "535 5.7.8 Authentication credentials invalid"],
    ["STARTTLS", "STARTTLS", 454, "454 4.7.0 TLS not available due to temporary reason"],
    ["STARTTLS", "STARTTLS", 220, "220 2.0.0 Ready to start TLS"],
    ["XCLIENT", "XCLIENT NAME=x", 220, "220 2.0.0 Ready"],
    ["X*", "X-UNHEARD of", 250, "250 2.0.0 Ok"],
    ["noop", "nOOp", 250, "250 2.0.0 Ok"],
    ["", "y".repeat(5000), 421, `421 4.3.2 ${HOST} Service not available, closing transmission channel`],
  ])("to %s %.20j, %j is %j", (command, line, reply, sent) => {
    expect(under({ when: { command }, reply }).lines("EHLO client", line)).toBe(sent);
  });

  it.each<[reply: object, octets: string]>([
    [{ lineEnd: "lf" }, "250 2.0.0 Ok\n"],
    [{ lineEnd: "cr" }, "250 2.0.0 Ok\r"],
    [{ lineEnd: "none" }, "250 2.0.0 Ok"],
    [{ lineEnd: "crlf" }, "250 2.0.0 Ok\r\n"],
    [{ octets: 20 }, "250 2.0.0 Okxxxxxx\r\n"],
    [{ octets: 20, lineEnd: "none" }, "250 2.0.0 Okxxxxxxxx"],
    [{ octets: 5 }, "250 2.0.0 Ok\r\n"],
  ])("may be broken on purpose: %j", (broken, octets) => {
    expect(under({ when: { command: "NOOP" }, reply: { code: 250, ...broken } }).say("NOOP\r\n")).toBe(octets);
  });

  it.each<[reply: unknown, problem: string]>([
    [25, "smtp.stub.reply: expected a code from 200 to 599, a line such as"],
    [600, "smtp.stub.reply: expected a code from 200 to 599, a line such as"],
    [2.5, "smtp.stub.reply: expected a code from 200 to 599, a line such as"],
    ["hello", "smtp.stub.reply: expected a code from 200 to 599, a line such as"],
    ["250-unfinished", "smtp.stub.reply: expected a code from 200 to 599, a line such as"],
    ["452 a\rb", "smtp.stub.reply: expected a code from 200 to 599, a line such as"],
    [true, "smtp.stub.reply: expected a code from 200 to 599, a line such as"],
    [{}, "smtp.stub.reply.code: expected a code"],
    [{ text: "no code" }, "smtp.stub.reply.code: expected a code"],
    [{ code: "250" }, "smtp.stub.reply.code: expected a number, got"],
    [{ code: 199 }, "smtp.stub.reply.code: expected at least 200"],
    [{ code: 452, enhanced: "4.2" }, "smtp.stub.reply.enhanced: expected an enhanced status code"],
    [{ code: 452, enhanced: "3.2.2" }, "smtp.stub.reply.enhanced"],
    [{ code: 250, text: "a\0b" }, "smtp.stub.reply.text"],
    [{ code: 250, text: ["a", "b\r\nc"] }, "smtp.stub.reply.text[1]"],
    [{ code: 250, lineEnd: "\n" }, "smtp.stub.reply.lineEnd"],
    [{ code: 250, octets: 0 }, "smtp.stub.reply.octets"],
    [{ codes: [] }, "smtp.stub.reply.codes: expected at least one code"],
    [{ codes: [1000] }, "smtp.stub.reply.codes[0]"],
    [{ capabilities: ["SIZE\r\n"] }, "smtp.stub.reply.capabilities[0]: expected a keyword such as SIZE 1000"],
    [
      { capabilities: { witout: ["SIZE"] } },
      'smtp.stub.reply.capabilities.witout: unknown key, did you mean "without"?',
    ],
    [{ capabilities: [], text: "x" }, "smtp.stub.reply.text: expected text or capabilities, not both"],
    [{ cod: 250 }, 'smtp.stub.reply.cod: unknown key, did you mean "code"?'],
  ])("%j is refused when the rule is made", (reply, problem) => {
    expect(() => under({ when: { command: "NOOP" }, reply })).toThrow(problem);
  });

  it("for a verb that nobody ever heard of is refused, with the nearest that exists", () => {
    expect(() => under({ when: { command: "RCTP" }, reply: 250 })).toThrow('did you mean "RCPT"?');
  });
});

describe("what is positive by rule is done", () => {
  it.each([250, 251, 252])("%i takes a recipient whom nobody knows", (reply) => {
    const conversation = under({ when: { command: "RCPT" }, reply }, { recipients: "known" });
    conversation.lines("EHLO client", MAIL, RCPT, "DATA", "hi");
    expect(conversation.lines(".")).toBe("250 2.0.0 Ok: queued as 1");
    expect(conversation.texts("carol@example.test")).toEqual(["hi\r\n"]);
  });

  it("250 to MAIL begins a transaction that was not due", () => {
    const conversation = under({ when: { command: "MAIL" }, reply: 250 });
    expect(conversation.lines(MAIL)).toBe("250 2.1.0 Ok");
    expect(conversation.machine.state).toBe("MAIL");
    conversation.lines("EHLO client", MAIL);
    expect(conversation.lines("MAIL FROM:<you@there.test>", "RSET")).toBe("250 2.0.0 Ok");
  });

  it("354 begins the data, whatever came before; without recipients the message goes nowhere", () => {
    const conversation = under({ when: { command: "DATA" }, reply: 354 });
    expect(conversation.lines("DATA")).toBe("354 Start mail input; end with <CRLF>.<CRLF>");
    expect(conversation.lines("NOOP")).toBe("");
    expect(conversation.lines(".")).toBe("554 5.5.1 No valid recipients");
    expect(conversation.exchanges.at(-1)?.request).toMatchObject({
      command: "MESSAGE",
      message: Buffer.from("NOOP\r\n"),
    });
    expect(conversation.lines("NOOP")).toBe("250 2.0.0 Ok");
  });

  it("a message that did not fit is not there, whatever was said", () => {
    const conversation = under({ when: { command: "MESSAGE" }, reply: 250 }, { maxMessageOctets: 4 });
    conversation.begin("alice@example.test");
    expect(conversation.lines("12345", ".")).toBe("250 2.0.0 Ok");
    expect(conversation.texts("alice")).toEqual([]);
    expect(conversation.notes).toMatchObject([{ event: "message-lost", detail: { octets: 7 } }]);
  });
});

describe("what is negative by rule changes nothing", () => {
  it.each<[command: string, reply: unknown, then: string, answer: string]>([
    ["RCPT", 550, "DATA", "554 5.5.1"],
    ["RCPT", 354, "DATA", "554 5.5.1"],
    ["MAIL", 450, "RCPT TO:<alice@example.test>", "503 5.5.1"],
    ["DATA", 451, "NOOP", "250 2.0.0"],
    ["DATA", 250, "NOOP", "250 2.0.0"],
    ["RSET", 500, "DATA", "354 "],
    ["QUIT", 500, "NOOP", "250 2.0.0"],
    ["QUIT", 250, "NOOP", "250 2.0.0"],
  ])("%s answered %i, then %s is %s", (command, reply, then, answer) => {
    const conversation = under({ when: { command }, reply });
    conversation.lines("EHLO client", MAIL, RCPT);
    if (!["MAIL", "RCPT"].includes(command)) conversation.lines(command);
    expect(conversation.lines(then).startsWith(answer)).toBe(true);
  });

  it("an EHLO that is refused leaves the client without a name, until it says HELO", () => {
    const conversation = under({ when: { command: "EHLO" }, reply: 502 });
    expect(conversation.lines("EHLO client", MAIL)).toMatch(/^503 /);
    expect(conversation.lines("HELO client", MAIL)).toBe("250 2.1.0 Ok");
  });

  it("a message that is refused is nowhere, and the next one is taken", () => {
    const conversation = under({ when: { command: "MESSAGE" }, reply: "554 5.7.1 spam", times: 1 });
    for (const answer of ["554 5.7.1 spam", "250 2.0.0 Ok: queued as 1"]) {
      conversation.begin("alice@example.test");
      expect(conversation.lines("hi", ".")).toBe(answer);
    }
    expect(conversation.texts("alice")).toEqual(["hi\r\n"]);
  });

  it("does not count as an error of the client", () => {
    const conversation = under({ when: { command: "NOOP" }, reply: 500 }, { maxErrors: 2 });
    for (let count = 0; count < 10; count += 1) conversation.lines("NOOP");
    expect(conversation.isClosed).toBe(false);
  });
});

it.each<[command: string, reply: unknown]>([
  ["RSET", 421],
  ["NOOP", 221],
  ["DATA", { codes: [421, 250] }],
])("%s answered %j closes the session", (command, reply) => {
  const conversation = under({ when: { command }, reply });
  conversation.lines("EHLO client", MAIL, RCPT, command);
  expect(conversation.outputs.at(-1)).toEqual({ do: "close", how: "end" });
});

describe("the greeting by rule", () => {
  const greeted = (reply: unknown) => under({ when: { phase: "greeting" }, reply });

  it.each<[reply: unknown, sent: string]>([
    [220, `220 ${HOST} ESMTP Portwright\r\n`],
    ["220 hello", "220 hello\r\n"],
    [{ code: 220, text: ["one", "two"] }, "220-one\r\n220 two\r\n"],
    [554, "554 No SMTP service here\r\n"],
    [521, `521 ${HOST} does not accept mail\r\n`],
    [421, `421 ${HOST} Service not available, closing transmission channel\r\n`],
  ])("%j is %j", (reply, sent) => {
    expect(greeted(reply).greeting).toBe(sent);
  });

  it.each([554, 450, 334])("%i leaves 503 to everything but QUIT (RFC 5321 section 3.1)", (code) => {
    const conversation = greeted(code);
    expect(conversation.machine.state).toBe("REFUSED");
    for (const line of ["EHLO client", "HELO client", MAIL, "NOOP", "FOO"])
      expect(conversation.lines(line)).toBe("503 5.5.1 Bad sequence of commands: there is no service here, only QUIT");
    expect(conversation.lines("QUIT")).toMatch(/^221 /);
  });

  it.each([421, 521])("%i closes", (code) => {
    expect(greeted(code).isClosed).toBe(true);
  });
});

describe("AUTH and other verbs that are not there", () => {
  it("can be answered to the end of an exchange, and no password is shown", () => {
    const conversation = under({
      when: { command: "AUTH" },
      reply: ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", 235],
    });
    const say = ["AUTH LOGIN", "YWxpY2U=", "d29uZGVybGFuZA=="].map((line) => conversation.lines(line));
    expect(say).toEqual(["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "235 2.7.0 Authentication successful"]);
    expect(conversation.lines("NOOP")).toBe("250 2.0.0 Ok");
    const shown = conversation.exchanges.map(({ request }) => request).slice(0, 3);
    expect(shown).toEqual(["LOGIN", "<redacted>", "<redacted>"].map((argument) => ({ command: "AUTH", argument })));
    expect(conversation.rules[0]?.seen).toEqual(shown);
  });

  it("is over when no rule asks for more", () => {
    const conversation = under({ when: { command: "AUTH" }, reply: 334, times: 1 });
    expect(conversation.lines("AUTH LOGIN", "*")).toBe("501 5.7.0 Authentication cancelled");
    expect(conversation.lines("NOOP")).toBe("250 2.0.0 Ok");
  });

  it.each(["AUTH PLAIN AGFsaWNl", "auth plain AGFsaWNl", " AUTH PLAIN AGFsaWNl", "AUTH\tPLAIN\tAGFsaWNl"])(
    "%j shows nobody its password",
    (line) => {
      const conversation = under({ when: { argument: "nobody says this" }, reply: 250 });
      conversation.lines(line);
      expect(conversation.exchanges[0]?.request.command).toBe("AUTH");
      expect(JSON.stringify(conversation.exchanges)).not.toMatch(/AGFsaWNl/i);
    },
  );

  it("a chunk is no command, whatever BDAT is answered (RFC 3030 section 2)", () => {
    const conversation = under({ when: { command: "BDAT" }, reply: 552 });
    const answer = conversation.say("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n");
    expect(answer).toBe("552 5.2.2 Requested mail action aborted: exceeded storage allocation\r\n250 2.0.0 Ok\r\n");
  });
});

describe("a machine with rules", () => {
  const REQUESTS = [
    ...["EHLO client", "FOO", "MAIL", MAIL, RCPT, "RCPT TO:<@@>", "DATA", "hi\r\n.", "RSET x", "\0", "\xff"],
    ...["y".repeat(5000), "", "HELP", "AUTH PLAIN", "QUIT"],
  ];

  it("asks once for each request, bad ones included, and shows the journal what it asked with", () => {
    const conversation = under({ when: { command: /.*/ }, fault: { delay: 1 } });
    for (const request of REQUESTS) conversation.say(`${request}\r\n`);
    conversation.say("NOOP\n");
    expect(conversation.rules[0]?.seen).toHaveLength(REQUESTS.length);
    expect(conversation.exchanges.map(({ request }) => request)).toEqual(conversation.rules[0]?.seen);
    for (const [at, { request }] of conversation.exchanges.entries())
      expect(request).toBe(conversation.rules[0]?.seen[at]);
  });

  it("puts the fault before the reply, and the exchange behind it", () => {
    const conversation = under({ when: { command: "NOOP" }, fault: { delay: 1 } });
    conversation.outputs.length = 0;
    conversation.lines("NOOP");
    expect(conversation.outputs.map((output) => output.do)).toEqual(["fault", "send", "exchange"]);
  });

  it("neither answers nor carries out what a fault takes the place of", () => {
    const conversation = under({ when: { command: "RCPT", nth: 1 }, fault: "silence" });
    expect(conversation.lines("EHLO client", MAIL, RCPT)).toBe("");
    expect(conversation.exchanges.at(-1)?.reply).toEqual({});
    expect(conversation.lines("DATA")).toMatch(/^554 /);
    expect(conversation.lines(RCPT)).toBe("250 2.1.5 Ok");
  });

  it("says the same in whatever pieces the requests come", () => {
    const octets = [
      ...REQUESTS.slice(0, -1),
      ...["AUTH LOGIN", "YWxpY2U=", "*", "BDAT 11 LAST", "QUIT\r\nQUIT\r", "NOOP"],
      ...[MAIL, RCPT, RCPT, RCPT, "DATA", "DATA", "a\r\n.", "DATA", "b\r\n.", "QUIT"],
    ].join("\r\n");
    const rules = [
      { when: { command: "RCPT" }, reply: 450, every: 2 },
      { when: { command: "AUTH" }, reply: [334, 334, 535] },
      { when: { command: "DATA" }, sequence: [{ reply: 451 }, { reply: 250 }, { fault: "silence" }] },
      { when: { command: "MESSAGE", message: /b/ }, fault: "silence" },
      { when: { argument: "x" }, reply: 354 },
    ];
    const whole = new Conversation(makeContext(), rules);
    whole.say(`${octets}\r\n`);
    expect(whole.isClosed).toBe(true);
    expect(whole.exchanges.map(({ request }) => request.command)).toContain("MESSAGE");
    const random = seededRandom(3);
    for (let round = 0; round < 40; round += 1) {
      const other = new Conversation(makeContext(), rules);
      for (let at = 0; at < octets.length + 2; ) {
        const length = round === 0 ? 1 : 1 + Math.floor(random() * (round % 2 === 0 ? 9 : 900));
        other.say(`${octets}\r\n`.slice(at, at + length));
        at += length;
      }
      expect(other.outputs).toEqual(whole.outputs);
    }
  });

  it("knows the paths of commands that are out of sequence", () => {
    const conversation = under({ when: { to: "<*@example.test>" }, reply: "450 here" });
    expect(conversation.lines(RCPT)).toBe("450 here");
  });

  it.each<[when: object, matches: boolean]>([
    [{ subject: "Grüße, Alice" }, true],
    [{ subject: /grüsse/i }, false],
    [{ to: "alice@example.test" }, true],
    [{ to: "*@example.test" }, true],
    [{ to: "carol@example.test" }, false],
    [{ from: "me@there.test", to: ["carol@example.test", "bob@example.test"] }, true],
    [{ size: { min: 100 } }, true],
    [{ size: { max: 10 } }, false],
    [{ headers: { "x-list": "two" } }, true],
    [{ headers: { "X-List": "three" } }, false],
    [{ headers: { from: { contains: "Jürgen" }, "message-id": { present: false } } }, true],
    [{ message: { contains: "Code 1234" } }, true],
    [{ message: /code \d+/ }, false],
  ])("matches a message by what it says: %j, %s", (when, matches) => {
    const conversation = under({ when: { command: "MESSAGE", ...when }, reply: "550 matched" });
    conversation.begin("alice@example.test", "bob@example.test");
    const answer = conversation.lines(
      "From: =?iso-8859-1?Q?J=FCrgen?= <me@there.test>",
      "X-List: one",
      "X-LIST: two",
      "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe,?=",
      " Alice",
      "",
      "Code 1234",
      ".",
    );
    expect(answer).toBe(matches ? "550 matched" : "250 2.0.0 Ok: queued as 1");
  });
});
