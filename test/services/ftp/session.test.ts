import { describe, expect, it } from "vitest";
import { Conversation, makeContext } from "./conversation.ts";

describe("a session", () => {
  it("begins with the greeting and the idle time", () => {
    expect(new Conversation(makeContext({ idleMs: 1000, greeting: "hello" })).outputs).toEqual([
      { do: "send", bytes: Buffer.from("220 hello\r\n") },
      { do: "idle", ms: 1000 },
    ]);
  });

  it("says where it stands", () => {
    const conversation = new Conversation();
    const states = [conversation.machine.state];
    for (const line of ["USER alice", "PASS wonderland", "EPSV"]) {
      conversation.lines(line);
      states.push(conversation.machine.state);
    }
    conversation.listening();
    conversation.lines("STOR x");
    states.push(conversation.machine.state);
    conversation.lines("ABOR");
    states.push(conversation.machine.state);
    conversation.lines("QUIT");
    states.push(conversation.machine.state);
    expect(states).toEqual([
      "NOT-LOGGED-IN",
      "NEED-PASSWORD",
      "LOGGED-IN",
      "LOGGED-IN",
      "TRANSFER",
      "LOGGED-IN",
      "CLOSED",
    ]);
  });

  const GOODBYES = [
    ["the harness stops", { type: "shutdown", reason: "stopping" }, "421 Service not available, closing"],
    ["sessions are too many", { type: "shutdown", reason: "too-many-sessions" }, "421 Too many connections, closing"],
    ["nothing comes", { type: "idle" }, "421 Idle timeout, closing"],
  ] as const;

  it.each(GOODBYES)("says goodbye when %s, in any state", (_when, input, goodbye) => {
    const lines = ["USER alice", "PASS wonderland", "EPSV", "listening", "STOR x"];
    for (let count = 0; count <= lines.length; count += 1) {
      const conversation = new Conversation();
      for (const line of lines.slice(0, count))
        if (line === "listening") conversation.listening();
        else conversation.lines(line);
      expect(conversation.tell(input)).toBe(`${goodbye} control connection.\r\n`);
      expect(conversation.outputs.at(-1)).toEqual({ do: "close", how: "end" });
    }
  });

  it("answers a transfer in progress with the goodbye", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.lines("RETR readme.txt");
    conversation.tell({ type: "shutdown", reason: "stopping" });
    expect(conversation.exchanges.at(-1)).toMatchObject({ request: { command: "RETR" }, reply: { code: 421 } });
  });

  it("is over after its last word, whatever else comes", () => {
    const conversation = new Conversation();
    conversation.lines("QUIT");
    expect(conversation.isClosed).toBe(true);
    const before = conversation.outputs.length;
    conversation.lines("NOOP");
    conversation.tell({ type: "idle" });
    conversation.tell({ type: "end" });
    conversation.tell({ type: "closed" });
    expect(conversation.outputs).toHaveLength(before);
  });

  it("tells of a transfer that the end of the session cuts off", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.lines("STOR x");
    conversation.connect();
    conversation.upload("half");
    conversation.tell({ type: "closed" });
    expect(conversation.notes).toEqual([
      { do: "note", event: "transfer-aborted", detail: { command: "STOR", path: "/x", octets: 4 } },
    ]);
    expect(conversation.file("/x")).toBeUndefined();
  });

  it("waits for a listener before it closes behind a client that has half-closed", () => {
    const conversation = Conversation.loggedIn();
    conversation.say("EPSV\r\nPWD\r\n");
    expect(conversation.tell({ type: "end" })).toBe("");
    expect(conversation.listening()).toMatch(/^229 .*\r\n257 .*\r\n$/);
    expect(conversation.isClosed).toBe(true);
  });
});

