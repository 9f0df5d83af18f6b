import { describe, expect, it } from "vitest";
import { Conversation, LOCAL, makeContext } from "./conversation.ts";

/** The codes of replies, each once. */
const codes = (replies: string) => (replies.match(/^\d{3} /gm) ?? []).map(Number);

const HELLO = "Hello from example.test.\n";

describe("a data connection", () => {
  it.each([
    ["before the command", ["connect", "RETR pub/hello.txt"]],
    ["after the command", ["RETR pub/hello.txt", "connect"]],
  ])("may come %s", (_when, steps) => {
    const conversation = Conversation.loggedIn();
    const channel = conversation.passive();
    let answer = "";
    for (const step of steps) answer += step === "connect" ? conversation.connect() : conversation.say(`${step}\r\n`);
    answer += conversation.drain();
    expect(answer).toBe(
      "150 Opening BINARY mode data connection for /pub/hello.txt (25 bytes).\r\n226 Transfer complete.\r\n",
    );
    expect(Buffer.from(conversation.sent()).toString()).toBe(HELLO);
    expect(conversation.closeOf(channel)).toBe("leave");
  });

  it("that never comes is waited for as long as the option says", () => {
    const conversation = Conversation.loggedIn(makeContext({ dataTimeoutMs: 700 }));
    const channel = conversation.passive();
    conversation.lines("RETR pub/hello.txt");
    expect(conversation.outputs.at(-1)).toEqual({ do: "timer", name: "data-connection", ms: 700 });
    expect(conversation.tell({ type: "timer", name: "data-connection" })).toBe("425 Can't open data connection.\r\n");
    expect(conversation.closeOf(channel)).toBe("end");
    expect(conversation.exchanges.at(-1)).toMatchObject({ request: { command: "RETR" }, reply: { code: 425 } });
  });

  it("that has come is waited for no more", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.lines("STOR x");
    conversation.connect();
    expect(conversation.outputs.at(-1)).toEqual({ do: "timer", name: "data-connection", ms: "off" });
    expect(conversation.tell({ type: "timer", name: "data-connection" })).toBe("");
    expect(conversation.machine.state).toBe("TRANSFER");
  });

  it("takes what a quick client sends before its command is read", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.connect();
    conversation.upload("quick ");
    conversation.upload("client");
    conversation.end();
    expect(conversation.say("STOR x\r\n")).toBe(
      "150 Opening BINARY mode data connection for /x.\r\n226 Transfer complete.\r\n",
    );
    expect(conversation.file("/x")).toBe("quick client");
    expect(conversation.exchanges.at(-1)?.reply.octets).toBe(12);
  });

  it("that breaks during an upload stores nothing", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.connect();
    conversation.lines("STOR readme.txt");
    conversation.upload("half");
    expect(conversation.break()).toBe("426 Connection closed; transfer aborted.\r\n");
    expect(conversation.file("/readme.txt")).toContain("This is the file tree");
    expect(conversation.exchanges.at(-1)).toMatchObject({ reply: { code: 426, octets: 4 } });
  });

  it("that breaks during a download ends it with 426", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.connect();
    conversation.lines("RETR pub/1MiB.txt");
    expect(conversation.break()).toBe("426 Connection closed; transfer aborted.\r\n");
    expect(conversation.exchanges.at(-1)).toMatchObject({ reply: { code: 426, octets: 65_536 } });
  });

  it("may be closed by a client that knows the size and has it all", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.connect();
    conversation.lines("RETR pub/hello.txt");
    expect(conversation.break()).toBe("226 Transfer complete.\r\n");
  });

  it("whose client has half-closed still gets its download", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.connect();
    conversation.end();
    conversation.lines("RETR pub/hello.txt");
    conversation.end();
    expect(conversation.drain()).toBe("226 Transfer complete.\r\n");
  });

  it("that is gone before its command is no data connection", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.connect();
    conversation.break();
    expect(conversation.lines("RETR pub/hello.txt")).toBe("425 Use PASV or EPSV first.");
  });

  it("that is not the last one means nothing", () => {
    const conversation = Conversation.loggedIn();
    const first = conversation.passive();
    const second = conversation.passive();
    expect(second).not.toBe(first);
    expect(conversation.closeOf(first)).toBe("end");
    conversation.lines("STOR x");
    const before = conversation.outputs.length;
    conversation.connect(first);
    conversation.upload("stray", first);
    conversation.end(first);
    conversation.break(first);
    conversation.tell({ type: "pull", channel: first });
    conversation.tell({ type: "refused", channel: first, reason: "late" });
    expect(conversation.outputs).toHaveLength(before);
  });

  it.each([
    ["at PASV", ["PASV"]],
    ["at EPSV", ["EPSV"]],
  ])("that cannot be had is refused %s", (_when, [command = ""]) => {
    const conversation = Conversation.loggedIn();
    conversation.lines(command);
    expect(conversation.tell({ type: "refused", channel: conversation.channel, reason: "EMFILE" })).toBe(
      "425 Can't open data connection.\r\n",
    );
    expect(conversation.exchanges.at(-1)?.request.command).toBe(command);
    expect(conversation.lines("NOOP")).toBe("200 NOOP ok.");
  });

  it("that is refused later ends the transfer", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.lines("RETR pub/hello.txt");
    expect(conversation.tell({ type: "refused", channel: conversation.channel, reason: "gone" })).toBe(
      "425 Can't open data connection.\r\n",
    );
  });
});

