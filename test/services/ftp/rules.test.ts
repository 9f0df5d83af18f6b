import { describe, expect, it } from "vitest";
import { Conversation, LOCAL, makeContext } from "./conversation.ts";

const rule = (command: string, reply: unknown) => ({ when: { command }, reply });
const under = (...rules: readonly unknown[]) => Conversation.under(...rules);
/** The codes of replies. */
const codes = (replies: string) => (replies.match(/^\d{3}(?= )/gm) ?? []).map(Number);
/** A session before its login. */
const fresh = (...rules: readonly unknown[]) => new Conversation(makeContext(), LOCAL, rules);

describe("a reply by rule", () => {
  it.each<[reply: number | string | object, sent: string]>([
    [550, "550 Requested action not taken: file unavailable."],
    [299, "299 Said by a rule."],
    ["550 gone", "550 gone"],
    ["550", "550 Requested action not taken: file unavailable."],
    ["550 ", "550 "],
    ["550 one\ntwo", "550-one\r\n550 two"],
    ["550-one\n550-two\n550 three", "550-one\r\ntwo\r\n550 three"],
    [{ code: 200 }, "200 NOOP ok."],
    [{ code: 250 }, "250 Requested file action okay, completed."],
    [{ text: "another text" }, "200 another text"],
    [{ code: 211, text: ["one", "2 two", "200 three", "four"] }, "211-one\r\n2 two\r\n 200 three\r\n211 four"],
    [{ text: "grüße" }, "200 gr\xc3\xbc\xc3\x9fe"],
    [{ lines: ["200-one", "220 two", "200 three"] }, "200-one\r\n220 two\r\n200 three"],
    [{ lines: ["HTTP/1.1 400 Bad Request"] }, "HTTP/1.1 400 Bad Request"],
    [{ lineEnd: "lf", text: "one\ntwo" }, "200-one\n200 two\n"],
    [{ lineEnd: "cr" }, "200 NOOP ok.\r"],
    [{ lineEnd: "none" }, "200 NOOP ok."],
    [{ features: ["UTF8", "MLST type*;"] }, "200-Features:\r\n UTF8\r\n MLST type*;\r\n200 End"],
    [{ preliminary: 150 }, "150 File status okay; about to open data connection.\r\n200 NOOP ok."],
    [{ preliminary: "120 wait", code: 220 }, "120 wait\r\n220 Service ready for new user."],
    [{ preliminary: "none" }, "200 NOOP ok."],
    [150, "150 File status okay; about to open data connection.\r\n200 NOOP ok."],
    ["120 wait", "120 wait\r\n200 NOOP ok."],
    [{ final: "early" }, "200 NOOP ok."],
  ])("%j to NOOP is %j", (reply, sent) => {
    const isEnded = typeof reply === "object" && "lineEnd" in reply;
    expect(under(rule("NOOP", reply)).say("NOOP\r\n")).toBe(isEnded ? sent : `${sent}\r\n`);
  });

  it.each<[what: string, reply: unknown, problem: string]>([
    ["no code", 99, "a code from 100 to 999"],
    ["a code of four digits", { code: 1000 }, "at most 999"],
    ["half a code", { code: 220.5 }, "a whole number"],
    ["a word", "hello", 'a reply such as "550 No such file."'],
    ["nothing", {}, "reply.code: expected a code, or another field"],
    ["an unknown field", { cod: 550 }, 'did you mean "code"?'],
    ["a text with CR", { text: "one\r\ntwo" }, "a text without CR"],
    ["no lines", { lines: [] }, "at least one line"],
    ["an unknown line end", { lineEnd: "crlf" }, "lineEnd"],
    ["two preliminary replies", { code: 150, preliminary: 125 }, "reply.code: expected a code from 200"],
    ["a preliminary word", { preliminary: "maybe" }, "preliminary"],
    ["half an octet", { after: 0.5 }, "a whole number"],
    ["less than no octets", { data: { octets: -1 } }, "at least 0"],
    ["data and a listing", { data: "x", listing: "x" }, "reply.listing: expected data or a listing, not both"],
    ["no IPv4 address", { code: 227, address: "::1" }, "address"],
    ["no port", { code: 227, port: 65_536 }, "port"],
    ["no time", { final: "soon" }, "early, never, milliseconds"],
    ["less than no time", { final: -1 }, "early, never, milliseconds"],
    ["no size", { size: "big" }, "size"],
    ["a line with CR", "550 one\r\n550 two", 'a reply such as "550 No such file."'],
    ["a line that begins with 0", "055 no", 'a reply such as "550 No such file."'],
    ["a feature of two lines", { features: ["one\ntwo"] }, "a text of one line"],
  ])("that is %s is an error when the rule is made", (_, reply, problem) => {
    expect(() => fresh(rule("RETR", reply))).toThrow(problem);
  });

  it.each([
    [{ command: "RTER" }, 'did you mean "RETR"?'],
    [{ comand: "RETR" }, 'did you mean "command"?'],
    [{ type: "E" }, 'did you mean "A"?'],
  ])("to %j is an error, because there is no such request", (when, problem) => {
    expect(() => fresh({ when, reply: 550 })).toThrow(problem);
  });

  it("is for commands however they are written, and for those of other servers", () => {
    const conversation = under(rule("noop", 250), rule("HOST", "220 Host accepted."));
    expect([conversation.lines("NoOp"), conversation.lines("HOST example.test")]).toEqual([
      "250 Requested file action okay, completed.",
      "220 Host accepted.",
    ]);
  });
});

