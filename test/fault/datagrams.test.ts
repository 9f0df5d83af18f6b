import { describe, expect, it } from "vitest";
import type { Effects } from "../../src/contract/fault.ts";
import { DatagramFlow } from "../../src/fault/datagram-flow.ts";
import { impairDatagram } from "../../src/fault/impair-datagram.ts";
import { fromLatin1, toLatin1 } from "../../src/wire/bytes.ts";
import { ManualClock } from "../../src/world/clock.ts";
import { seededRandom } from "../../src/world/random.ts";
import { TestGate } from "./faults.ts";

const PEER = { address: "127.0.0.1", port: 5353 };

function scene() {
  const clock = new ManualClock(0);
  const sent: string[] = [];
  const flow = new DatagramFlow({
    clock,
    random: seededRandom(1),
    send: (bytes, peer, source) => {
      expect(peer).toEqual(PEER);
      sent.push(`${toLatin1(bytes)}@${clock.now()}${source ? ` ${JSON.stringify(source)}` : ""}`);
    },
  });
  return {
    clock,
    sent,
    flow,
    answer: (text: string, ...effects: Effects[]) => flow.answer(impairDatagram(fromLatin1(text), effects), PEER),
  };
}

describe("what a fault does to an answer's octets", () => {
  it.each<[string, Effects[], string | undefined]>([
    ["nothing", [{}], "answer"],
    ["other octets", [{ raw: fromLatin1("!!") }], "!!"],
    ["a bit the other way round", [{ corrupt: { after: 1, octets: 1, mask: 0x20 } }], "aNswer"],
    ["all of them", [{ corrupt: { after: 4, octets: 100, mask: 0x20 } }], "answER"],
    ["only the first ones", [{ truncate: 3 }], "ans"],
    ["all but the last", [{ truncate: -1 }], "answe"],
    ["none", [{ truncate: 0 }], undefined],
    ["none, when it stalls", [{ stall: { after: 0 } }], undefined],
    ["none, when its connection would end", [{ cut: { after: 0, how: "reset" } }], undefined],
    ["other octets, and fewer", [{ raw: fromLatin1("12345"), truncate: 2 }], "12"],
    ["one effect behind the other", [{ truncate: 4 }, { truncate: -1 }], "ans"],
    ["other octets behind the first ones", [{ from: 3, raw: fromLatin1("!!") }], "ans!!"],
    ["an empty datagram", [{ raw: new Uint8Array(0) }], ""],
  ])("%s", (_, effects, expected) => {
    const { bytes } = impairDatagram(fromLatin1("answer"), effects);
    expect(bytes && toLatin1(bytes)).toBe(expected);
  });

  it.each<[string, Effects, string | undefined]>([
    ["is silence", { delayMs: 5, duplicate: 1 }, undefined],
    ["can be other octets", { raw: fromLatin1("!!") }, "!!"],
  ])("no answer %s", (_, effects, expected) => {
    const { bytes } = impairDatagram(undefined, [effects]);
    expect(bytes && toLatin1(bytes)).toBe(expected);
  });

  it("leaves the service's own octets alone", () => {
    const answer = fromLatin1("answer");
    impairDatagram(answer, [{ corrupt: { after: 0, octets: 6, mask: 0xff } }]);
    expect(toLatin1(answer)).toBe("answer");
  });
});

