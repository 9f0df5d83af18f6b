import { describe, expect, it } from "vitest";
import { Conversation, makeContext } from "./conversation.ts";

describe("with recipients known", () => {
  it.each([
    ["alice@example.test", "250 2.1.5"],
    ["ALICE@EXAMPLE.TEST", "250 2.1.5"],
    ["bob+tag@example.test", "250 2.1.5"],
    ["@relay.test:bob@example.test", "250 2.1.5"],
    ["postmaster", "250 2.1.5"],
    ["Postmaster@Example.Test", "250 2.1.5"],
    ["carol@example.test", "550 5.1.1"],
    ['"al ice"@example.test', "550 5.1.1"],
    ["alice@there.test", "550 5.7.1"],
    ["alice@mail.example.test", "550 5.7.1"],
    ["alice@[127.0.0.1]", "550 5.7.1"],
    ["postmaster@there.test", "550 5.7.1"],
  ])("RCPT TO:<%s> is %s", (address, code) => {
    const conversation = new Conversation(makeContext({ recipients: "known" }));
    conversation.lines("EHLO client", "MAIL FROM:<me@there.test>");
    expect(conversation.lines(`RCPT TO:<${address}>`).startsWith(`${code} `)).toBe(true);
  });

  it.each([
    ["alice", "250 2.1.5 Alice Liddell <alice@example.test>"],
    ["<Alice@Example.Test>", "250 2.1.5 Alice Liddell <alice@example.test>"],
    ["alice+x@example.test", "250 2.1.5 Alice Liddell <alice@example.test>"],
    ["carol", "550 5.1.1 No such user here"],
    ["carol@there.test", "550 5.7.1 Relaying denied"],
  ])("VRFY %s is %s", (argument, answer) => {
    expect(new Conversation(makeContext({ recipients: "known" })).lines(`VRFY ${argument}`)).toBe(answer);
  });
});

describe("VRFY of a person whose name is not ASCII (RFC 6531 section 3.7.4.2)", () => {
  const people = [{ name: "zoe", password: "", fullName: "Zo\u00eb" }];

  it.each([
    ["VRFY zoe", "252 2.6.8 The answer needs UTF-8: ask again with SMTPUTF8"],
    ["VRFY zoe SMTPUTF8", "250 2.1.5 Zo\xc3\xab <zoe@example.test>"],
    ["vrfy <zoe@example.test> smtputf8", "250 2.1.5 Zo\xc3\xab <zoe@example.test>"],
  ])("%s is %j", (command, answer) => {
    expect(new Conversation(makeContext({}, {}, { people })).lines(command)).toBe(answer);
  });
});
