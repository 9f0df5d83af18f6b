import { describe, expect, it } from "vitest";
import { toLatin1 } from "../../../src/wire/bytes.ts";
import { Conversation, makeContext } from "./conversation.ts";

const MESSAGE = "Subject: hello\r\n\r\nworld\r\n";

describe("a message that was accepted", () => {
  it("lies in the mailbox as it was sent, with its envelope", () => {
    const conversation = new Conversation();
    conversation.begin("alice@example.test", "Bob@Example.Test");
    expect(conversation.lines("Subject: hello", "", "..dot", ".")).toBe("250 2.0.0 Ok: queued as 1");
    for (const mailbox of ["alice", "bob"]) {
      const [message] = conversation.context.world.mailbox(mailbox).messages;
      expect(toLatin1(message?.raw ?? new Uint8Array())).toBe("Subject: hello\r\n\r\n.dot\r\n");
      expect(message).toMatchObject({
        envelope: { from: "me@there.test", to: ["alice@example.test", "Bob@Example.Test"] },
        receivedAt: conversation.now,
      });
    }
  });

  it.each([
    ["an address of the domain that nobody has", "carol@example.test", "carol@example.test"],
    ["an address elsewhere", "You@There.Test", "you@there.test"],
    ["a sub-address", "alice+news@example.test", "alice"],
    ["postmaster", "postmaster", "postmaster@example.test"],
    ["a quoted local part that needs no quotes", '"alice"@example.test', "alice"],
    ["an address literal", "you@[192.0.2.1]", "you@[192.0.2.1]"],
  ])("is found under %s", (_what, address, mailbox) => {
    const conversation = new Conversation();
    conversation.begin(address);
    conversation.say(`${MESSAGE}.\r\n`);
    expect(conversation.context.world.mail.messages(mailbox)).toHaveLength(1);
  });

  it("is stored once for each mailbox, however many recipients lead there", () => {
    const conversation = new Conversation();
    conversation.begin("alice@example.test", "alice@example.test", "ALICE+a@example.test", "alice+b@example.test");
    conversation.say(`${MESSAGE}.\r\n`);
    expect(conversation.texts("alice")).toEqual([MESSAGE]);
    expect(conversation.exchanges.at(-1)?.request.to).toHaveLength(4);
  });

  it("is an exchange with sender, recipients, size, subject, headers and octets", () => {
    const conversation = new Conversation();
    conversation.begin("alice@example.test");
    conversation.say(`${MESSAGE}.\r\n`);
    expect(conversation.exchanges.at(-1)).toMatchObject({
      request: {
        command: "MESSAGE",
        from: "me@there.test",
        to: ["alice@example.test"],
        size: MESSAGE.length,
        subject: "hello",
        headers: { subject: "hello" },
        message: Buffer.from(MESSAGE),
      },
      reply: { code: 250, enhanced: "2.0.0", text: "Ok: queued as 1" },
    });
  });

  it("has a queue id that counts over sessions, in hexadecimal, and from 1 again when the world is reset", () => {
    const context = makeContext();
    const send = () => {
      const conversation = new Conversation(context);
      conversation.begin("alice@example.test");
      return conversation.lines(".");
    };
    for (let count = 1; count < 26; count += 1) send();
    expect(send()).toBe("250 2.0.0 Ok: queued as 1A");
    context.world.reset();
    expect(send()).toBe("250 2.0.0 Ok: queued as 1");
  });

  it("may hold any octets", () => {
    const octets = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet))
      .join("")
      .replace("\n", "");
    const conversation = new Conversation();
    conversation.begin("alice@example.test");
    conversation.say(`${octets}\r\n.\r\n`);
    const [message] = conversation.context.world.mailbox("alice").messages;
    expect(toLatin1(message?.raw ?? new Uint8Array())).toBe(`${octets}\r\n`);
  });

  it.each([
    ["EHLO client", "", "ESMTP", ""],
    ["HELO client", "", "SMTP", ""],
    ["EHLO client", " SMTPUTF8", "UTF8SMTP", "\u00fc"],
  ])("carries its trace where that is wanted: %s, MAIL%s", (hello, parameter, protocol, letter) => {
    const conversation = new Conversation(makeContext({ trace: true }));
    const from = Buffer.from(`m${letter}@there.test`).toString("latin1");
    conversation.lines(hello, `MAIL FROM:<${from}>${parameter}`, "RCPT TO:<alice@example.test>", "DATA", "x", ".");
    expect(conversation.texts("alice")).toEqual([
      `Return-Path: <m${letter}@there.test>\r\n` +
        "Received: from client ([192.0.2.7])\r\n" +
        `\tby mail.example.test (Portwright) with ${protocol} id 1\r\n` +
        "\tfor <alice@example.test>; Thu, 01 Jan 2026 00:00:00 +0000\r\n" +
        "x\r\n",
    ]);
  });

  it("does not tell several recipients of each other in its trace (RFC 5321 section 7.6)", () => {
    const conversation = new Conversation(makeContext({ trace: true }));
    conversation.begin("alice@example.test", "bob@example.test");
    conversation.lines(".");
    expect(conversation.texts("alice")[0]).not.toContain("bob");
  });

  it.each([
    ["Subject: hello\r\n\r\n", "hello"],
    ["SUBJECT : hello\r\n\r\n", "hello"],
    ["From: x\r\nsubject:hello,\r\n  world\r\n\tagain\r\nTo: y\r\n\r\n", "hello,  world\tagain"],
    ["Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\n", "Gr\u00fc\u00dfe"],
    ["Subject: one\r\nSubject: two\r\n\r\n", "one"],
    ["Subject: Gr\xc3\xbc\xc3\x9fe\r\n\r\n", "Grüße"],
    ["Subject:\r\n\r\n", ""],
    ["Subject: no body\r\n", "no body"],
    ["From: x\r\n\r\nSubject: in the body\r\n", undefined],
    ["", undefined],
  ])("%j has the subject %j", (message, subject) => {
    const conversation = new Conversation();
    conversation.begin("alice@example.test");
    conversation.say(`${message}.\r\n`);
    expect(conversation.exchanges.at(-1)?.request.subject).toBe(subject);
  });
});