describe("how an answer leaves", () => {
  it.each<[string, Effects[], string[]]>([
    ["at once", [{}], ["x@0"]],
    ["later", [{ delayMs: 20 }], ["x@20"]],
    ["later by what each adds", [{ delayMs: 20 }, { latency: { ms: 5, jitterMs: 0 } }], ["x@25"]],
    ["as fast as the line is", [{ bandwidth: 100 }], ["x@10"]],
    ["twice", [{ duplicate: 1 }], ["x@0", "x@0"]],
    ["four times, later", [{ duplicate: 3, delayMs: 1 }], ["x@1", "x@1", "x@1", "x@1"]],
    ["from elsewhere", [{ source: { port: 7 } }], ['x@0 {"port":7}']],
  ])("%s", (_, effects, expected) => {
    const { sent, clock, answer } = scene();
    answer("x", ...effects);
    clock.advance(1000);
    expect(sent).toEqual(expected);
  });

  it("within the jitter, and some overtake others", () => {
    const { sent, clock, answer } = scene();
    for (let at = 0; at < 100; at += 1) answer(String.fromCharCode(at), { latency: { ms: 50, jitterMs: 20 } });
    clock.advance(1000);
    const times = sent.map((one) => Number(one.slice(2)));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(30);
    expect(Math.max(...times)).toBeLessThanOrEqual(70);
    expect(new Set(times).size).toBeGreaterThan(20);
    expect(sent.map((one) => one.charCodeAt(0))).not.toEqual([...new Array(100).keys()]);
  });

  it("one after the other on a slow line", () => {
    const { sent, clock, answer } = scene();
    const slow: Effects = { bandwidth: 100 };
    answer("1234", slow);
    answer("56", slow);
    clock.advance(1000);
    expect(sent).toEqual(["1234@40", "56@60"]);
  });

  it("when the test lets go, or is closed first", () => {
    const gate = new TestGate();
    const { sent, clock, answer } = scene();
    answer("x", { hold: gate, delayMs: 5 });
    clock.advance(1000);
    expect(sent).toEqual([]);
    gate.open();
    answer("y", { hold: gate });
    expect(sent).toEqual(["x@1000", "y@1000"]);
  });

  it("never again after it was closed", () => {
    const gate = new TestGate();
    const { sent, clock, answer, flow } = scene();
    answer("x", { delayMs: 5 });
    answer("y", { hold: gate });
    answer("z", { reorder: 1 });
    flow.close();
    expect(flow.waiting).toBe(0);
    expect(gate.waiting).toBe(0);
    clock.advance(1000);
    flow.passed();
    expect(sent).toEqual([]);
  });
});

describe("the order of answers", () => {
  const next: Effects = { reorder: 1 };
  const third: Effects = { reorder: 2 };
  it.each<[string, [string, ...Effects[]][], string]>([
    ["one behind the next", [["1", next], ["2"]], "21"],
    ["one behind the next two", [["1", third], ["2"], ["3"], ["4"]], "2314"],
    [
      "each pair the other way round",
      [
        ["1", next],
        ["2", next],
        ["3", next],
        ["4", next],
      ],
      "2143",
    ],
    ["the last one waits for one more", [["1", next], ["2"], ["3", next]], "21"],
    ["two that wait for one", [["1", next], ["2", { reorder: 1 }], ["3"]], "312"],
    ["one that waits and goes to nobody", [["1", next, { truncate: 0 }], ["2"]], "2"],
  ])("%s", (_, answers, expected) => {
    const { sent, answer } = scene();
    for (const [text, ...effects] of answers) answer(text, ...effects);
    expect(sent.map(([text]) => text).join("")).toBe(expected);
  });

  it("is the other way round for answers without faults, too", () => {
    const { sent, answer, flow } = scene();
    answer("1", next);
    expect(sent).toEqual([]);
    flow.passed();
    expect(sent).toEqual(["1@0"]);
  });
});

describe("what waits", () => {
  it.each<[string, Effects]>([
    ["for time", { delayMs: 60_000 }],
    ["for the test", { hold: new TestGate() }],
    ["for a line that is busy", { bandwidth: 1 }],
  ])("%s is bounded: nothing leaves before its time, and what there is no room for is lost", (_, effects) => {
    const { sent, answer, flow } = scene();
    for (let at = 0; at < 1030; at += 1) answer(`${at}`, effects);
    answer("at once", { duplicate: 0 });
    expect(sent).toEqual(["at once@0"]);
    expect(flow.waiting).toBe(1024);
  });

  it("is bounded in octets", () => {
    const { sent, answer, flow } = scene();
    for (let at = 0; at < 100; at += 1) answer("x".repeat(60_000), { delayMs: 60_000 });
    expect(flow.waiting).toBe(69);
    expect(sent).toEqual([]);
  });
});
