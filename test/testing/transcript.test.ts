import { describe, expect, it } from "vitest";
import { ftp } from "../../services/ftp/index.ts";
import { http } from "../../services/http/index.ts";
import { transcriptOf } from "../../src/testing/transcript.ts";
import { withoutSecretOctets } from "../../src/testing/without-secrets.ts";
import { fromLatin1, toLatin1 } from "../../src/wire/bytes.ts";
import { journalOf, receive, sessionOf } from "../journal/fixture.ts";

describe("octets that are shown", () => {
  const shown = (service: "ftp" | "http", pieces: readonly (string | { [field: string]: string })[]) => {
    const journal = journalOf();
    const session = sessionOf(journal, service);
    for (const piece of pieces) {
      if (typeof piece !== "string") journal.exchange(session, 0, piece, {});
      else if (piece.startsWith("<")) journal.sent(session, 0, fromLatin1(piece.slice(1)));
      else receive(journal, session, piece);
    }
    return withoutSecretOctets(journal.find(), { ftp, http }[service])
      .map((entry) => ("bytes" in entry ? toLatin1(entry.bytes) : ""))
      .join("");
  };

  it.each([
    ["a password", "ftp", ["PASS wonderland\r\n", { command: "PASS", argument: "<redacted>" }], "PASS <redacted>\r\n"],
    [
      "one in pieces, in small letters",
      "ftp",
      ["pass won", "derland\r\n", { command: "PASS", argument: "<redacted>" }],
      "PASS <redacted>\r\n",
    ],
    [
      "one that comes behind a question",
      "ftp",
      ["AUTH LOGIN\r\n", "<334 \r\n", "d29uZA==\r\n", { command: "AUTH", argument: "LOGIN <redacted>" }],
      "AUTH LOGIN <redacted>\r\n334 \r\n<redacted>\r\n",
    ],
    [
      "header fields, whichever way they go",
      "http",
      [
        "GET / HTTP/1.1\r\nAuthorization: Basic YTpi\r\n",
        "Host: a\r\n\r\n",
        "<HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\n\r\n",
      ],
      "GET / HTTP/1.1\r\nAuthorization: <redacted>\r\nHost: a\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: <redacted>\r\n\r\n",
    ],
    [
      "nothing else",
      "ftp",
      [
        "USER alice\r\n",
        { command: "USER", argument: "alice" },
        "PASS x\r\n",
        { command: "PASS", argument: "<redacted>" },
      ],
      "USER alice\r\nPASS <redacted>\r\n",
    ],
  ] as const)("are without %s", (_, service, pieces, text) => {
    expect(shown(service, pieces)).toBe(text);
  });
});

describe("a transcript", () => {
  it("has each session as a dialogue, and not those that only ended", () => {
    const journal = journalOf();
    const [early, one, two] = [sessionOf(journal), sessionOf(journal), sessionOf(journal)];
    journal.opened(one);
    journal.opened(two);
    receive(journal, two, "NOOP\r\n");
    receive(journal, one, "QUIT\r\n");
    journal.closed(early, "peer");
    const where = "127.0.0.1 port 40000 to 127.0.0.1 port 25";
    expect(transcriptOf(journal)).toBe(`# smtp session 2: ${where}\nC: QUIT\n\n# smtp session 3: ${where}\nC: NOOP`);
  });

  it("is short, however much there was", () => {
    const journal = journalOf({ maxEntries: 50_000, maxOctets: 10_000_000 });
    for (let at = 0; at < 100; at += 1) {
      const session = sessionOf(journal);
      for (let line = 0; line < 100; line += 1) receive(journal, session, `${"x".repeat(500)}\r\n`);
    }
    const lines = transcriptOf(journal).split("\n");
    expect(lines[0]).toBe("# 90 earlier sessions are left out");
    expect(lines[1]).toMatch(/^# smtp session 91: /);
    expect(lines.filter((line) => /^# \d+ more lines$/.test(line))).toHaveLength(10);
    expect(lines.length).toBeLessThan(700);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(250);
  });
});
