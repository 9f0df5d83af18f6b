import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { loadFixtures } from "../../../fixtures/load.ts";
import { services } from "../../../services/registry.ts";
import type { Input, Machine, Output, Responder } from "../../../src/contract/machine.ts";
import type { Context, Service } from "../../../src/contract/service.ts";
import { fromLatin1, toLatin1 } from "../../../src/wire/bytes.ts";
import { seededRandom } from "../../../src/world/random.ts";
import { MemoryWorld } from "../../../src/world/world.ts";

const NOW = Date.UTC(2026, 0, 1);
const DAYTIME = "Thursday, January 1, 2026 00:00:00-UTC\r\n";
const QUOTE = "Be liberal in what you accept, and conservative in what you send. (RFC 1122 section 1.2.2)\r\n";
const TIME = "\xed\x00\x37\x80";

const NAMES = ["echo", "discard", "daytime", "qotd", "chargen", "time"] as const;
type Name = (typeof NAMES)[number];

function contextOf(name: Name, options: object = {}, quotes?: readonly string[]): Context<unknown> {
  const fixtures = loadFixtures();
  return {
    options: v.parse(services[name].options, options),
    world: new MemoryWorld(quotes ? { ...fixtures, quotes } : fixtures),
    secure: false,
    hostname: "web.example.test",
    random: seededRandom(1),
  };
}

function machineOf(name: Name, options?: object, quotes?: readonly string[]): Machine {
  return (services[name] as Service).machine?.(contextOf(name, options, quotes)) as Machine;
}

function responderOf(name: Name): Responder {
  return (services[name] as Service).responder?.(contextOf(name)) as Responder;
}

const OPEN = {
  type: "open",
  local: { address: "127.0.0.1", port: 10_007 },
  peer: { address: "127.0.0.1", port: 40_000 },
} as const;
const data = (text: string) => ({ type: "data", bytes: fromLatin1(text) }) as const;
const END = { type: "end" } as const;
const STOP = { type: "shutdown", reason: "stopping" } as const;

type Unstamped<T> = T extends unknown ? Omit<T, "now"> : never;

/** Everything that comes of the inputs, as far as the machine's last word. */
function outputsOf(machine: Machine, ...inputs: Unstamped<Input>[]): Output[] {
  const outputs: Output[] = [];
  for (const input of inputs) {
    outputs.push(...machine.handle({ ...input, now: NOW } as Input));
    if (outputs.at(-1)?.do === "close") break;
  }
  return outputs;
}

function sentText(outputs: readonly Output[]): string {
  return outputs.map((output) => (output.do === "send" ? toLatin1(output.bytes) : "")).join("");
}

const tcp: readonly { name: Name; sent: string; reply: object | undefined }[] = [
  { name: "echo", sent: "one\r\ntwo", reply: { octets: 8, data: new Uint8Array(fromLatin1("one\r\ntwo")) } },
  { name: "discard", sent: "", reply: {} },
  { name: "daytime", sent: DAYTIME, reply: { text: DAYTIME.trimEnd() } },
  { name: "qotd", sent: QUOTE, reply: { text: QUOTE.trimEnd() } },
  { name: "time", sent: TIME, reply: { seconds: 3_976_214_400 } },
];