describe("what a positive reply says is so", () => {
  it.each<[what: string, rules: readonly unknown[], lines: readonly string[], last: RegExp]>([
    ["230 to USER logs in", [rule("USER", 230)], ["USER alice", "PWD"], /^257 /],
    ["230 to PASS logs in, whatever the password", [rule("PASS", 230)], ["USER alice", "PASS wrong", "PWD"], /^257 /],
    ["230 to PASS logs in somebody unknown", [rule("PASS", 230)], ["USER nobody", "PASS x", "MKD /x"], /^257 /],
    [
      "331 to PASS asks again",
      [{ ...rule("PASS", 331), times: 1 }],
      ["USER alice", "PASS x", "PASS wonderland"],
      /^230 /,
    ],
    ["331 to PASS logs nobody in", [rule("PASS", 331)], ["USER alice", "PASS wonderland", "PWD"], /^530 /],
    ["332 to PASS wants ACCT", [rule("PASS", 332)], ["USER alice", "PASS x", "PWD"], /^530 /],
    [
      "332 to PASS, and then ACCT",
      [rule("PASS", 332)],
      ["USER alice", "PASS x", "ACCT a"],
      /^230 User alice logged in/,
    ],
    ["230 to ACCT logs in", [rule("ACCT", 230)], ["USER alice", "ACCT a", "PWD"], /^257 /],
    [
      "331 to anonymous lets anybody be",
      [rule("USER", 331)],
      ["USER anonymous", "PASS x", "DELE readme.txt"],
      /^550 Perm/,
    ],
    ["257 before login", [rule("PWD", '257 "/"')], ["PWD"], /^257 "\/"$/],
    ["227 before login listens", [rule("PASV", 227)], ["PASV"], /^$/],
    [
      "200 to TYPE",
      [{ when: { command: "TYPE" }, reply: "200 fine" }],
      ["USER alice", "PASS wonderland", "TYPE A", "SIZE pub/hello.txt"],
      /^213 26/,
    ],
  ])("%s", (_, rules, lines, last) => {
    expect(fresh(...rules).lines(...lines)).toMatch(last);
  });

  it.each<[what: string, rules: readonly unknown[], lines: readonly string[], last: RegExp]>([
    ["250 to CWD goes where nothing is", [rule("CWD", 250)], ["CWD /none", "PWD"], /^257 "\/none"/],
    ["250 to CDUP goes up", [rule("CWD", 250), rule("CDUP", 200)], ["CWD /none/deep", "CDUP", "PWD"], /^257 "\/none"/],
    ["257 to MKD makes it", [rule("MKD", "257 made")], ["MKD /made", "CWD /made"], /^250 /],
    ["250 to DELE deletes", [rule("DELE", 250)], ["DELE readme.txt", "SIZE readme.txt"], /^550 /],
    ["350 to RNFR lets it be renamed", [rule("RNFR", 350)], ["RNFR readme.txt", "RNTO moved"], /^250 /],
    ["350 to RNFR of what is not there", [rule("RNFR", 350)], ["RNFR none", "RNTO moved"], /^553 No such/],
    ["220 to REIN logs out", [rule("REIN", 220)], ["REIN", "PWD"], /^530 /],
  ])("%s", (_, rules, lines, last) => {
    expect(under(...rules).lines(...lines)).toMatch(last);
  });

  it.each<[what: string, rules: readonly unknown[], lines: readonly string[], last: RegExp]>([
    ["550 to CWD", [rule("CWD", 550)], ["CWD /pub", "PWD"], /^257 "\/"/],
    ["550 to DELE", [rule("DELE", 550)], ["DELE readme.txt", "SIZE readme.txt"], /^213 /],
    ["504 to TYPE", [rule("TYPE", 504)], ["TYPE A", "SIZE pub/hello.txt"], /^213 25/],
    ["530 to PASS", [rule("PASS", 530)], ["USER bob", "PASS builder", "PWD"], /^530 /],
    ["530 to USER", [rule("USER", 530)], ["USER bob", "PWD"], /^257 /],
    [
      "250 to DELE that is not done",
      [rule("DELE", { code: 250, done: false })],
      ["DELE readme.txt", "SIZE readme.txt"],
      /^213 /,
    ],
    ["350 to REST that is not done", [rule("REST", { code: 350, done: false })], ["REST 4", "STAT"], /^211-/],
  ])("%s changes nothing", (_, rules, lines, last) => {
    expect(under(...rules).lines(...lines)).toMatch(last);
  });

  it("but for a negative one that is done all the same", () => {
    const conversation = under(rule("DELE", { code: 450, done: true }));
    expect(conversation.lines("DELE readme.txt")).toMatch(/^450 /);
    expect(conversation.file("/readme.txt")).toBeUndefined();
  });
});