describe("a message that was refused", () => {
  it.each([
    ["is too big", { maxMessageOctets: 5 }, "123456\r\n", "552 5.3.4"],
    ["holds a bare LF", {}, "1\n2\r\n", "550 5.5.2"],
  ])("because it %s is nowhere, and the next one is taken", (_why, options, text, code) => {
    const conversation = new Conversation(makeContext(options));
    conversation.begin("alice@example.test");
    expect(conversation.say(`${text}.\r\n`)).toContain(code);
    expect(conversation.texts("alice")).toEqual([]);
    conversation.begin("alice@example.test");
    expect(conversation.say("1\r\n.\r\n")).toBe("250 2.0.0 Ok: queued as 1\r\n");
    expect(conversation.texts("alice")).toEqual(["1\r\n"]);
  });

  it("for one full mailbox is in none of the others", () => {
    const conversation = new Conversation(makeContext({}, { maxMailboxOctets: 1124 }));
    conversation.begin("bob@example.test");
    conversation.say(`${"x".repeat(88)}\r\n.\r\n`);
    conversation.begin("alice@example.test", "bob@example.test");
    expect(conversation.say(`${"x".repeat(20)}\r\n.\r\n`)).toBe("452 4.2.2 Mailbox full\r\n");
    expect(conversation.texts("alice")).toEqual([]);
  });

  it("for a mailbox that may not be made is refused at RCPT", () => {
    const conversation = new Conversation(makeContext({}, { maxMailboxes: 1 }));
    conversation.begin("alice@example.test");
    conversation.lines(".");
    conversation.lines("MAIL FROM:<>");
    expect(conversation.lines("RCPT TO:<bob@example.test>")).toMatch(/^452 4\.3\.1 /);
    expect(conversation.lines("RCPT TO:<alice@example.test>")).toBe("250 2.1.5 Ok");
  });

  it.each([
    ["one more mailbox may be made", { maxMailboxes: 1 }],
    ["there is room for one copy", { maxMailOctets: 1000 }],
  ])("because %s, and it is for two, is in neither", (_why, limits) => {
    const conversation = new Conversation(makeContext({}, limits));
    conversation.begin("alice@example.test", "bob@example.test");
    expect(conversation.lines(".")).toMatch(/^452 4\.2\.2 /);
    expect([...conversation.texts("alice"), ...conversation.texts("bob")]).toEqual([]);
    conversation.begin("bob@example.test");
    expect(conversation.lines(".")).toMatch(/^250 /);
  });

  it("by the peer's going away leaves a note, and nothing else", () => {
    for (const type of ["end", "closed"] as const) {
      const conversation = new Conversation();
      conversation.begin("alice@example.test");
      conversation.say("Subject: half\r\n.");
      expect(conversation.tell({ type })).toBe("");
      expect(conversation.notes).toEqual([{ do: "note", event: "message-abandoned", detail: { octets: 15 } }]);
      expect(conversation.texts("alice")).toEqual([]);
    }
  });
});

it("notes lines of text that are longer than RFC 5321 section 4.5.3.1.6 allows, and takes them", () => {
  const conversation = new Conversation();
  for (const length of [998, 999]) {
    conversation.begin("alice@example.test");
    expect(conversation.say(`${"x".repeat(length)}\r\n.\r\n`)).toMatch(/^250 /);
  }
  expect(conversation.notes).toEqual([{ do: "note", event: "long-text-line", detail: { octets: 1001 } }]);
});
