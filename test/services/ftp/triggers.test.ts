import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TRIGGERS } from "../../../services/ftp/triggers.ts";
import { type RunningHarness, start } from "../../../src/index.ts";
import { Conversation, LOCAL, makeContext } from "./conversation.ts";
import { Watched } from "./fault-client.ts";

const data = { octets: 65_536 };
const LOST = { code: 226, done: false };

describe("a trigger", () => {
  it.each<[command: string, path: string, consequence: unknown]>([
    ["RETR", "/fault/550/x", { reply: { code: 550 } }],
    ["RETR", "/fault/450/deep/x", { reply: { code: 450 } }],
    ["STOR", "/fault/553/x", { reply: { code: 553 } }],
    ["DELE", "/fault/450/x", { reply: { code: 450 } }],
    ["MKD", "/fault/521/x", { reply: { code: 521 } }],
    ["RETR", "/fault/426/x", { reply: { code: 426, after: 1000, data } }],
    ["RETR", "/fault/426-5/x", { reply: { code: 426, after: 5, data } }],
    ["RETR", "/fault/451-0/x", { reply: { code: 451, after: 0, data } }],
    ["STOR", "/fault/452/x", { reply: { code: 452, after: 0 } }],
    ["APPE", "/fault/552/x", { reply: { code: 552, after: 0 } }],
    ["DELE", "/fault/452/x", { reply: { code: 452 } }],
    ["LIST", "/fault/550", { reply: { code: 550 } }],
    ["MLSD", "/fault/426", { reply: { code: 426, after: 1000, data } }],
    ["SIZE", "/fault/426/x", { reply: { code: 213, text: "65536" } }],
    ["SIZE", "/fault/552/x", { reply: { code: 213, text: "65536" } }],
    ["SIZE", "/fault/450/x", { reply: { code: 213, text: "65536" } }],
    ["SIZE", "/fault/550/x", { reply: { code: 550 } }],
    ["MDTM", "/fault/reset/x", { reply: { code: 213, text: "20260101000000" } }],
    ["CWD", "/fault", { reply: { code: 250 } }],
    ["CWD", "/fault/550", { reply: { code: 250 } }],
    ["CWD", "/fault/reset-5", { reply: { code: 250 } }],
    ["CWD", "/fault/550/x", { reply: { code: 550 } }],
    ["RETR", "/fault/short-5/x", { reply: { data, after: 5 } }],
    ["STOR", "/fault/short/x", { reply: LOST }],
    ["RETR", "/fault/empty/x", { reply: { data: "" } }],
    ["STOR", "/fault/empty/x", { reply: LOST }],
    ["RETR", "/fault/early/x", { reply: { data, final: "early" } }],
    ["STOU", "/fault/early/x", { reply: { ...LOST, final: "early" } }],
    ["NLST", "/fault/never", { reply: { data, final: "never" } }],
    ["STOR", "/fault/never/x", { reply: { ...LOST, final: "never" } }],
    ["RETR", "/fault/slow-500/x", { reply: { data }, fault: { bandwidth: 500, on: "data" } }],
    ["RETR", "/fault/slow-0/x", { reply: { data }, fault: { bandwidth: 1, on: "data" } }],
    ["STOR", "/fault/slow/x", { reply: LOST, fault: { bandwidth: 1000, on: "data", direction: "in" } }],
    ["RETR", "/fault/delay-500/x", { reply: { data }, fault: { delay: 500 } }],
    ["STOR", "/fault/delay/x", { reply: LOST, fault: { delay: 1000 } }],
    ["RETR", "/fault/silence/x", { fault: "silence" }],
    ["STOR", "/fault/close/x", { fault: "close" }],
    ...[
      ["RETR", "/fault/550"],
      ["RETR", "/fault"],
      ["LIST", "/fault"],
      ["LIST", "/"],
      ["RETR", "/pub/fault/550/x"],
      ["RETR", "/faults/550/x"],
      ["RETR", "/fault/unknown/x"],
      ["RETR", "/fault/constructor/x"],
      ["RETR", "/fault/199/x"],
      ["RETR", "/fault/600/x"],
      ["RETR", "/fault/550-/x"],
      ["CWD", "/fault/unknown"],
      ["DELE", "/fault/reset/x"],
      ["MKD", "/fault/550"],
    ].map(([command = "", path = ""]): [string, string, unknown] => [command, path, undefined]),
  ])("of %s %s is %j", (command, path, consequence) => {
    expect(TRIGGERS.match({ command, path, user: "alice" })).toEqual(consequence);
  });

  it.each<[command: string, user: string, consequence: unknown]>([
    ["PASS", "530@fault.test", { reply: { code: 530 } }],
    ["USER", "530@fault.test", undefined],
    ["PASS", "fault-332", { reply: { code: 332 } }],
    ["PASS", "FAULT-332", { reply: { code: 332 } }],
    ["USER", "fault-421", { reply: { code: 421 } }],
    ["USER", "230@fault.test", { reply: { code: 230 } }],
    ["PASS", "230@fault.test", undefined],
    ["PASS", "reset@fault.test", { fault: "reset" }],
    ["USER", "reset@fault.test", undefined],
    ["PASS", "fault-silence", { fault: "silence" }],
    ["PWD", "530@fault.test", undefined],
    ["PASS", "530@fault.test.example", undefined],
    ["PASS", "199@fault.test", undefined],
    ["PASS", "alice", undefined],
  ])("of %s of %s is %j", (command, user, consequence) => {
    expect(TRIGGERS.match({ command, user, argument: "" })).toEqual(consequence);
  });

  it("is a rule that can be made", () => {
    for (const word of ["reset", "stall", "slow", "short", "empty", "early", "never", "delay", "silence", "close"])
      for (const command of ["RETR", "STOR", "LIST"]) {
        const consequence = TRIGGERS.match({ command, path: `/fault/${word}/x` });
        expect(() => new Conversation(makeContext(), LOCAL, [consequence])).not.toThrow();
      }
  });

  it("is asked for only where the harness was started with triggers, and after every rule", () => {
    const size = (rules: readonly unknown[], triggers: boolean) => {
      const conversation = new Conversation(makeContext(), LOCAL, rules, triggers);
      return conversation.lines("USER alice", "PASS wonderland", "SIZE /fault/426/x");
    };
    expect(size([], false)).toMatch(/^550 /);
    expect(size([], true)).toBe("213 65536");
    expect(size([{ when: { command: "SIZE" }, reply: 500 }], true)).toMatch(/^500 /);
  });
});