describe("the end of the session", () => {
  it.each<[reply: unknown, command: string, isClosed: boolean]>([
    [421, "NOOP", true],
    [221, "NOOP", true],
    [{ code: 421, close: false }, "NOOP", false],
    [{ close: true }, "NOOP", true],
    [500, "QUIT", false],
    [{ text: "so long" }, "QUIT", true],
    [{ lines: ["HTTP/1.1 400 Bad Request"] }, "QUIT", true],
    [{ code: 421, final: "never" }, "NOOP", false],
  ])("by %j to %s: %s", (reply, command, isClosed) => {
    const conversation = under(rule(command, reply));
    conversation.lines(command);
    expect(conversation.isClosed).toBe(isClosed);
    expect(conversation.machine.state).toBe(isClosed ? "CLOSED" : "LOGGED-IN");
  });
});

describe("a greeting by rule", () => {
  const greeting = (reply: unknown) => fresh({ when: { phase: "greeting" }, reply });

  it("takes the place of the service's own", () => {
    expect(greeting("220 hello").greeting).toBe("220 hello\r\n");
    expect(greeting({ lineEnd: "lf" }).greeting).toBe("220 ftp.example.test FTP server (Portwright) ready.\n");
  });

  it("logs in whoever comes, if it is 230", () => {
    expect(greeting(230).lines("PWD")).toMatch(/^257 /);
  });

  it("closes if it is 421", () => {
    expect(greeting(421).isClosed).toBe(true);
  });

  it("may come late, and commands wait for it", () => {
    const conversation = greeting({ code: 120, text: "wait", final: "2s" });
    expect(conversation.greeting).toBe("120 wait\r\n");
    expect(conversation.outputs).toContainEqual({ do: "timer", name: "late-reply", ms: 2000 });
    expect(conversation.say("NOOP\r\n")).toBe("");
    expect(codes(conversation.tell({ type: "timer", name: "late-reply" }))).toEqual([220, 200]);
  });

  it("may never come", () => {
    expect(greeting({ code: 120, text: "wait", final: "never" }).greeting).toBe("120 wait\r\n");
  });

  it("that waits gives way to the goodbye", () => {
    const conversation = greeting({ final: 1000 });
    expect(conversation.tell({ type: "shutdown", reason: "stopping" })).toMatch(/^421 /);
    expect(conversation.tell({ type: "timer", name: "late-reply" })).toBe("");
  });

  it("may suffer faults, and be left out", () => {
    const delayed = fresh({ when: { phase: "greeting" }, fault: { delay: 5 } });
    expect(delayed.outputs[0]).toMatchObject({ do: "fault", faults: [{ effects: { delayMs: 5 } }] });
    expect(delayed.greeting).toMatch(/^220 /);
  });
});

