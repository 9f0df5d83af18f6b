import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asciiLength, asciiPieces, asciiPosition, fromAscii, imagePieces } from "../../../services/ftp/ascii.ts";
import { concat, fromLatin1, toLatin1 } from "../../../src/wire/bytes.ts";
import { seededRandom } from "../../../src/world/random.ts";
import { Conversation, makeContext } from "./conversation.ts";

const MEBIBYTE = 1024 * 1024;
const PIECE = 64 * 1024;

/** What TYPE A is, said once more in another way. */
const wireOf = (text: string) => text.replace(/(?<!\r)\n/g, "\r\n");

/** Texts with many line ends of every kind. */
const texts = fc
  .array(fc.constantFrom("\r", "\n", "\r\n", "a", "bc", "\r\r\n", "\n\n"), { maxLength: 40 })
  .map((parts) => parts.join(""));

describe("TYPE A", () => {
  it.each([
    ["", ""],
    ["no end", "no end"],
    ["one\n", "one\r\n"],
    ["\n\n", "\r\n\r\n"],
    ["already\r\n", "already\r\n"],
    ["\ra\r\r\n\r", "\ra\r\r\n\r"],
  ])("sends %j as %j", (stored, wire) => {
    const octets = fromLatin1(stored);
    expect(toLatin1(concat([...asciiPieces(octets, 0)]))).toBe(wire);
    expect(asciiLength(octets)).toBe(wire.length);
  });

  it("counts as it sends, and goes on from any octet of it", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const octets = fromLatin1(text);
        const wire = wireOf(text);
        expect(asciiLength(octets)).toBe(wire.length);
        for (let offset = 0; offset <= wire.length; offset += 1) {
          expect(toLatin1(concat([...asciiPieces(octets, offset)]))).toBe(wire.slice(offset));
          const { at, skip } = asciiPosition(octets, offset);
          expect(wireOf(text.slice(0, at)).length + skip).toBe(offset);
        }
      }),
    );
  });

  it("gives back what was sent in it", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const stored = text.replaceAll("\r\n", "\n");
        expect(toLatin1(fromAscii(fromLatin1(wireOf(stored))))).toBe(stored.replaceAll("\r\n", "\n"));
      }),
    );
  });

  it("has no piece above 64 KiB, even of line ends alone", () => {
    for (const octets of [new Uint8Array(200_000).fill(10), new Uint8Array(200_000)])
      for (const pieces of [[...asciiPieces(octets, 1)], [...imagePieces(octets, 1)]])
        for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(PIECE);
  });
});

describe("a download", () => {
  it("of a large file goes piece by piece, each when the last has left", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.connect();
    conversation.lines("RETR pub/1MiB.txt");
    expect(conversation.pieces()).toHaveLength(1);
    conversation.tell({ type: "pull", channel: conversation.channel });
    expect(conversation.pieces()).toHaveLength(2);
    conversation.drain();
    expect(conversation.pieces().every((piece) => piece.length <= PIECE)).toBe(true);
    expect(toLatin1(conversation.sent())).toBe(conversation.file("/pub/1MiB.txt"));
  });

  it.each([0, 1, 65_535, 65_536, 65_537, MEBIBYTE - 1, MEBIBYTE])("begins at marker %i", (marker) => {
    const conversation = Conversation.loggedIn();
    conversation.lines(`REST ${marker}`);
    expect(conversation.retrieve("RETR pub/1MiB.txt")).toBe(conversation.file("/pub/1MiB.txt")?.slice(marker));
  });

  it("of a file that is replaced meanwhile is of the file as it was", () => {
    const conversation = Conversation.loggedIn();
    const before = conversation.file("/pub/1MiB.txt");
    conversation.passive();
    conversation.connect();
    conversation.lines("RETR pub/1MiB.txt");
    conversation.context.world.file("/pub/1MiB.txt", "new");
    conversation.drain();
    expect(toLatin1(conversation.sent())).toBe(before);
  });
});

