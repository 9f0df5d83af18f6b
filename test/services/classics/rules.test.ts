import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { loadFixtures } from "../../../fixtures/load.ts";
import { services } from "../../../services/registry.ts";
import type { Input, Output } from "../../../src/contract/machine.ts";
import type { Context, Service } from "../../../src/contract/service.ts";
import type { Rule } from "../../../src/stub/rule.ts";
import { RuleSet } from "../../../src/stub/rule-set.ts";
import { fromLatin1, toLatin1 } from "../../../src/wire/bytes.ts";
import { ManualClock } from "../../../src/world/clock.ts";
import { seededRandom } from "../../../src/world/random.ts";
import { MemoryWorld } from "../../../src/world/world.ts";

type Name = "echo" | "discard" | "daytime" | "qotd" | "chargen" | "time" | "ssh";

const NOW = Date.UTC(2026, 0, 1);
const PEER = { address: "127.0.0.1", port: 40_000 };
const OPEN = { type: "open", local: { address: "127.0.0.1", port: 10_007 }, peer: PEER } as const;
const END = { type: "end" } as const;
const data = (text: string) => ({ type: "data", bytes: fromLatin1(text) }) as const;

type Unstamped<T> = T extends unknown ? Omit<T, "now"> : never;

/** A service under rules, the last of which comes first. */
function under(name: Name, ...rules: readonly object[]) {
  const service = services[name] as Service;
  const random = seededRandom(1);
  const clock = new ManualClock(NOW);
  const set = new RuleSet({ service, name, clock, random, triggers: false, written: [] });
  const made: Rule[] = rules.map((rule) => set.add(rule));
  const context: Context<unknown> = {
    options: v.parse(service.options, {}),
    world: new MemoryWorld(loadFixtures()),
    secure: false,
    hostname: "web.example.test",
    random,
  };
  return {
    made,
    /** Everything that comes of a TCP session, as far as the machine's last word. */
    session: (...inputs: readonly Unstamped<Input>[]): Output[] => {
      const machine = service.machine?.(
        context,
        set.forSession({ transport: "tcp", peer: PEER }, () => undefined),
      );
      const outputs: Output[] = [];
      for (const input of inputs) {
        outputs.push(...(machine?.handle({ ...input, now: NOW } as Input) ?? []));
        if (outputs.at(-1)?.do === "close") break;
      }
      return outputs;
    },
    answer: (datagram: string, port = PEER.port): string | undefined => {
      const responder = service.responder?.(
        context,
        set.forDatagrams(() => undefined),
      );
      const answer = responder?.respond(fromLatin1(datagram), { ...PEER, port }, NOW);
      return answer && toLatin1(answer);
    },
  };
}

function sentIn(outputs: readonly Output[]): string {
  return outputs.map((output) => (output.do === "send" ? toLatin1(output.bytes) : "")).join("");
}

function exchangeIn(outputs: readonly Output[]) {
  return outputs.find((output) => output.do === "exchange");
}

/** The octets in one piece, each alone, and in pieces of three. */
const cuts = (text: string) => [[text], [...text], text.match(/[\s\S]{1,3}/g) ?? []].map((pieces) => pieces.map(data));

describe("a rule about what echo is sent over TCP", () => {
  it.each([
    ["its first line, with its LF", { data: "ping\r\n" }, "ping\r\npong\r\n", true],
    ["a part of that line", { data: { contains: "in" } }, "ping\r\npong\r\n", true],
    ["how many octets that line has", { octets: 6 }, "ping\r\npong\r\n", true],
    ["what is said without a line end", { data: "ping" }, "ping", true],
    ["its first 1,024 octets", { octets: 1024 }, "x".repeat(1500), true],
    ["something in a later line", { data: "*pong*" }, "ping\r\npong\r\n", false],
    ["something else", { data: "pang\r\n" }, "ping\r\npong\r\n", false],
  ])("may want %s, in whatever pieces it comes", (_what, when, said, matches) => {
    for (const pieces of cuts(said)) {
      const { session, made } = under("echo", { when, reply: "no" });
      const outputs = session(OPEN, ...pieces, END);
      expect(sentIn(outputs)).toBe(matches ? "no" : said);
      expect(made[0]?.count).toBe(matches ? 1 : 0);
    }
  });

  it("has echo wait for the line, and no other rule does", () => {
    const [open, piece] = [OPEN, data("pi")];
    expect(sentIn(under("echo", { when: { data: "ping\n" }, reply: "no" }).session(open, piece))).toBe("");
    expect(sentIn(under("echo", { fault: { delay: 5 } }).session(open, piece))).toBe("pi");
    const elsewhere = { when: { transport: "udp", data: "ping" }, reply: "no" };
    expect(sentIn(under("echo", elsewhere).session(open, piece))).toBe("pi");
  });

  it("has seen the very request that is in the journal", () => {
    const { session, made } = under("echo", { when: { data: "ping\n" }, reply: "no" });
    const exchange = exchangeIn(session(OPEN, data("ping\nmore"), END));
    expect(made[0]?.seen[0]).toBe(exchange?.request);
    expect(exchange).toMatchObject({ request: { octets: 9 }, reply: { octets: 2 } });
  });

  it("is asked once in a session", () => {
    const { session, made } = under("echo", { fault: { delay: 5 } });
    session(OPEN, data("one\n"), data("two\n"), END);
    expect(made[0]?.count).toBe(1);
  });
});