describe("a session with triggers", () => {
  let harness: RunningHarness<readonly ["ftp"]>;
  const open: Watched[] = [];
  beforeAll(async () => {
    harness = await start({ services: ["ftp"], triggers: true });
  });
  afterEach(() => {
    for (const { socket } of open.splice(0)) socket.destroy();
    harness.reset();
  });
  afterAll(() => harness.stop({ graceMs: 0 }));

  const dial = (port: number) => {
    const watched = new Watched(port);
    open.push(watched);
    return watched;
  };
  const UPLOAD = Buffer.alloc(5000, "upload ");

  it.each<[command: string, replies: string, data: string]>([
    ["RETR /fault/550/x", "550", "0, open"],
    ["RETR /fault/426/x", "150, 426", "1000, FIN"],
    ["RETR /fault/451-7/x", "150, 451", "7, FIN"],
    ["RETR /fault/reset-10/x", "150, 426", "10, RST"],
    ["RETR /fault/stall-10/x", "150", "10, open"],
    ["RETR /fault/slow-999999/x", "150, 226", "65536, FIN"],
    ["RETR /fault/short/x", "150, 226", "1000, FIN"],
    ["RETR /fault/empty/x", "150, 226", "0, FIN"],
    ["RETR /fault/early/x", "150, 226", "65536, FIN"],
    ["RETR /fault/never/x", "150", "65536, FIN"],
    ["RETR /fault/delay-10/x", "150, 226", "65536, FIN"],
    ["RETR /fault/silence/x", "", "0, open"],
    ["RETR /fault/close/x", "FIN", "0, FIN"],
    ["LIST /fault/450", "450", "0, open"],
    ["LIST /fault/short", "150, 226", "1000, FIN"],
    ["STOR /fault/452/x", "150, 452", "0, FIN"],
    ["STOR /fault/reset/x", "150, 426", "0, RST"],
    ["STOR /fault/empty/x", "150, 226", "0, FIN"],
    ["STOR /fault/never/x", "150", "0, FIN"],
    ["STOR /fault/delay-10/x", "150, 226", "0, FIN"],
  ])("answers %s with %j, and over the data connection: %s", async (command, replies, expected) => {
    const control = dial(harness.ftp.port);
    for (const line of ["USER alice", "PASS wonderland", "TYPE I", "EPSV"]) control.say(line);
    const place = (await control.replies(5)).at(-1)?.text;
    const data = dial(Number(/\|(\d+)\|/.exec(place ?? "")?.[1]));
    await data.connected();
    control.say(command);
    if (command.startsWith("STOR")) data.socket.end(UPLOAD);
    if (replies === "FIN") await control.ended();
    else {
      control.say("CLNT sync");
      await control.until("the reply to CLNT", () => control.text.endsWith("200 Noted.\r\n"));
    }
    const [octets = "", end] = expected.split(", ");
    if (end !== "open") await data.ended();
    await data.until(`${octets} octets`, () => data.octets.length >= Number(octets));
    expect(`${data.octets.length}, ${data.end ?? "open"}`).toBe(expected);
    const said = (await control.replies(5)).slice(5).map(({ code }) => code);
    if (control.end) said.push(control.end);
    else said.pop();
    expect(said.join(", ")).toBe(replies);
    expect(harness.journal.find({ event: "rule" })[0]?.detail).toEqual({ rule: "trigger" });
    expect(harness.world.tree.stat("/fault")).toBeUndefined();
  });
});
