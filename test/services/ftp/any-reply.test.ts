import { expect, it } from "vitest";
import { PortwrightError } from "../../../src/errors.ts";
import { seededRandom } from "../../../src/world/random.ts";
import { pick } from "../../fuzz/inputs.ts";
import { Conversation, LOCAL, makeContext } from "./conversation.ts";

const ROUNDS = 2000;
const TEXTS = [
  "",
  "text",
  "{port}",
  "a\nb",
  "a\r\nb",
  "ü",
  "\0",
  "x".repeat(3000),
  "550 no",
  "150",
  "none",
  "early",
  "2s",
];
const NUMBERS = [-1, 0, 0.5, 7, 99, 100, 125, 150, 200, 226, 331, 421, 425, 426, 550, 999, 1000, 65_535, 65_536, 1e20];
const VALUES: readonly unknown[] = [
  ...TEXTS,
  ...NUMBERS,
  ...[true, false, null, undefined, [], {}, ["a", "b"], { octets: 5 }, { octets: 1e12 }, Uint8Array.of(1, 2, 255)],
  ...["10.0.0.1", "::1", "closed", "never", "lf", "cr", Number.NaN, [1], ["a\r\n"]],
];
const FIELDS = [
  "code",
  "text",
  "lines",
  "lineEnd",
  "close",
  "done",
  "preliminary",
  "final",
  "after",
  "data",
  "listing",
];
const MORE_FIELDS = ["size", "address", "port", "features", "other"];
const COMMANDS = [
  "USER alice",
  "PASS wonderland",
  "EPSV",
  "RETR pub/hello.txt",
  "PASV",
  "LIST",
  "EPSV",
  "STOR x",
  "PWD",
];

it("whatever is written as a reply cannot be, or is sent", () => {
  let made = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const random = seededRandom(round);
    const count = Math.floor(random() * 4);
    const names = Array.from({ length: count }, () => pick(random, [...FIELDS, ...MORE_FIELDS]));
    const reply =
      count === 0 ? pick(random, VALUES) : Object.fromEntries(names.map((name) => [name, pick(random, VALUES)]));
    const rule = { reply, ...(random() < 0.2 ? { when: { phase: "greeting" } } : {}) };
    const shown = `round ${round}: ${JSON.stringify(rule)}`;
    let conversation: Conversation;
    try {
      conversation = new Conversation(makeContext(), LOCAL, [rule]);
    } catch (error) {
      expect(error, shown).toBeInstanceOf(PortwrightError);
      expect((error as PortwrightError).code, shown).toBe("RULE_INVALID");
      expect((error as PortwrightError).message, shown).toMatch(/^ftp\.stub/);
      continue;
    }
    made += 1;
    for (const line of COMMANDS) {
      conversation.lines(line);
      if (!conversation.outputs.some((output) => output.do === "listen")) continue;
      conversation.listening();
      conversation.connect();
      for (let pulls = 0; pulls < 20; pulls += 1) conversation.tell({ type: "pull", channel: conversation.channel });
      conversation.upload("upload");
      conversation.end();
      conversation.tell({ type: "timer", name: "late-reply" });
      conversation.break();
    }
    conversation.tell({ type: "shutdown", reason: "stopping" });
    expect(conversation.isClosed, shown).toBe(true);
    const requests = conversation.exchanges.map(({ request }) => request);
    expect(new Set(requests).size, shown).toBe(requests.length);
  }
  expect(made).toBeGreaterThan(ROUNDS / 8);
});