describe("the journal's exchanges", () => {
  it("are one for each command, when its final reply is sent", () => {
    const conversation = Conversation.loggedIn();
    const before = conversation.exchanges.length;
    conversation.lines("EPSV");
    expect(conversation.exchanges).toHaveLength(before);
    conversation.listening();
    conversation.lines("RETR pub/hello.txt");
    expect(conversation.exchanges.slice(before).map(({ request }) => request.command)).toEqual(["EPSV"]);
    conversation.connect();
    conversation.drain();
    expect(conversation.exchanges.slice(before + 1)).toEqual([
      {
        do: "exchange",
        request: { command: "RETR", argument: "pub/hello.txt", path: "/pub/hello.txt", type: "I", user: "alice" },
        reply: { code: 226, text: "Transfer complete.", octets: 25 },
      },
    ]);
  });

  it.each([
    ["RETR ../../pub/./x", "/pub/x"],
    ["CWD /", "/"],
    ["LIST -la /pub", "/pub"],
    ["LIST", "/pub"],
    ["NLST -a", "/pub"],
    ["MLSD", "/pub"],
    ["MLST x", "/pub/x"],
    ["STAT x", "/pub/x"],
    ["STAT", undefined],
    ["MFMT 20260101000000 a b", "/pub/a b"],
    ["STOU", undefined],
    ["STOU x", "/pub/x"],
    ["CDUP", undefined],
    ["TYPE A", undefined],
    ["DELE a\tb", undefined],
  ])("of %j have the path %s", (line, path) => {
    const conversation = Conversation.loggedIn();
    conversation.lines("CWD pub", line);
    expect(conversation.exchanges.at(-1)?.request.path).toBe(path);
  });

  it.each(["PASS secret", "pass secret", "PASSsecret", " PASS secret", "PASSS secret", "\x01PASS secret"])(
    "of %j do not show the password",
    (line) => {
      const conversation = new Conversation();
      conversation.lines("USER alice", line);
      expect(JSON.stringify([conversation.exchanges, conversation.notes])).not.toContain("secret");
    },
  );

  it("have the lines of a reply's text joined by LF", () => {
    const conversation = new Conversation();
    conversation.lines("SITE HELP");
    expect(conversation.exchanges.at(-1)?.reply.text).toBe("SITE commands:\n HELP\nEnd of help");
  });
});

describe("what a peer can make grow", () => {
  it.each(["EPSV", "STOR x"])("is bounded where commands wait behind %s", (command) => {
    const conversation = Conversation.loggedIn();
    if (command !== "EPSV") conversation.passive();
    conversation.lines(command);
    const line = `SIZE ${"x".repeat(1000)}\r\n`;
    let answer = "";
    for (let sent = 0; sent < 80_000 && answer === ""; sent += line.length) answer = conversation.say(line);
    expect(answer).toBe("421 Too many commands are waiting, closing control connection.\r\n");
    expect(conversation.isClosed).toBe(true);
    expect(conversation.notes.at(-1)?.event).toBe("too-many-waiting-commands");
  });

  it("does not count commands that need not wait", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.lines("STOR x");
    expect(conversation.say("NOOP\r\n".repeat(20_000))).toHaveLength("200 NOOP ok.\r\n".length * 20_000);
    expect(conversation.isClosed).toBe(false);
  });

  it("a path cannot grow by CWD into more than a path", () => {
    const conversation = Conversation.loggedIn();
    const name = "d".repeat(1000);
    const answers = Array.from({ length: 5 }, () => conversation.lines(`MKD ${name}`, `CWD ${name}`));
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual(["250", "250", "250", "250", "553"]);
  });

  it("octets before the command that wants them are held up to a mebibyte", () => {
    const conversation = Conversation.loggedIn();
    const channel = conversation.passive();
    conversation.connect();
    for (let count = 0; count < 17; count += 1) conversation.upload(new Uint8Array(64 * 1024));
    expect(conversation.closeOf(channel)).toBe("reset");
    expect(conversation.notes.at(-1)?.event).toBe("data-before-command");
    expect(conversation.lines("STOR x")).toBe("425 Use PASV or EPSV first.");
  });

  it("octets that come during a download are for nobody", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.connect();
    conversation.lines("RETR pub/1MiB.txt");
    for (let count = 0; count < 40; count += 1) expect(conversation.upload(new Uint8Array(64 * 1024))).toBe("");
    expect(conversation.drain()).toBe("226 Transfer complete.\r\n");
  });
});
