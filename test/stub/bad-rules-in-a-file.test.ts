import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/read-config.ts";
import { check } from "../config/fixture.ts";
import { mistakeOf } from "./fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "bad-rules-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is said of a file; its folder is left out. */
async function told(name: string, text: string): Promise<{ readonly code: string; readonly message: string }> {
  const path = join(folder, name);
  writeFileSync(path, text);
  const { value, locate } = await readConfig(path);
  const { code, message } = mistakeOf(() => check(value, locate));
  return { code, message: message.replaceAll(relative(process.cwd(), path), name).replaceAll(path, name) };
}

/** Lines 1 to 4; the rule is the second of its service, and begins on line 5. */
const HEAD = "services:\n  SERVICE:\n    rules:\n      - { fault: reset }\n";

describe("a bad rule in a YAML file is told with its place and line", () => {
  it.each<[string, string, string]>([
    ["smtp", "- { whne: {}, reply: 250 }", 'whne: unknown key, did you mean "when"? (LINE 5)'],
    [
      "smtp",
      "- when:\n    comand: RCPT\n  reply: 250",
      'when.comand: unknown field of smtp\'s requests, did you mean "command"? (LINE 6)',
    ],
    [
      "smtp",
      "- reply: 250\n  when:\n    command:\n      - RCPT\n      - MIAL",
      'when.command[1]: no request has "MIAL" here; did you mean "MAIL"? (LINE 9)',
    ],
    [
      "smtp",
      "- when: { command: RCPT }",
      "nothing would come of a match: it needs a reply, a fault, a hold or a sequence (LINE 5)",
    ],
    ["smtp", "- fault: rest", 'fault: unknown fault "rest", did you mean "reset"? (LINE 5)'],
    ["smtp", "- fault:\n    reset:\n      afer: 5", 'fault.reset.afer: unknown key, did you mean "after"? (LINE 7)'],
    ["smtp", "- fault: reset\n  times: none", 'times: expected a whole number from 1, got "none" (LINE 6)'],
    [
      "smtp",
      "- fault: reset\n  for:",
      'for: expected up to 24 days, as milliseconds or a text such as "50ms", "2s" or "10m", got null (LINE 6)',
    ],
    ["smtp", "- when:\n  reply: 250", "when: expected a map, got null (LINE 5)"],
    ["smtp", "- reply:\n    code: 250\n    txt: Ok", 'reply.txt: unknown key, did you mean "text"? (LINE 7)'],
    [
      "smtp",
      "- sequence:\n    - reply: 250\n    - reply: 250\n      tiems: 2",
      "sequence[1].tiems: unknown key; known are reply, fault, hold (LINE 8)",
    ],
    [
      "smtp",
      "- when: { phase: instead }\n  sequence:\n    - fault: reset\n    - fault: { delay: 5s }",
      "when.phase: instead of the reply nothing would be sent, so there is nothing to change; use before-reply (LINE 5)",
    ],
    [
      "smtp",
      "- { __proto__: 1, reply: 250 }",
      "__proto__: unknown key; known are name, when, reply, fault, hold, sequence, repeat, times, every, chance, for (LINE 5)",
    ],
    ["smtp", "- reset", 'expected a map, got "reset" (LINE 5)'],
    ["smtp", "-", "expected a map, got null (LINE 5)"],
    [
      "http",
      "- when:\n    headers:\n      accept: 5\n  reply: 200",
      'when.headers.accept: the field is a text; write "5" (LINE 7)',
    ],
    [
      "dns",
      "- when: { transport: tcp }\n  fault:\n    - reset\n    - duplicate",
      "fault[1]: duplicate is for datagrams, and the rule is about tcp (LINE 8)",
    ],
    ["ssh", "- reply:\n    reason: TOO_MANY", "reply.reason: expected a number or one of ..."],
    ["time", "- reply: noon", "reply: expected seconds since 1900, ..."],
  ])("%s %s", async (service, rule, problem) => {
    const indented = rule.replace(/^/gm, "      ");
    const { code, message } = await told("a.yaml", `${HEAD.replace("SERVICE", service)}${indented}\n`);
    expect(code).toBe("RULE_INVALID");
    const isRoot = /^(?:nothing would|expected a map)/.test(problem);
    const place = `services.${service}.rules[1]${isRoot ? ": " : "."}`;
    const expected = place + problem.replace("LINE ", "a.yaml:");
    if (expected.endsWith("...")) expect(message.startsWith(expected.slice(0, -3)), message).toBe(true);
    else expect(message).toBe(expected);
  });
});

describe("a bad rule elsewhere is told with its place", () => {
  it("in a JSON file, with its line", async () => {
    const text =
      '{\n  "services": {\n    "smtp": {\n      "rules": [\n        { "reply": 250, "time": 2 }\n      ]\n    }\n  }\n}\n';
    expect((await told("b.json", text)).message).toBe(
      'services.smtp.rules[0].time: unknown key, did you mean "times"? (b.json:5)',
    );
  });

  it("in a second instance of a service, by that instance's name", async () => {
    const text =
      "services:\n  backup:\n    service: smtp\n    port: 0\n    rules:\n      - { when: { verb: x }, fault: reset }\n";
    expect((await told("c.yaml", text)).message).toMatch(
      /^services\.backup\.rules\[0\]\.when\.verb: unknown field of smtp's requests; .* \(c\.yaml:6\)$/,
    );
  });

  it("in a document that is no file, without a line", () => {
    const document = { services: { smtp: { rules: [{ fault: "rest" }] } } };
    expect(mistakeOf(() => check(document)).message).toBe(
      'services.smtp.rules[0].fault: unknown fault "rest", did you mean "reset"?',
    );
  });
});