describe("the address in the reply", () => {
  it.each([
    ["127.0.0.1", "PASV", "227 Entering Passive Mode (127,0,0,1,195,80)."],
    ["::ffff:10.1.2.3", "PASV", "227 Entering Passive Mode (10,1,2,3,195,80)."],
    ["::ffff:10.1.2.3", "EPSV 1", "229 Entering Extended Passive Mode (|||50000|)"],
    ["::1", "PASV", "425 PASV has no room for an IPv6 address: use EPSV."],
    ["::1", "EPSV", "229 Entering Extended Passive Mode (|||50000|)"],
    ["::1", "EPSV 2", "229 Entering Extended Passive Mode (|||50000|)"],
    ["::1", "EPSV 1", "522 Network protocol not supported, use (2)"],
  ])("of a session on %s to %s is %j", (address, command, expected) => {
    const conversation = new Conversation(makeContext(), { ...LOCAL, address });
    conversation.lines("USER alice", "PASS wonderland");
    const answer = conversation.lines(command);
    expect(answer || conversation.listening(address).trimEnd()).toBe(expected);
  });

  it("is the option's, even on IPv6", () => {
    const context = makeContext({ passiveAddress: "192.0.2.7" });
    const conversation = new Conversation(context, { ...LOCAL, address: "::1" });
    conversation.lines("USER alice", "PASS wonderland", "PASV");
    expect(conversation.listening("::1")).toBe("227 Entering Passive Mode (192,0,2,7,195,80).\r\n");
  });
});

describe("while a transfer is in progress", () => {
  it("commands wait in their order, and NOOP and STAT do not if nothing waits before them", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    const answer = conversation.say("STOR x\r\nNOOP\r\nSTAT\r\nSIZE x\r\nNOOP\r\nSTAT x\r\nRETR x\r\nPWD\r\n");
    expect(codes(answer)).toEqual([150, 200, 211]);
    conversation.connect();
    conversation.upload("12345");
    expect(codes(conversation.end())).toEqual([226, 213, 200, 213, 425, 257]);
  });

  it("QUIT waits for it", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.connect();
    conversation.say("RETR pub/1MiB.txt\r\nQUIT\r\nNOOP\r\n");
    expect(conversation.isClosed).toBe(false);
    expect(conversation.drain()).toBe("226 Transfer complete.\r\n221 Goodbye.\r\n");
    expect(conversation.isClosed).toBe(true);
  });

  it("PASV waits, and then listens anew", () => {
    const conversation = Conversation.loggedIn();
    const first = conversation.passive();
    conversation.connect();
    expect(conversation.lines("STOR x", "PASV")).toBe("");
    conversation.end(first);
    expect(conversation.channel).not.toBe(first);
    expect(conversation.listening()).toMatch(/^227 /);
  });
});