describe("discard", () => {
  it.each(cuts("quit\nmore"))("asks about the first line, in whatever pieces it comes", (...pieces) => {
    const { session, made } = under("discard", { when: { data: "quit\n" }, fault: "reset" });
    const outputs = session(OPEN, ...pieces, END);
    expect(outputs.filter((output) => output.do === "fault")).toHaveLength(1);
    expect(made[0]?.seen[0]).toBe(exchangeIn(outputs)?.request);
  });

  it("does not ask about a session without octets", () => {
    const { session, made } = under("discard", { fault: "reset" });
    session(OPEN, END);
    expect(made[0]?.count).toBe(0);
  });
});

describe("where connecting is the request", () => {
  const NAMES = ["daytime", "qotd", "chargen", "time"] as const;
  const octets = (text: string) => new Uint8Array(fromLatin1(text));

  it.each(NAMES)("%s answers what the rule says, and closes", (name) => {
    const outputs = under(name, { reply: octets("abc") }).session(OPEN);
    expect(sentIn(outputs)).toBe("abc");
    expect(outputs.at(-1)).toEqual({ do: "close", how: "end" });
  });

  it.each(NAMES)("%s asks about the greeting first, and about a datagram only as a request", (name) => {
    const greeting = { when: { phase: "greeting" }, reply: octets("hi") };
    const { session, answer, made } = under(name, greeting, { reply: octets("lo") });
    expect(sentIn(session(OPEN))).toBe("hi");
    expect(answer("?")).toBe("lo");
    expect(made.map(({ count }) => count)).toEqual([1, 1]);
  });

  it.each(NAMES)("%s stays, says nothing, and closes when the peer does, if a rule takes its answer away", (name) => {
    const { session, answer } = under(name, { fault: "silence" });
    const outputs = session(OPEN, END);
    expect(sentIn(outputs)).toBe("");
    expect(exchangeIn(outputs)).toMatchObject({ request: {}, reply: {} });
    expect(outputs.at(-1)).toEqual({ do: "close", how: "end" });
    expect(answer("?")).toBeUndefined();
  });

  it.each(NAMES)("%s asks with the datagram", (name) => {
    const { answer } = under(name, { when: { data: "mine" }, reply: octets("yes") });
    expect(answer("mine")).toBe("yes");
    expect(answer("other")).not.toBe("yes");
  });
});

describe("a reply", () => {
  it.each<[Name, unknown, string]>([
    ["echo", "caf\u00e9", "caf\xc3\xa9"],
    ["echo", { data: "x" }, "x"],
    ["echo", { data: new Uint8Array([1, 2]) }, "\x01\x02"],
    ["daytime", "noon", "noon\r\n"],
    ["daytime", "noon\n", "noon\r\n"],
    ["daytime", { text: "noon" }, "noon\r\n"],
    ["daytime", { text: "noon", end: "\n" }, "noon\n"],
    ["qotd", "one\r\ntwo", "one\r\ntwo\r\n"],
    ["qotd", new Uint8Array([0xff]), "\xff"],
    ["time", 0, "\0\0\0\0"],
    ["time", 2 ** 32 - 1, "\xff\xff\xff\xff"],
    ["time", { seconds: 1 }, "\0\0\0\x01"],
    ["time", "1970-01-01T00:00:00Z", "\x83\xaa\x7e\x80"],
    ["time", "1970-01-01T01:00:00+01:00", "\x83\xaa\x7e\x80"],
    ["time", new Date(0), "\x83\xaa\x7e\x80"],
    ["time", "2036-02-07T06:28:16Z", "\0\0\0\0"],
    ["time", new Uint8Array(3), "\0\0\0"],
    ["chargen", { octets: 0 }, ""],
    ["chargen", "abc", "abc"],
  ])("of %s may be %o", (name, reply, sent) => {
    expect(sentIn(under(name, { reply }).session(OPEN, data("x"), END))).toBe(sent);
    expect(under(name, { reply }).answer("x")).toBe(sent);
  });

  it("of chargen may be more than twice around the ring", () => {
    const sent = sentIn(under("chargen", { reply: { octets: 30_000 } }).session(OPEN));
    expect(sent).toHaveLength(30_000);
    expect(sent.slice(14_060, 28_120)).toBe(sent.slice(0, 14_060));
  });
});

describe("other small services' datagrams", () => {
  it.each(["echo", "daytime", "qotd", "chargen", "time"] as const)("are no requests that %s asks about", (name) => {
    const { answer, made } = under(name, { reply: new Uint8Array(1) });
    expect(answer("?", 10_007)).toBeUndefined();
    expect(made[0]?.count).toBe(0);
  });
});
