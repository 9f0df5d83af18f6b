import { describe, expect, it } from "vitest";
import type { Effects } from "../../src/contract/fault.ts";
import { fromLatin1 } from "../../src/wire/bytes.ts";
import { turns } from "../session/fixture.ts";
import { TestGate } from "./faults.ts";
import { flowScene } from "./scene.ts";

const open = new TestGate();
open.open();
const raw = fromLatin1("!!");

/** A reply of two pieces, and what came of it in the next second. */
describe("one effect on a reply", () => {
  it.each<[string, Effects, readonly string[]]>([
    ["nothing at all", {}, ["abc@0", "defg@0"]],
    ["raw", { raw }, ["!!@0"]],
    ["raw that is empty", { raw: new Uint8Array(0) }, []],
    ["corrupt, the first octet", { corrupt: { after: 0, octets: 1, mask: 0x20 } }, ["Abc@0", "defg@0"]],
    ["corrupt, across two pieces", { corrupt: { after: 2, octets: 2, mask: 0x20 } }, ["abC@0", "Defg@0"]],
    ["corrupt, to the last octet", { corrupt: { after: 5, octets: 100, mask: 0x20 } }, ["abc@0", "deFG@0"]],
    ["corrupt, behind the end", { corrupt: { after: 7, octets: 1, mask: 0x20 } }, ["abc@0", "defg@0"]],
    ["corrupt, with no bit", { corrupt: { after: 0, octets: 9, mask: 0 } }, ["abc@0", "defg@0"]],
    ["truncate to nothing", { truncate: 0 }, []],
    ["truncate within a piece", { truncate: 2 }, ["ab@0"]],
    ["truncate between pieces", { truncate: 3 }, ["abc@0"]],
    ["truncate to more than there is", { truncate: 8 }, ["abc@0", "defg@0"]],
    ["truncate by the last octet", { truncate: -1 }, ["ab@0", "c@0", "def@0"]],
    ["slice, every so often", { slice: { octets: 3, everyMs: 10 } }, ["abc@0", "def@10", "g@20"]],
    ["slice, across pieces", { slice: { octets: 5, everyMs: 10 } }, ["abc@0", "defg@10"]],
    ["bandwidth", { bandwidth: 1000 }, ["abc@3", "defg@7"]],
    [
      "bandwidth, less than an octet in its portion",
      { bandwidth: 50 },
      [..."abcdefg"].map((one, at) => `${one}@${20 * (at + 1)}`),
    ],
    ["delay", { delayMs: 50 }, ["abc@50", "defg@50"]],
    ["no delay", { delayMs: 0 }, ["abc@0", "defg@0"]],
    ["latency", { latency: { ms: 50, jitterMs: 0 } }, ["abc@50", "defg@50"]],
    ["no latency", { latency: { ms: 0, jitterMs: 0 } }, ["abc@0", "defg@0"]],
    ["hold, never let go", { hold: new TestGate() }, []],
    ["hold, let go before", { hold: open }, ["abc@0", "defg@0"]],
    ["stall at once", { stall: { after: 0 } }, []],
    ["stall within a piece", { stall: { after: 4 } }, ["abc@0", "d@0"]],
    ["stall behind the end", { stall: { after: 8 } }, ["abc@0", "defg@0"]],
    ["cut at once", { cut: { after: 0, how: "end" } }, ["[cut end]@0"]],
    ["cut within a piece", { cut: { after: 4, how: "reset" } }, ["abc@0", "d@0", "[cut reset]@0"]],
    ["cut behind the last octet", { cut: { after: 7, how: "reset" } }, ["abc@0", "defg@0", "[cut reset]@0"]],
    ["cut behind the end", { cut: { after: 8, how: "reset" } }, ["abc@0", "defg@0"]],
    ["half-close at once", { halfClose: { after: 0 } }, ["[half-close]@0", "abc@0", "defg@0"]],
    ["half-close within a piece", { halfClose: { after: 4 } }, ["abc@0", "d@0", "[half-close]@0", "efg@0"]],
    ["half-close behind the end", { halfClose: { after: 8 } }, ["abc@0", "defg@0"]],
  ])("%s", (_, effects, expected) => {
    const { clock, log, reply } = flowScene();
    reply([effects], "abc", "defg");
    clock.advance(1000);
    expect(log).toEqual(expected);
  });

  it("slice, one a turn", async () => {
    const { log, reply } = flowScene();
    reply([{ slice: { octets: 2, everyMs: 0 } }], "abcde");
    expect(log).toEqual(["ab@0"]);
    await turns(1);
    expect(log).toEqual(["ab@0", "cd@0"]);
    await turns(1);
    expect(log).toEqual(["ab@0", "cd@0", "e@0"]);
  });

  it.each<[string, Effects, readonly string[]]>([
    ["raw comes nevertheless", { raw }, ["!!@0"]],
    ["a cut at once", { cut: { after: 0, how: "reset" } }, ["[cut reset]@0"]],
    ["a cut later", { cut: { after: 0, how: "reset" }, delayMs: 30 }, ["[cut reset]@30"]],
    ["no cut behind an octet", { cut: { after: 1, how: "reset" } }, []],
    ["a half-close at once", { halfClose: { after: 0 } }, ["[half-close]@0"]],
  ])("without any octet: %s", (_, effects, expected) => {
    const { clock, log, reply } = flowScene();
    reply([effects]);
    clock.advance(1000);
    expect(log).toEqual(expected);
  });

  it.each<[string, Effects, readonly string[]]>([
    ["a cut", { cut: { after: 1, how: "end" } }, ["cut 1"]],
    ["a stall", { stall: { after: 3 } }, ["stall 3"]],
    ["a half-close", { halfClose: { after: 2 } }, ["half-close 2"]],
    ["silence", { truncate: 0 }, ["truncate 0"]],
    ["truncation", { truncate: 3 }, ["truncate 3"]],
    ["truncation of the last octet", { truncate: -1 }, ["truncate 6"]],
    ["truncation of nothing", { truncate: 7 }, []],
    ["no delay", { delayMs: 1 }, []],
  ])("%s says that it struck, once", (_, effects, expected) => {
    const { struck, reply } = flowScene();
    reply([effects], "abc", "defg");
    expect(struck).toEqual(expected);
  });
});

