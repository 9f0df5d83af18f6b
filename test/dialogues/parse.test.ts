import { describe, expect, it } from "vitest";
import { parseDialogue } from "../../src/dialogue/parse-dialogue.ts";

const parse = (...lines: string[]) => parseDialogue(["service: smtp", ...lines].join("\n"), "a.txt");

describe("a dialogue file", () => {
  it("has headers, comments and steps", () => {
    const dialogue = parse(
      "# RFC 5321 appendix D.1",
      "transport: udp",
      'options: {"banner": "x"}',
      "clock: 2026-06-01T12:00:00Z",
      "",
      "S: 220 {host} ready",
      "C: QUIT",
      "S.",
    );
    expect(dialogue).toMatchObject({
      source: "a.txt",
      service: "smtp",
      transport: "udp",
      options: { banner: "x" },
      clock: Date.UTC(2026, 5, 1, 12),
      onlyMachine: false,
    });
    expect(dialogue.steps).toEqual([
      { line: 7, type: "expect", channel: "main", text: ["220 ", { name: "host" }, " ready"], newline: true },
      { line: 8, type: "send", channel: "main", text: ["QUIT"], newline: true },
      { line: 9, type: "expect-end", channel: "main" },
    ]);
  });

  it("has defaults: TCP, no options, the first day of 2026", () => {
    expect(parse("C: x")).toMatchObject({
      transport: "tcp",
      options: {},
      clock: Date.UTC(2026, 0, 1),
      onlyMachine: false,
    });
  });

  it.each<[string, object]>([
    ["C: hello", { type: "send", text: ["hello"], newline: true }],
    ["C:hello", { type: "send", text: ["hello"], newline: true }],
    ["C:  two spaces", { type: "send", text: [" two spaces"], newline: true }],
    ["C:", { type: "send", text: [], newline: true }],
    ["C| raw", { type: "send", text: ["raw"], newline: false }],
    ["C| \\r\\n\\t\\0\\x7f\\xFF\\\\\\{x}", { type: "send", text: ["\r\n\t\0\x7f\xff\\{x}"] }],
    ["C: caf\u00e9", { type: "send", text: ["caf\u00e9"] }],
    ["C: \u20ac", { type: "send", text: ["\u00e2\u0082\u00ac"] }],
    ["C= www A", { type: "send-message", text: "www A" }],
    ["C.", { type: "end", channel: "main" }],
    ["S= ; NOERROR", { type: "expect-message", text: "; NOERROR" }],
    ["S!", { type: "expect-reset" }],
    ["S: {*}{a1}{a1}", { type: "expect", text: [{ name: "*" }, { name: "a1" }, { name: "a1" }] }],
    ["S: {Not} {a b} {", { type: "expect", text: ["{Not} {a b} {"] }],
    ["CD@ {p1},{p2}", { type: "connect", to: "{p1},{p2}" }],
    ["CD| x", { type: "send", channel: "data" }],
    ["SD.", { type: "expect-end", channel: "data" }],
    ["~ 5m", { type: "pass", ms: 300_000 }],
    ["~ 20ms", { type: "pass", ms: 20 }],
  ])("%j is a step", (line, step) => {
    expect(parse(line).steps).toMatchObject([{ line: 2, ...step }]);
  });

  it.each([
    ["only: machine", true],
    ["~ 1s", true],
    ["C: x", false],
  ])("with %j is for the machine only: %s", (line, expected) => {
    expect(parse(line, "C: y").onlyMachine).toBe(expected);
  });

  it.each<[string[], string]>([
    [["hello"], 'a.txt:2: expected "C: ...", "S: ..." or "# ...", found "hello"'],
    [["C: x", "transport: tcp"], 'a.txt:3: expected "C: ...", "S: ..." or "# ...", found "transport: tcp"'],
    [["optins: {}"], "a.txt:2: unknown header optins; there are service, transport, options, clock, only"],
    [["transport: sctp"], 'a.txt:2: transport: "sctp" means nothing'],
    [["clock: yesterday"], 'a.txt:2: clock: "yesterday" means nothing'],
    [["options: []"], 'a.txt:2: options: "[]" means nothing'],
    [["only: sockets"], 'a.txt:2: only: "sockets" means nothing'],
    [["C!"], "a.txt:2: C! means nothing"],
    [["S@ 5"], "a.txt:2: S@ means nothing"],
    [["~ soon"], "a.txt:2: expected a time such as ~ 5m"],
    [["", "C: \\q"], "a.txt:3: unknown escape \\q"],
    [["C: \\x4"], "a.txt:2: unknown escape \\x"],
  ])("with %j is told where it is wrong", (lines, message) => {
    expect(() => parse(...lines)).toThrow(expect.objectContaining({ code: "DIALOGUE_MALFORMED", message }));
  });

  it("without its service is told so", () => {
    expect(() => parseDialogue("C: x\n", "a.txt")).toThrow('a.txt:1: the header "service: NAME" is missing');
  });
});
