import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadFixtures } from "../../fixtures/load.ts";
import { services } from "../../services/registry.ts";
import { transcriptOf } from "../../src/capture/transcript.ts";
import type { Service } from "../../src/contract/service.ts";
import { parseDialogue } from "../../src/dialogue/parse-dialogue.ts";
import { parseDialogues } from "../../src/dialogue/parse-dialogues.ts";
import { rehearse } from "../../src/dialogue/rehearse.ts";
import { withoutDates } from "../../src/dialogue/without-dates.ts";
import { type Harness, replay, start } from "../../src/index.ts";
import { ManualClock } from "../../src/world/clock.ts";
import { openHarness } from "../supervisor/fixture.ts";
import { Scene, written } from "./fixture.ts";

const SERVICES = join(import.meta.dirname, "../../services");
const fixtures = loadFixtures();

const all = (Object.values(services) as Service[]).flatMap((service) => {
  const folder = join(SERVICES, service.name, "dialogues");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".txt"))
    .map((file) => {
      const text = readFileSync(join(folder, file), "utf8");
      return { service, name: `${service.name}/${file}`, text, dialogue: parseDialogue(text, file) };
    });
});

/** Its sessions have ended by themselves, and not because it stops, which no replay could know. */
async function ended({ sessions, journal }: Harness): Promise<void> {
  await Promise.all(sessions.map(({ record }) => journal.waitFor({ session: record.id, kind: "close" })));
}

describe("a transcript", () => {
  it.each(all)("of $name goes through again", async ({ service, name, dialogue }) => {
    const journal = await rehearse(dialogue, service, fixtures, { pieces: "whole" });
    const { notation } = service;
    const text = transcriptOf(journal.find(), { of: () => ({ notation, options: dialogue.options }) });
    const again = parseDialogues(text, `${name}, transcribed`);
    expect(again.length).toBeGreaterThan(0);
    for (const one of again) await rehearse(one, service, fixtures, { pieces: "whole" });
  });

  // Over a network a test cannot wait as long, and TLS wants the real time.
  const live = all.filter(({ dialogue, service }) => !dialogue.onlyMachine && !service.tls);

  it.each(live)("of $name, recorded over a network, replays there", async ({ service, text, dialogue }) => {
    const document = { services: { [service.name]: dialogue.options }, host: "127.0.0.1" };
    const fresh = () => openHarness(document, [], { clock: new ManualClock(dialogue.clock) });
    await using recorded = await fresh();
    await replay(recorded, text);
    const datagrams = dialogue.transport === "udp" ? dialogue.steps.filter(({ type }) => type.startsWith("send")) : [];
    if (datagrams.length > 0) await recorded.journal.waitFor({ kind: "exchange" }, { count: datagrams.length });
    await ended(recorded);
    const transcript = recorded.export("dialogue");
    await using other = await fresh();
    await replay(other, transcript);
  });

  it("replays on another day, in a world that is as it was, and not in another one", async () => {
    const services = ["smtp", "http", "https", "daytime", "dns"] as const;
    await using recorded = await start({ services });
    const { host, port } = recorded.endpoint("http");
    await (await fetch(`http://${host}:${port}/pub/hello.txt`, { headers: { connection: "close" } })).text();
    const greeting = ["service: smtp", "S: 220 {*}", "C: NOOP", "S: 250 {*}", "C: QUIT", "S: 221 {*}", "S."];
    const asked = ["service: dns", "transport: udp", "C= www.example.test A", "S= {*}", "S= {*}", "S= {*}", "S= {*}"];
    const secure = ["service: https", "C: HEAD / HTTP/1.0", "C:", "S: HTTP/1.1 200 OK"];
    for (const lines of [greeting, asked, ["service: daytime", "S: {*}", "S."]])
      await replay(recorded, lines.join("\n"));
    await expect(replay(recorded, secure.join("\n"))).rejects.toThrow("expected\n  nothing more\nbut there came");
    await ended(recorded);
    const transcript = recorded.export("dialogue", { withoutTimes: true });
    expect(transcript.match(/^service: .*/gm)?.sort()).toEqual([
      "service: daytime",
      "service: dns",
      "service: http",
      "service: https",
      "service: smtp",
    ]);
    await using fresh = await start({ services });
    await replay(fresh, transcript);
    await using foreign = await start({ services, world: { domain: "other.test" } });
    await expect(replay(foreign, transcript)).rejects.toMatchObject({ code: "DIALOGUE_DIFFERS" });
    await using less = await start({ services: ["echo"] });
    await expect(replay(less, transcript)).rejects.toMatchObject({ code: "ENDPOINT_ABSENT" });
  });

  it("tells sessions apart, says what has no line, and how each ended", () => {
    const scene = new Scene();
    const first = scene.session().open().server("220 hi\r\n");
    const second = scene.session({ peer: { address: "192.0.2.9", port: 41_000 } }).open();
    first.client("QUIT\r\n").note("limit", { lines: 3 }).wait(40).server("221 bye\r\n").end("service").close("service");
    second.client("half a l").close("reset");
    const rest = scene.session().client("RSET\r\n").wait(7).close("service");
    expect(rest.record.id).toBe(3);
    const binding = {
      service: "echo",
      name: "udp-echo",
      local: { address: "::1", port: 7 },
      decode: () => ({ request: {}, reply: {} }),
    };
    for (const text of ["a", "b"]) {
      scene.journal.datagram(
        binding,
        scene.now,
        { address: "::1", port: 40_000 },
        Buffer.from(text),
        Buffer.from(text),
      );
    }
    expect(transcriptOf(scene.entries, { withoutTimes: true }).split("\n")).toEqual(
      [
        "# smtp session 1: 192.0.2.1 port 40000 to 192.0.2.2 port 10025",
        "service: smtp",
        "clock: 2026-01-01T12:00:00.000Z",
        "",
        "S: 220 hi",
        "C: QUIT",
        '# limit {"lines":3}',
        "S: 221 bye",
        "S.",
        "# closed: service",
        "",
        "# smtp session 2: 192.0.2.9 port 41000 to 192.0.2.2 port 10025",
        "service: smtp",
        "clock: 2026-01-01T12:00:00.000Z",
        "",
        "C| half a l",
        "# closed: reset",
        "",
        "# smtp session 3: 192.0.2.1 port 40000 to 192.0.2.2 port 10025; the journal has forgotten how it began",
        "service: smtp",
        "clock: 2026-01-01T12:00:00.040Z",
        "",
        "C: RSET",
        "S!",
        "# closed: service",
        "",
        "# udp-echo datagrams: ::1 port 40000 to ::1 port 7",
        "service: echo",
        "clock: 2026-01-01T12:00:00.047Z",
        "",
        "C| a",
        "S| a",
        "C| b",
        "S| b",
        "",
      ].flatMap((line) => (line === "service: echo" ? [line, "transport: udp"] : [line])),
    );
    // As it happens, each session comes when it is over.
    const live = written("dialogue", scene.entries).toString("utf8");
    expect(live.match(/^# \S+ (session \d|datagrams)/gm)).toEqual([
      "# smtp session 1",
      "# smtp session 2",
      "# smtp session 3",
      "# udp-echo datagrams",
      "# udp-echo datagrams",
    ]);
  });

  it("of a long session says how much it leaves out", () => {
    const scene = new Scene();
    const session = scene.session().open();
    for (let count = 0; count < 500; count += 1) session.client(`line ${count}\r\n`);
    const lines = transcriptOf(scene.entries, { maxLines: 10 }).trimEnd().split("\n");
    expect(lines).toHaveLength(12);
    expect(lines.slice(-2)).toEqual(["C: line 6", "# 493 more lines"]);
  });
});