describe("latency", () => {
  it("is each octet's own", () => {
    const { flow, clock, log, write } = flowScene();
    flow.impair([{ latency: { ms: 50, jitterMs: 0 } }]);
    write("a");
    clock.advance(20);
    write("b");
    clock.advance(100);
    expect(log).toEqual(["a@50", "b@70"]);
  });

  it("with jitter stays within it and never changes the order", () => {
    const { flow, clock, log, text, write } = flowScene();
    flow.impair([{ latency: { ms: 50, jitterMs: 20 } }]);
    const octets = [...new Array(200).keys()].map((at) => String.fromCharCode(at));
    for (const octet of octets) {
      write(octet);
      clock.advance(3);
    }
    clock.advance(100);
    expect(text()).toBe(octets.join(""));
    const late = log.map((one, at) => Number(one.slice(2)) - 3 * at);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(30);
    expect(Math.max(...late)).toBeLessThanOrEqual(70);
    expect(new Set(late).size).toBeGreaterThan(10);
  });

  it("of more jitter than itself does not send before it got", () => {
    const { flow, clock, log, write } = flowScene();
    flow.impair([{ latency: { ms: 5, jitterMs: 50 } }]);
    clock.advance(100);
    for (let at = 0; at < 20; at += 1) write("x");
    clock.advance(100);
    expect(Math.min(...log.map((one) => Number(one.slice(2))))).toBeGreaterThanOrEqual(100);
  });

  it("comes out the same from the same seed", () => {
    const logs = [1, 2].map(() => {
      const { flow, clock, log, write } = flowScene();
      flow.impair([{ latency: { ms: 50, jitterMs: 50 } }]);
      for (const octet of "abcdefghij") {
        write(octet);
        clock.advance(10);
      }
      clock.advance(1000);
      return log;
    });
    expect(logs[0]).toEqual(logs[1]);
  });
});

describe("bandwidth", () => {
  it.each([100, 1000, 9600, 1_000_000])("of %i octets a second takes a second for them", (octetsPerSecond) => {
    const { flow, clock, text, write } = flowScene();
    flow.impair([{ bandwidth: octetsPerSecond }]);
    write("x".repeat(octetsPerSecond + 1));
    clock.advance(500);
    expect(Math.abs(text().length - octetsPerSecond / 2)).toBeLessThanOrEqual(octetsPerSecond / 100);
    clock.advance(500);
    expect(text().length).toBe(octetsPerSecond);
  });

  it("is not saved up while nothing is sent", () => {
    const { flow, clock, log, write } = flowScene();
    flow.impair([{ bandwidth: 100 }]);
    clock.advance(5000);
    write("ab");
    clock.advance(100);
    expect(log).toEqual(["a@5010", "b@5020"]);
  });
});

describe("slice", () => {
  it("keeps its pace across replies, and sends at once after a pause", () => {
    const { flow, clock, log, write } = flowScene();
    flow.impair([{ slice: { octets: 1, everyMs: 10 } }]);
    write("ab");
    clock.advance(15);
    write("c");
    clock.advance(100);
    write("d");
    clock.advance(100);
    expect(log).toEqual(["a@0", "b@10", "c@20", "d@115"]);
  });
});