describe("rules are asked", () => {
  it("once about every command, in the order in which they are taken up", () => {
    const conversation = fresh();
    const made = conversation.rules.add({ when: { command: /^/ }, fault: { delay: 0 } });
    conversation.say(`NOPE a\r\nUSER alice\r\nPASS wonderland\r\n12345\r\n${"x".repeat(5000)}\r\nEPSV\r\nNOOP\r\n`);
    expect(made.count).toBe(6);
    conversation.listening();
    conversation.say("RETR pub/hello.txt\r\nSTAT\r\nPWD\r\n");
    expect(made.count).toBe(9);
    conversation.connect();
    conversation.drain();
    const commands = ["NOPE", "USER", "PASS", "", "", "EPSV", "NOOP", "RETR", "STAT", "PWD"];
    expect(made.seen.map(({ command }) => command)).toEqual(commands);
    expect(made.seen[2]?.argument).toBe("<redacted>");
    const requests = conversation.exchanges.map(({ request }) => request);
    expect(new Set(requests)).toEqual(new Set(made.seen));
    expect(made.seen.every((seen) => requests.includes(seen))).toBe(true);
    expect(conversation.outputs.filter((output) => output.do === "fault")).toHaveLength(10);
  });

  it("before anything is changed, and a command that is not answered is not carried out", () => {
    const conversation = under({ when: { command: "DELE" }, fault: "silence" });
    expect(conversation.say("DELE readme.txt\r\nNOOP\r\n")).toBe("200 NOOP ok.\r\n");
    expect(conversation.file("/readme.txt")).toBeDefined();
    expect(conversation.exchanges.at(-2)).toMatchObject({ request: { command: "DELE" }, reply: {} });
  });

  it("and their faults begin with the first octet of the reply", () => {
    const conversation = under({ when: { command: ["EPSV", "RETR"] }, fault: { latency: 5 } });
    conversation.passive();
    conversation.lines("RETR pub/hello.txt");
    conversation.connect();
    conversation.drain();
    const done = conversation.outputs.slice(6).map((output) => output.do);
    const passive = ["listen", "fault", "send", "exchange"];
    const retrieved = ["fault", "send", "timer", "timer", "send", "pull", "close", "send", "exchange"];
    expect(done.slice(done.indexOf("listen"))).toEqual([...passive, ...retrieved]);
  });
});

describe("a reply that comes late", () => {
  it("lets commands wait", () => {
    const conversation = under({ ...rule("PWD", { final: "500ms" }), times: 1 });
    expect(conversation.say("PWD\r\nNOOP\r\n")).toBe("");
    expect(conversation.outputs.at(-1)).toEqual({ do: "timer", name: "late-reply", ms: 500 });
    expect(codes(conversation.tell({ type: "timer", name: "late-reply" }))).toEqual([257, 200]);
  });

  it("gives way to the goodbye", () => {
    const conversation = under(rule("PWD", { final: 500 }));
    conversation.lines("PWD");
    expect(conversation.tell({ type: "idle" })).toMatch(/^421 Idle/);
    expect(conversation.exchanges.at(-1)).toMatchObject({ request: { command: "PWD" }, reply: { code: 421 } });
  });

  it("still comes to a client that has half-closed", () => {
    const conversation = under(rule("PWD", { final: 500 }));
    conversation.lines("PWD");
    expect(conversation.tell({ type: "end" })).toBe("");
    expect(conversation.isClosed).toBe(false);
    expect(codes(conversation.tell({ type: "timer", name: "late-reply" }))).toEqual([257]);
    expect(conversation.isClosed).toBe(true);
  });
});

