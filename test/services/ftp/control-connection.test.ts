import { describe, expect, it } from "vitest";
import { TelnetFilter } from "../../../services/ftp/telnet.ts";
import { fromLatin1, toLatin1 } from "../../../src/wire/bytes.ts";
import { seededRandom } from "../../../src/world/random.ts";
import { Conversation, makeContext } from "./conversation.ts";

/** What is left of octets, and what is answered, with `cut` pieces. */
function filter(octets: string, lengths: () => number): { text: string; refusals: string } {
  const telnet = new TelnetFilter();
  const result = { text: "", refusals: "" };
  for (let at = 0; at < octets.length; ) {
    const length = lengths();
    for (const part of telnet.read(fromLatin1(octets.slice(at, at + length))))
      if (part.type === "text") result.text += toLatin1(part.bytes);
      else result.refusals += toLatin1(part.bytes);
    at += length;
  }
  return result;
}

const TELNET = [
  ["NOOP\r\n", "NOOP\r\n", ""],
  ["\xff\xf4\xff\xf2ABOR\r\n", "ABOR\r\n", ""],
  ["\xff\xf4\xf2ABOR\r\n", "ABOR\r\n", ""],
  ["\xff\xf4\xffABOR\r\n", "ABOR\r\n", ""],
  ["\xf4\xff\xf2ABOR\r\n", "ABOR\r\n", ""],
  ["ABOR\r", "ABOR\r\n", ""],
  ["abor\rNOOP\r\n", "abor\r\nNOOP\r\n", ""],
  ["ABOR\r\r\n", "ABOR\r\n\r\n", ""],
  ["ABOR \r\n", "ABOR \r\n", ""],
  ["XABOR\rY\r\n", "XABOR\rY\r\n", ""],
  ["ABOR\n\n", "ABOR\n\n", ""],
  ["RETR \xf2\xf4\r\n", "RETR \xf2\xf4\r\n", ""],
  ["RETR \xff\xff\r\n", "RETR \xff\r\n", ""],
  ["\xff\xfb\x01\xff\xfd\x02\xff\xfc\x03\xff\xfe\x04OK\r\n", "OK\r\n", "\xff\xfe\x01\xff\xfc\x02"],
  ["\xff\xf6\xff\xf1", "", ""],
  ["\xff\xfb\xff\xff\xfdx", "", "\xff\xfe\xff\xff\xfcx"],
] as const;

describe("Telnet on the control connection", () => {
  it.each(TELNET)("%j leaves %j and is answered with %j", (octets, text, refusals) => {
    expect(filter(octets, () => octets.length)).toEqual({ text, refusals });
    expect(filter(octets, () => 1)).toEqual({ text, refusals });
  });

  it("is the same in whatever pieces", () => {
    const all = TELNET.map(([octets]) => octets).join("");
    const whole = filter(all, () => all.length);
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = seededRandom(seed);
      expect(filter(all, () => 1 + Math.floor(random() * 7))).toEqual(whole);
    }
  });
});

describe("hostile octets", () => {
  it.each([
    ["nothing but line ends", "\r\n\n\r\r\n", "500 Command not understood.\r\n".repeat(3)],
    ["NUL", "NO\0OP\r\n", "500 Command not understood.\r\n"],
    ["an HTTP request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "500 Command not understood.\r\n".repeat(3)],
    ["a verb that is a property of every object", "toString\r\nTOST\r\n", "500 Command not understood.\r\n".repeat(2)],
    ["commands before login", "PWD\r\nRETR /\r\n", "530 Please login with USER and PASS.\r\n".repeat(2)],
    ["no line at all", "USER alice", ""],
  ])("%s", (_what, octets, answer) => {
    expect(new Conversation().say(octets)).toBe(answer);
  });

  it("a line that never ends costs no more than its limit, and is answered when it ends", () => {
    const conversation = new Conversation(makeContext({ maxLineOctets: 512 }));
    for (let count = 0; count < 1000; count += 1) expect(conversation.say("x".repeat(1000))).toBe("");
    expect(conversation.say("\r\nNOOP\r\n")).toBe("500 Command line too long.\r\n200 NOOP ok.\r\n");
    expect(conversation.exchanges[0]).toMatchObject({ request: { command: "", argument: "" }, reply: { code: 500 } });
    expect(conversation.notes).toEqual([{ do: "note", event: "line-too-long", detail: { limit: 512 } }]);
  });

  it.each([
    "../../../../etc/passwd",
    "/../../etc/passwd",
    "pub/../../../etc/passwd",
    "..\\..\\etc\\passwd",
    "/etc/passwd",
    "%2e%2e/etc/passwd",
    "~root",
    "//etc//passwd",
    "/proc/self/environ",
  ])("the path %s leads nowhere outside the tree", (path) => {
    expect(Conversation.loggedIn().lines(`SIZE ${path}`)).toBe("550 No such file or directory.");
  });

  it.each(["a\0b", "a\rb", "a\x1b[2Jb", "\x7f", "x".repeat(5000)])("the name %j is not allowed", (name) => {
    const conversation = Conversation.loggedIn(makeContext({ maxLineOctets: 10_000 }));
    expect(conversation.lines(`MKD ${name}`)).toBe("553 File name not allowed.");
  });

  it.each(["REST 99999999999999999999", "REST -1", "REST 1.5", "REST 0x10", "ALLO 1e3"])("%s is no number", (line) => {
    expect(Conversation.loggedIn().lines(line)).toMatch(/^501 /);
  });

  it("a marker far beyond every file is refused by the transfer", () => {
    const conversation = Conversation.loggedIn();
    conversation.lines("REST 999999999999999");
    expect(conversation.retrieve("RETR readme.txt")).toMatch(/^554 /);
  });

  it("too many wrong passwords end the session, however many users they are for", () => {
    const conversation = new Conversation(makeContext({ maxLoginFailures: 2 }));
    expect(conversation.lines("USER alice", "PASS no", "USER bob", "PASS no")).toMatch(/^421 /);
    expect(conversation.isClosed).toBe(true);
    expect(conversation.notes.map(({ event, detail }) => [event, detail])).toEqual([
      ["login-failed", { user: "alice" }],
      ["login-failed", { user: "bob" }],
    ]);
  });
});