describe("effects that work together", () => {
  const gate = () => new TestGate();
  it.each<[string, Effects, readonly string[]]>([
    ["raw, corrupted", { raw, corrupt: { after: 1, octets: 1, mask: 1 } }, ["! @0"]],
    ["raw, truncated", { raw, truncate: 1 }, ["!@0"]],
    ["raw, later", { raw, delayMs: 20 }, ["!!@20"]],
    ["raw, sliced", { raw, slice: { octets: 1, everyMs: 5 } }, ["!@0", "!@5"]],
    ["raw, cut behind it", { raw, cut: { after: 2, how: "end" } }, ["!!@0", "[cut end]@0"]],
    ["corrupted and truncated", { corrupt: { after: 0, octets: 9, mask: 0x20 }, truncate: 2 }, ["AB@0"]],
    ["truncated and sliced", { truncate: 3, slice: { octets: 2, everyMs: 5 } }, ["ab@0", "c@5"]],
    ["truncated, later", { truncate: 3, delayMs: 5 }, ["abc@5"]],
    ["truncated and cut", { truncate: 3, cut: { after: 3, how: "reset" } }, ["abc@0", "[cut reset]@0"]],
    ["sliced on a slow line", { slice: { octets: 4, everyMs: 5 }, bandwidth: 1000 }, ["abc@3", "defg@9"]],
    ["sliced, later", { slice: { octets: 4, everyMs: 5 }, delayMs: 20 }, ["abc@20", "defg@20"]],
    [
      "sliced, with latency",
      { slice: { octets: 4, everyMs: 5 }, latency: { ms: 20, jitterMs: 0 } },
      ["abc@20", "defg@25"],
    ],
    ["slow, and late", { bandwidth: 1000, delayMs: 20 }, ["abc@23", "defg@23"]],
    ["late, with latency", { delayMs: 20, latency: { ms: 5, jitterMs: 0 } }, ["abc@25", "defg@25"]],
    ["late, then stalled", { delayMs: 20, stall: { after: 1 } }, ["a@20"]],
    ["late, then cut", { delayMs: 20, cut: { after: 1, how: "reset" } }, ["a@20", "[cut reset]@20"]],
    ["late, then cut at once", { delayMs: 20, cut: { after: 0, how: "reset" } }, ["[cut reset]@20"]],
    [
      "with latency, then cut at once",
      { latency: { ms: 9, jitterMs: 0 }, cut: { after: 0, how: "end" } },
      ["[cut end]@9"],
    ],
    [
      "with latency, half-closed",
      { latency: { ms: 9, jitterMs: 0 }, halfClose: { after: 3 } },
      ["abc@9", "[half-close]@9", "defg@9"],
    ],
    ["held and cut", { hold: gate(), cut: { after: 0, how: "end" } }, []],
    ["held, let go, and cut", { hold: open, cut: { after: 1, how: "end" } }, ["a@0", "[cut end]@0"]],
    ["slow, then stalled", { bandwidth: 1000, stall: { after: 2 } }, ["ab@3"]],
    ["slow, then cut", { bandwidth: 100, cut: { after: 2, how: "end" } }, ["a@10", "b@20", "[cut end]@20"]],
    ["stalled before it is cut", { stall: { after: 2 }, cut: { after: 3, how: "end" } }, ["ab@0"]],
    [
      "half-closed and later reset",
      { delayMs: 4, halfClose: { after: 0 }, cut: { after: 3, how: "reset" } },
      ["[half-close]@4", "abc@4", "[cut reset]@4"],
    ],
  ])("%s", (_, effects, expected) => {
    const { clock, log, reply } = flowScene();
    reply([effects], "abc", "defg");
    clock.advance(1000);
    expect(log).toEqual(expected);
  });

  it.each<[string, Effects[], readonly string[]]>([
    [
      "two latencies add up",
      [{ latency: { ms: 5, jitterMs: 0 } }, { latency: { ms: 7, jitterMs: 0 } }],
      ["abc@12", "defg@12"],
    ],
    ["the second truncates what the first left", [{ truncate: 5 }, { truncate: 4 }], ["abc@0", "d@0"]],
    [
      "a cut of the first waits for the delay of the second",
      [{ cut: { after: 1, how: "end" } }, { delayMs: 9 }],
      ["a@9", "[cut end]@9"],
    ],
  ])("several lists: %s", (_, list, expected) => {
    const { clock, log, reply } = flowScene();
    reply(list, "abc", "defg");
    clock.advance(1000);
    expect(log).toEqual(expected);
  });

  it.each<[string, Effects, readonly string[]]>([
    ["other octets", { from: 4, raw }, ["abc@0", "d@0", "!!@0"]],
    ["a delay", { from: 4, delayMs: 20 }, ["abc@0", "d@0", "efg@20"]],
    ["a cut", { from: 4, cut: { after: 1, how: "end" } }, ["abc@0", "d@0", "e@0", "[cut end]@0"]],
    ["a corruption", { from: 3, corrupt: { after: 1, octets: 1, mask: 0x20 } }, ["abc@0", "dEfg@0"]],
    ["nothing, when there are not so many", { from: 8, raw }, ["abc@0", "defg@0"]],
    ["at the very end", { from: 7, raw }, ["abc@0", "defg@0", "!!@0"]],
  ])("from a later octet on: %s", (_, effects, expected) => {
    const { clock, log, reply } = flowScene();
    reply([effects], "abc", "defg");
    clock.advance(1000);
    expect(log).toEqual(expected);
  });
});