describe("a file of several dialogues", () => {
  it("is read as so many, without those in which nobody speaks", () => {
    const text = "# one\nservice: smtp\nC: a\n\n# nobody\nservice: http\n\n# two\nservice: dns\ntransport: udp\nC| b\n";
    const dialogues = parseDialogues(text, "f");
    expect(dialogues.map(({ service, steps }) => [service, steps.map(({ line }) => line)])).toEqual([
      ["smtp", [3]],
      ["dns", [11]],
    ]);
  });

  it("has its mistakes told with the line of the file", () => {
    expect(() => parseDialogues("service: smtp\nC: a\n\nservice: http\nnonsense\n", "f")).toThrow(/^f:5: /);
    expect(() => parseDialogues("C: a\n", "f")).toThrow('f:1: the header "service: NAME" is missing');
  });
});

describe("a date in what a service says", () => {
  it.each([
    ["Date: Thu, 01 Jan 2026 00:00:00 GMT", "Date: {*}"],
    ["Thu, 1 Jan 2026 00:00:00 +0000", "{*}"],
    ["2026-01-01T12:00:00.123Z and 2026-01-01 12:00:00", "{*} and {*}"],
    ["213 20260101000000", "213 {*}"],
    ["modify=20260101000000.5;size=3", "modify={*};size=3"],
    ["Thursday, January 1, 2026 00:00:00-UTC", "{*}"],
    ["Thu Jan  1 00:00:00 2026", "{*}"],
    ["250 2.1.0 Ok 12:30", "250 2.1.0 Ok 12:30"],
    ["123456789012345", "123456789012345"],
  ])("%s may be any: %s", (said, expected) => {
    const [step] = withoutDates(parseDialogue(`service: x\nS: ${said}\nC: ${said}\n`, "f")).steps;
    const text = step?.type === "expect" ? step.text : [];
    expect(text.map((part) => (typeof part === "string" ? part : `{${part.name}}`)).join("")).toBe(expected);
  });
});
