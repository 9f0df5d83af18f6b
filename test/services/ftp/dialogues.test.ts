import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { VERBS } from "../../../services/ftp/verbs.ts";
import { parseDialogue } from "../../../src/dialogue/parse-dialogue.ts";

const FOLDER = join(import.meta.dirname, "../../../services/ftp/dialogues");
const SOURCES = join(FOLDER, "..");

const steps = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".txt"))
  .flatMap((file) => parseDialogue(readFileSync(join(FOLDER, file), "utf8"), file).steps);

/** The first word of every line that is sent, or expected, on the control connection. */
function firstWords(type: "send" | "expect", pattern: RegExp): Set<string> {
  const words = steps.map((step) => {
    if (step.type !== type || step.channel !== "main") return undefined;
    const [first] = step.text;
    return typeof first === "string" ? pattern.exec(first)?.[0].toUpperCase() : undefined;
  });
  return new Set(words.filter((word) => word !== undefined));
}

it("every verb is said in a dialogue", () => {
  const said = firstWords("send", /^[A-Za-z]+/);
  expect([...VERBS.keys()].filter((verb) => !said.has(verb))).toEqual([]);
});

it("every reply code is got in a dialogue", () => {
  const got = firstWords("expect", /^\d{3}/);
  // What rules answer is in their own tests.
  const isOfRules = /fault|trigger|stub|ruled|reasons/;
  const codes = readdirSync(SOURCES)
    .filter((file) => file.endsWith(".ts") && !isOfRules.test(file))
    .flatMap((file) => readFileSync(join(SOURCES, file), "utf8").match(/(?<=code: |code = .*)\d{3}\b/g) ?? []);
  expect(codes.length).toBeGreaterThan(50);
  expect([...new Set(codes)].filter((code) => !got.has(code))).toEqual([]);
});