describe("the reply to PASV and EPSV", () => {
  it.each<[command: string, reply: unknown, sent: string]>([
    ["PASV", { address: "10.0.0.1", port: 1 }, "227 Entering Passive Mode (10,0,0,1,0,1)."],
    ["PASV", { port: 65_535 }, "227 Entering Passive Mode (127,0,0,1,255,255)."],
    ["PASV", { text: "{numbers} {address} {port} {other}" }, "227 127,0,0,1,195,80 127.0.0.1 50000 {other}"],
    ["PASV", { lines: ["227 see {port}"] }, "227 see 50000"],
    ["EPSV", { address: "10.0.0.1" }, "229 Entering Extended Passive Mode (|1|10.0.0.1|50000|)"],
    ["EPSV", { port: 7 }, "229 Entering Extended Passive Mode (|||7|)"],
    ["EPSV", 227, "227 Entering Passive Mode (127,0,0,1,195,80)."],
    ["PASV", "229 ({port})", "229 (50000)"],
    ["EPSV", 200, "200 Command okay."],
    ["EPSV 9", 229, "229 Entering Extended Passive Mode (|||50000|)"],
  ])("%s under %j is %j", (command, reply, sent) => {
    const conversation = under(rule(command.slice(0, 4), reply));
    expect(conversation.lines(command)).toBe("");
    expect(conversation.listening()).toBe(`${sent}\r\n`);
  });

  it("may give a port where nobody listens", () => {
    const conversation = under(rule("EPSV", { port: "closed" }));
    const channel = conversation.passive();
    expect(conversation.closeOf(channel)).toBe("end");
    expect(codes(conversation.lines("RETR pub/hello.txt"))).toEqual([150]);
    expect(codes(conversation.tell({ type: "timer", name: "data-connection" }))).toEqual([425]);
  });

  it("is the service's own if there is no port to be had", () => {
    const conversation = under(rule("EPSV", 229));
    conversation.lines("EPSV");
    expect(conversation.tell({ type: "refused", channel: conversation.channel, reason: "EMFILE" })).toMatch(/^425 /);
  });

  it("has no address of its own on IPv6", () => {
    const conversation = new Conversation(makeContext(), { ...LOCAL, address: "::1" }, [rule("PASV", 227)]);
    conversation.lines("PASV");
    expect(conversation.listening("::1")).toBe("227 Entering Passive Mode (0,0,0,0,195,80).\r\n");
  });
});

