import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonLine, readJsonLines } from "../../src/capture/json-lines.ts";
import type { Fields } from "../../src/contract/machine.ts";
import type { Entry } from "../../src/journal/entry.ts";
import { NOON, Scene, written } from "./fixture.ts";

/** What a session may have in its fields: values as they come back from a file. */
const value = fc.letrec((tie) => ({
  field: fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.uint8Array().map((octets) => Buffer.from(octets)),
    fc.array(tie("field"), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("$text", "$base64", "$$", "__proto__")), tie("field"), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).field;

/** An entry whose octets compare whatever holds them, without how much it weighs. */
function comparable(entry: Entry): unknown {
  const plain = (inner: unknown): unknown => {
    if (inner instanceof Uint8Array) return `octets ${Buffer.from(inner).toString("hex")}`;
    if (typeof inner !== "object" || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([name, one]) => [name, plain(one)]));
  };
  return { ...(plain(entry) as object), weight: undefined };
}

describe("a journal as JSON Lines", () => {
  it("comes back as it was", () => {
    const scene = new Scene();
    const session = scene
      .session({ tls: { protocol: "TLSv1.3", alpn: undefined } })
      .open()
      .client("EHLO me\r\n");
    session.server(Buffer.of(0, 255)).exchange({ command: "EHLO" }, { code: 250 }).note("limit", { octets: 3 });
    session
      .channel("data", 50_000, 41_000)
      .client("x", "data")
      .end("peer", "data")
      .wait(5)
      .end("service")
      .close("peer");
    const binding = {
      service: "echo",
      name: "echo",
      local: { address: "::1", port: 7 },
      decode: () => ({ request: {}, reply: {} }),
    };
    scene.journal.datagram(binding, NOON, { address: "::1", port: 40_000 }, Buffer.from("a"), undefined);
    scene.journal.datagram(binding, NOON, { address: "::1", port: 40_000 }, Buffer.from("a"), Buffer.from("b"));
    const text = written("jsonl", scene.entries).toString("utf8");
    expect(text.split("\n")).toHaveLength(scene.entries.length + 1);
    expect(readJsonLines(text).map(comparable)).toEqual(scene.entries.map(comparable));
    // And makes the same capture.
    expect(written("pcapng", readJsonLines(text)).equals(written("pcapng", scene.entries))).toBe(true);
  });

  it("has any fields that there can be", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value, { noNullPrototype: true }), (fields) => {
        const scene = new Scene();
        scene.session().exchange(fields as Fields, {});
        const [entry] = readJsonLines(scene.entries.map(jsonLine).join(""));
        expect(entry?.kind === "exchange" && entry.request).toEqual(fields);
      }),
    );
  });

  it.each([
    ["EHLO me\r\n", '{"$text":"EHLO me\\r\\n"}'],
    ["\x00\xff", '{"$base64":"AP8="}'],
    ["", '{"$text":""}'],
  ])("writes the octets %j as %s", (octets, json) => {
    const scene = new Scene();
    scene.session().client(octets);
    expect(written("jsonl", scene.entries).toString()).toContain(`"bytes":${json}`);
  });

  it.each([
    ["no JSON", "{", /^f:2: .*JSON/],
    ["no entry", "{}", "f:2: this is no entry of a journal"],
    [
      "a kind that there is not",
      '{"seq":1,"time":1,"kind":"toString","session":{}}',
      "f:2: this is no entry of a journal",
    ],
    ["an entry without a session", '{"seq":1,"time":1,"kind":"open"}', "f:2: this is no entry of a journal"],
    ["a list", "[]", "f:2: this is no entry of a journal"],
    ["octets that are none", '{"x":{"$base64":"="}}', 'f:2: $base64: "=" is not base64'],
  ])("tells the line with %s", (_, line, message) => {
    const wrong = () => readJsonLines(`\n${line}\n`, "f");
    expect(wrong).toThrow(expect.objectContaining({ code: "JOURNAL_MALFORMED" }));
    expect(wrong).toThrow(message);
  });
});