describe("over TCP", () => {
  it.each(tcp)("$name answers, is one exchange, and closes when the peer has said all", ({ name, sent, reply }) => {
    const outputs = outputsOf(machineOf(name), OPEN, data("one\r\n"), data("two"), END);
    expect(sentText(outputs)).toBe(sent);
    expect(outputs.filter((output) => output.do === "exchange").map((output) => output.reply)).toEqual([reply]);
    expect(outputs.at(-1)).toEqual({ do: "close", how: "end" });
  });

  it.each(NAMES)("%s closes when the harness stops", (name) => {
    expect(outputsOf(machineOf(name), OPEN, STOP).at(-1)).toEqual({ do: "close", how: "end" });
  });

  it.each(["echo", "discard"] as const)("%s keeps the first 1,024 octets of an exchange, and counts all", (name) => {
    const many = data("x".repeat(700));
    const outputs = outputsOf(machineOf(name), OPEN, many, many, many, END);
    const exchange = outputs.find((output) => output.do === "exchange");
    expect(exchange?.request.octets).toBe(2100);
    expect(exchange?.request.data).toHaveLength(1024);
  });

  it.each(["echo", "discard"] as const)("%s makes no exchange of a connection without octets", (name) => {
    expect(outputsOf(machineOf(name), OPEN, END).map((output) => output.do)).toEqual(["idle", "close"]);
  });

  it("chargen goes round the ring of 95 characters, a piece for each pull, and never stops by itself", () => {
    const machine = machineOf("chargen");
    const pull = { type: "pull" } as const;
    const outputs = outputsOf(machine, OPEN, data("stop!"), END, pull, pull);
    const lines = sentText(outputs).split("\r\n");
    expect(lines.slice(0, -1).every((line) => /^[ -~]{72}$/.test(line))).toBe(true);
    expect(lines[95]).toBe(lines[0]);
    expect(lines[1]?.[0]).toBe("!");
    expect(lines[94]?.slice(0, 2)).toBe("~ ");
    expect(outputs.at(-1)).toEqual({ do: "pull" });
    for (const output of outputs) if (output.do === "send") expect(output.bytes.length).toBeLessThanOrEqual(16 * 1024);
    expect([...machine.handle({ type: "closed", now: NOW })]).toEqual([
      { do: "exchange", request: {}, reply: { octets: 3 * 14_060 } },
    ]);
  });

  it("chargen ends after the lines it was told", () => {
    const outputs = outputsOf(machineOf("chargen", { lines: 200 }), OPEN, { type: "pull" }, { type: "pull" });
    expect(sentText(outputs)).toHaveLength(200 * 74);
    expect(outputs.at(-1)).toEqual({ do: "close", how: "end" });
  });
});

describe("a quote", () => {
  it.each([
    ["is cut to 512 octets with its CRLF", "x".repeat(600), `${"x".repeat(510)}\r\n`],
    ["has CRLF between its lines", "one\ntwo\r\nthree\n", "one\r\ntwo\r\nthree\r\n"],
    ["is in ASCII", "caf\u00e9 \u{1f600}\0", "caf? ??\r\n"],
  ])("%s", (_does, quote, sent) => {
    expect(sentText(outputsOf(machineOf("qotd", {}, [quote]), OPEN))).toBe(sent);
  });

  it("is an empty line in a world without quotes", () => {
    expect(sentText(outputsOf(machineOf("qotd", {}, []), OPEN))).toBe("\r\n");
  });
});

describe("over UDP", () => {
  it.each([
    ["echo", "any\0thing"],
    ["discard", undefined],
    ["daytime", DAYTIME],
    ["qotd", QUOTE],
    ["time", TIME],
  ] as const)("%s answers each datagram alone", (name, answer) => {
    const responder = responderOf(name);
    for (let times = 2; times > 0; times -= 1) {
      const came = responder.respond(fromLatin1("any\0thing"), { address: "127.0.0.1", port: 40_000 }, NOW);
      expect(came && toLatin1(came)).toBe(answer);
    }
  });

  it("chargen answers with 0 to 512 characters, the same again for the same seed", () => {
    const [one, same] = [responderOf("chargen"), responderOf("chargen")];
    const lengths = new Set<number>();
    for (let times = 300; times > 0; times -= 1) {
      const answer = one.respond(fromLatin1(""), OPEN.peer, NOW);
      expect(answer).toEqual(same.respond(fromLatin1("other"), OPEN.peer, NOW));
      expect(answer?.length).toBeLessThanOrEqual(512);
      lengths.add(answer?.length ?? -1);
    }
    expect(lengths.size).toBeGreaterThan(100);
  });

  it.each(NAMES)("%s leaves the answers of other small services alone", (name) => {
    const responder = responderOf(name);
    for (const port of [7, 13, 17, 19, 37, 10_007, 10_037])
      expect(responder.respond(fromLatin1("x"), { address: "127.0.0.1", port }, NOW)).toBeUndefined();
  });

  it.each(NAMES)("%s records a datagram that nobody answered", (name) => {
    expect((services[name] as Service).exchange?.(fromLatin1("x"), undefined)).toMatchObject({ reply: {} });
  });
});