describe("a transfer by rule", () => {
  /** The codes of a download, and its octets. */
  const retrieve = (reply: unknown, command = "RETR pub/hello.txt", before: readonly string[] = []) => {
    const conversation = under(rule(command.slice(0, 4), reply));
    conversation.passive();
    conversation.connect();
    conversation.lines(...before, "NOOP");
    const said = conversation.say(`${command}\r\n`) + conversation.drain();
    return [codes(said).join(" "), Buffer.from(conversation.sent()).toString()];
  };

  it.each<[reply: unknown, codes: string, octets: string]>([
    [226, "150 226", "Hello from example.test.\n"],
    [{ code: 250 }, "150 250", "Hello from example.test.\n"],
    [{ after: 5 }, "150 226", "Hello"],
    [{ after: 0 }, "150 226", ""],
    [{ after: 25, code: 451 }, "150 451", "Hello from example.test.\n"],
    [{ after: 26, code: 451 }, "150 226", "Hello from example.test.\n"],
    [{ data: "other" }, "150 226", "other"],
    [{ data: Uint8Array.of(0x68, 0x69) }, "150 226", "hi"],
    [{ data: { octets: 20 } }, "150 226", "00000000 ......\n0000"],
    [{ data: { octets: 0 } }, "150 226", ""],
    [{ done: true, code: 450 }, "150 450", "Hello from example.test.\n"],
    [350, "350", ""],
    [{ final: "never", text: "never said" }, "150", "Hello from example.test.\n"],
    [{ lines: ["226-done", "226 really"] }, "150 226", "Hello from example.test.\n"],
  ])("RETR under %j is %j with %j", (reply, said, octets) => {
    expect(retrieve(reply)).toEqual([said, octets]);
  });

  it("brings a file that is not there, from a marker on", () => {
    const [said, octets = ""] = retrieve(226, "RETR none", ["REST 65520"]);
    expect([said, octets]).toEqual(["150 226", "00065520 ......\n"]);
    expect(retrieve({ data: "short" }, "RETR none", ["REST 999"])).toEqual(["150 226", ""]);
  });

  it("lists a directory that is not there", () => {
    expect(retrieve(226, "LIST none")).toEqual(["150 226", ""]);
    expect(retrieve(226, "MLSD none")).toEqual(["150 226", ""]);
    expect(retrieve({ listing: "a\nb" }, "NLST none")).toEqual(["150 226", "a\r\nb\r\n"]);
    expect(retrieve({ listing: ["a", ""] }, "NLST none")).toEqual(["150 226", "a\r\n\r\n"]);
  });

  it("needs a data connection, unless it is to fail for want of one", () => {
    expect(under(rule("RETR", 226)).lines("RETR pub/hello.txt")).toBe("425 Use PASV or EPSV first.");
    expect(under(rule("RETR", "550 no")).lines("RETR pub/hello.txt")).toBe("550 no");
  });

  it("waits for its data connection as any other", () => {
    const conversation = under(rule("RETR", 226));
    conversation.passive();
    conversation.lines("RETR pub/hello.txt");
    expect(codes(conversation.tell({ type: "timer", name: "data-connection" }))).toEqual([425]);
  });

  it("needs a login if the rule gives no code", () => {
    expect(fresh(rule("RETR", { data: "x" })).lines("RETR x")).toMatch(/^530 /);
    expect(fresh(rule("RETR", { data: "x", code: 226 })).lines("RETR x")).toMatch(/^425 /);
  });

  it("that is aborted ends with the rule's code", () => {
    const conversation = under(rule("RETR", { preliminary: 150, code: 451, text: "by rule" }));
    conversation.passive();
    conversation.lines("RETR pub/hello.txt");
    expect(codes(conversation.say("ABOR\r\n"))).toEqual([451, 226]);
  });

  it("goes on if ABOR is refused", () => {
    const conversation = under(rule("ABOR", 502));
    conversation.passive();
    conversation.lines("RETR pub/hello.txt");
    expect(codes(conversation.say("ABOR\r\n"))).toEqual([502]);
    expect(conversation.machine.state).toBe("TRANSFER");
  });

  it.each([{ preliminary: 150, code: 451 }, { final: "early" }, { final: "never" }, { final: 500 }])(
    "gives way to the goodbye under %j",
    (reply) => {
      const conversation = under(rule("RETR", reply));
      conversation.passive();
      conversation.lines("RETR pub/hello.txt");
      expect(conversation.tell({ type: "idle" })).toBe("421 Idle timeout, closing control connection.\r\n");
      expect(conversation.isClosed).toBe(true);
      expect(conversation.exchanges.at(-1)).toMatchObject({ request: { command: "RETR" }, reply: { code: 421 } });
    },
  );

  it.each<[reply: unknown, said: string, stored: string | undefined]>([
    [226, "226", "upload"],
    [{ after: 3 }, "226", "upl"],
    [{ after: 3, code: 552 }, "552", undefined],
    [{ after: 3, code: 552, done: true }, "552", "upl"],
    [{ after: 6, code: 552 }, "552", undefined],
    [{ after: 7, code: 552 }, "226", "upload"],
    [{ after: 7, done: false }, "226", "upload"],
    [{ done: false }, "226", undefined],
    [{ preliminary: 150, code: 552 }, "552", undefined],
    [{ final: "never" }, "", "upload"],
  ])("STOR under %j says %j and stores %j", (reply, said, stored) => {
    for (const pieces of [["upload"], ["u", "p", "l", "o", "a", "d"]]) {
      const conversation = under(rule("STOR", reply));
      conversation.passive();
      conversation.connect();
      let answer = conversation.say("STOR x\r\n");
      for (const piece of pieces) answer += conversation.upload(piece);
      answer += conversation.end();
      expect(codes(answer).join(" ")).toBe(`150 ${said}`.trim());
      expect(conversation.file("/x")).toBe(stored);
    }
  });

  it("stores where there is no directory as little as any other, whatever it says", () => {
    const conversation = under(rule("STOR", 226));
    expect(conversation.store("STOR none/x", "upload")).toBe("226 Closing data connection.");
  });

  it("is recorded with what was said and how much was moved", () => {
    const conversation = under(rule("RETR", { after: 5, code: 426, text: "gone" }));
    conversation.retrieve("RETR pub/hello.txt");
    expect(conversation.exchanges.at(-1)?.reply).toEqual({ code: 426, text: "gone", octets: 5 });
    const early = under(rule("RETR", { final: "early", text: "soon" }));
    early.passive();
    early.connect();
    expect(codes(early.say("RETR pub/hello.txt\r\n"))).toEqual([150, 226]);
    expect(early.drain()).toBe("");
    expect(early.exchanges.at(-1)?.reply).toEqual({ code: 226, text: "soon", octets: 25 });
  });
});
