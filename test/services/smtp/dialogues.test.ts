import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { REPLIES } from "../../../services/smtp/reply.ts";
import { siteOf } from "../../../services/smtp/site.ts";
import { VERBS } from "../../../services/smtp/verbs.ts";
import { parseDialogue } from "../../../src/dialogue/parse-dialogue.ts";
import { makeContext } from "./conversation.ts";

const FOLDER = join(import.meta.dirname, "../../../services/smtp/dialogues");

/** What only a rule brings about: a greeting that refuses, a challenge. */
const BY_RULE = ["noService", "cancelled"];
/** What no dialogue can bring about: the world's own limits, names that are not ASCII, and the harness itself. */
const OUT_OF_REACH = new Set<string>(["noMoreMailboxes", "cannotShow", "stopping", "tooManySessions", ...BY_RULE]);

const steps = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".txt"))
  .flatMap((file) => parseDialogue(readFileSync(join(FOLDER, file), "utf8"), file).steps);

function linesOf(type: "send" | "expect"): string[] {
  return steps.flatMap((step) => (step.type === type && "text" in step ? step.text.join("").split("\r\n") : []));
}

it("every verb is said in a dialogue", () => {
  const said = new Set(linesOf("send").map((line) => line.split(" ")[0]?.toUpperCase()));
  const missing = [...VERBS.keys()].filter((verb) => !said.has(verb));
  expect(missing).toEqual([]);
});

it("every reply is got in a dialogue", () => {
  const got = new Set(linesOf("expect"));
  const { context, keywords, ...site } = siteOf(makeContext());
  const missing = Object.entries({ ...REPLIES, ...site })
    .filter(([name]) => !OUT_OF_REACH.has(name))
    .filter(([, { octets }]) => !got.has(Buffer.from(octets).toString("latin1").split("\r\n")[0] ?? ""));
  expect(missing.map(([name]) => name)).toEqual([]);
});
