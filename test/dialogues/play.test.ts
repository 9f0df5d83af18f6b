import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { loadFixtures } from "../../fixtures/load.ts";
import { echo } from "../../services/echo/index.ts";
import type { Input, Output } from "../../src/contract/machine.ts";
import type { Service } from "../../src/contract/service.ts";
import { parseDialogue } from "../../src/dialogue/parse-dialogue.ts";
import { rehearse } from "../../src/dialogue/rehearse.ts";
import { writeDialogue } from "../../src/dialogue/write-dialogue.ts";
import { fromLatin1, toLatin1 } from "../../src/wire/bytes.ts";
import { LineReader } from "../../src/wire/line-reader.ts";

const line = (text: string, channel?: string): Output => ({
  do: "send",
  bytes: fromLatin1(`${text}\r\n`),
  ...(channel ? { channel } : {}),
});

/** What the service below answers to each word. */
const ANSWERS: { readonly [word: string]: (now: number) => readonly Output[] } = {
  HELLO: () => [line("200 hello {you}")],
  TWO: () => [line("201 one"), line("202 two")],
  LATE: () => [{ do: "pull" }],
  BYE: () => [line("221 bye"), { do: "close", how: "end" }],
  RESET: () => [{ do: "close", how: "reset" }],
  PASV: () => [{ do: "listen", channel: "data" }],
  DATA: () => [line("contents", "data"), { do: "close", how: "end", channel: "data" }, line("226 done")],
  TIME: (now) => [line(new Date(now).toISOString())],
};

/** A line protocol with everything that a dialogue can show. */
const words: Service = {
  ...(echo as unknown as Service),
  name: "words",
  options: v.strictObject({}),
  machine: () => {
    const lines = new LineReader(100);
    function* handle(input: Input): Iterable<Output> {
      if (input.type === "listening") yield line(`227 port ${input.local.port}`);
      if (input.type === "pull") yield line("203 late");
      if (input.type === "end" && input.channel === undefined) yield { do: "close", how: "end" };
      if (input.type !== "data" || input.channel !== undefined) return;
      lines.push(input.bytes);
      for (let next = lines.next(); next?.type === "line"; next = lines.next()) {
        yield* ANSWERS[toLatin1(next.bytes)]?.(input.now) ?? [line("500 what?")];
      }
    }
    return { state: "READY", handle };
  },
};

const play = (text: string, pieces: "whole" | "octets" = "whole") =>
  rehearse(parseDialogue(`service: words\n${text}`, "a.txt"), words, loadFixtures(), { pieces });

const GOOD = `
C: HELLO
S: 200 hello \\{{who}}
C: TWO
C: LATE
S: 201 {*}
S| 202
S:  two
S: 203 late
C: PASV
S: 227 port {p}
CD@ {p}
C: DATA
SD: contents
SD.
CD.
S: 226 done
C: TIME
S: 2026-01-01T00:00:00.000Z
~ 90s
C: TIME
S: 2026-01-01T00:01:30.000Z
C: BYE
S: 221 bye
S.
`;

describe("playing a dialogue", () => {
  it.each(["whole", "octets"] as const)(
    "goes through when all is as written, the client's octets in pieces: %s",
    async (pieces) => {
      await play(GOOD, pieces);
    },
  );

  it.each<[string, string, string]>([
    [
      "another answer",
      "C: HELLO\nS: 200 hi\n",
      "a.txt:3: expected\n  200 hi\\r\\n\nbut there came\n  200 hello {you}\\r\\n",
    ],
    ["no answer", "C| HEL\nS: 200 hi\n", "a.txt:3: expected\n  200 hi\\r\\n\nbut there came\n  (nothing)"],
    [
      "more than is written",
      "C: TWO\nS: 201 one\n",
      "a.txt:3: expected\n  nothing more\nbut there came\n  202 two\\r\\n",
    ],
    ["more, and late", "C: LATE\n", "a.txt:2: expected\n  nothing more\nbut there came\n  203 late\\r\\n"],
    [
      "an end that is not written",
      "C: BYE\nS: 221 bye\n",
      "a.txt:3: expected\n  the connection stays open\nbut there came\n  the service closes",
    ],
    [
      "an end that does not come",
      "C: HELLO\nS: 200 {*}\nS.\n",
      "a.txt:4: expected\n  the service closes\nbut there came\n  it is open; (nothing)",
    ],
    [
      "words before the end",
      "C: BYE\nS.\n",
      "a.txt:3: expected\n  the service closes\nbut there came\n  221 bye\\r\\n",
    ],
    [
      "a reset for an end",
      "C: RESET\nS.\n",
      "a.txt:3: expected\n  the service closes\nbut there came\n  it reset the connection",
    ],
    [
      "an end for a reset",
      "C: BYE\nS: 221 bye\nS!\n",
      "a.txt:4: expected\n  the service resets\nbut there came\n  it closed with FIN",
    ],
    [
      "another value for a name",
      "C: HELLO\nS: 200 {a} {a}\n",
      "a.txt:3: expected\n  200 {a} {a}\\r\\n\nbut there came\n  200 hello {you}\\r\\n",
    ],
    [
      "a name that nothing bound",
      "C: {who}\n",
      "a.txt:2: expected\n  {who} bound by an earlier line\nbut there came\n  it is not",
    ],
    [
      "no data connection",
      "CD: x\n",
      "a.txt:2: expected\n  a data connection\nbut there came\n  no CD@ line came before",
    ],
    ["no notation", "C= x\n", "a.txt:2: expected\n  a service with a notation\nbut there came\n  words has none"],
  ])("tells of %s, with its line", async (_, text, message) => {
    await expect(play(text)).rejects.toMatchObject({ code: "DIALOGUE_DIFFERS", message });
  });

  it("tells when nothing listens at a data port", async () => {
    await expect(play("CD@ 5\nC: HELLO\n")).rejects.toThrow("nothing listens on the data port 5");
  });

  it("is written back from the journal, and the copy goes through too", async () => {
    const journal = await play(GOOD, "octets");
    const written = writeDialogue(journal.find(), { service: "words" });
    expect(written).toContain("clock: 2026-01-01T00:00:00.000Z\n\nC: HELLO\nS: 200 hello \\{you}\n");
    expect(written).toContain("~ 90000ms\n");
    await rehearse(parseDialogue(written, "copy"), words, loadFixtures(), { pieces: "whole" });
  });
});