describe("an upload", () => {
  it.each([1, 2, 3, 4, 5])("is the same in whatever pieces (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const octets = Uint8Array.from({ length: 5000 }, () => Math.floor(random() * 256));
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < octets.length; ) {
      const length = 1 + Math.floor(random() * 100);
      pieces.push(octets.subarray(at, at + length));
      at += length;
    }
    const conversation = Conversation.loggedIn();
    expect(conversation.store("STOR x", ...pieces)).toBe("226 Transfer complete.");
    expect(conversation.file("/x")).toBe(toLatin1(octets));
    conversation.lines("TYPE A");
    conversation.store("STOR y", ...pieces);
    expect(conversation.file("/y")).toBe(toLatin1(octets).replaceAll("\r\n", "\n"));
  });

  it.each([
    ["STOR x", "old content", 0, "new", "new"],
    ["STOR x", "old content", 4, "new", "old newtent"],
    ["STOR x", "old content", 4, "CONTENTS", "old CONTENTS"],
    ["STOR x", "old content", 11, "!", "old content!"],
    ["APPE x", "old content", 0, "!", "old content!"],
    ["APPE x", "old content", 1, "LD", "oLD content"],
    ["APPE x", undefined, 0, "new", "new"],
  ])("%s over %j from marker %i", (command, old, marker, octets, expected) => {
    const conversation = Conversation.loggedIn();
    if (old !== undefined) conversation.context.world.file("/x", old);
    conversation.lines(`REST ${marker}`);
    expect(conversation.store(command, octets)).toBe("226 Transfer complete.");
    expect(conversation.file("/x")).toBe(expected);
  });

  it("is seen only when all of it is there", () => {
    const conversation = Conversation.loggedIn();
    conversation.passive();
    conversation.connect();
    conversation.lines("STOR x");
    conversation.upload("half");
    expect(conversation.file("/x")).toBeUndefined();
    conversation.end();
    expect(conversation.file("/x")).toBe("half");
  });

  it("has the time at which it ended", () => {
    const conversation = Conversation.loggedIn();
    conversation.now = Date.UTC(2030, 5, 7, 8, 9, 10, 999);
    conversation.store("STOR x", "y");
    expect(conversation.lines("MDTM x")).toBe("213 20300607080910");
  });

  it.each([
    ["exactly", 100, "226"],
    ["one octet too much", 101, "552"],
  ])("into a tree with room for %s", (_what, octets, code) => {
    const probe = makeContext();
    const used = probe.world.tree.room;
    const conversation = Conversation.loggedIn(makeContext({}, { maxFileOctets: 256 * MEBIBYTE - used + 100 }));
    conversation.passive();
    const channel = conversation.channel;
    conversation.connect();
    conversation.lines("STOR x");
    const answer = conversation.upload("x".repeat(octets)) || conversation.end();
    expect(answer.slice(0, 3)).toBe(code);
    expect(conversation.closeOf(channel)).toBe(code === "226" ? "leave" : "end");
    expect(conversation.file("/x")?.length).toBe(code === "226" ? octets : undefined);
  });

  it("may be as large as the file that it replaces, in a tree without room", () => {
    const used = 256 * MEBIBYTE - makeContext().world.tree.room;
    const conversation = Conversation.loggedIn(makeContext({}, { maxFileOctets: used }));
    const size = conversation.file("/readme.txt")?.length ?? 0;
    expect(conversation.store("STOR readme.txt", "x".repeat(size))).toBe("226 Transfer complete.");
    expect(conversation.lines("MKD new")).toBe('257 "/new" directory created.');
  });

  it("into a tree that has filled meanwhile is refused at its end", () => {
    const conversation = Conversation.loggedIn(makeContext({}, { maxFiles: 8 }));
    conversation.passive();
    conversation.connect();
    conversation.lines("STOR x");
    conversation.context.world.tree.makeDirectory("/the-eighth", 0);
    conversation.upload("1");
    expect(conversation.end()).toMatch(/^552 /);
  });

  it("into a directory that is gone meanwhile is refused at its end", () => {
    const conversation = Conversation.loggedIn();
    conversation.lines("MKD d");
    conversation.passive();
    conversation.connect();
    conversation.lines("STOR d/x");
    conversation.context.world.tree.removeDirectory("/d");
    expect(conversation.end()).toBe("550 No such file or directory.\r\n");
  });
});
