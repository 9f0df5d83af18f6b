import { describe, expect, it } from "vitest";
import type { Effects } from "../../src/contract/fault.ts";
import { TestGate } from "./faults.ts";
import { flowScene } from "./scene.ts";

const LATE: Effects = { delayMs: 50 };
const SLOW: Effects = { latency: { ms: 20, jitterMs: 0 } };

describe("what comes behind a reply", () => {
  it.each<[string, Effects, readonly string[]]>([
    ["waits behind a late one", LATE, ["1@50", "2@50", "[end]@50"]],
    ["waits behind a sliced one", { slice: { octets: 1, everyMs: 5 } }, ["1@0", "2@0", "[end]@0"]],
    ["never comes behind a stalled one", { stall: { after: 1 } }, ["1@0"]],
    ["does not wait behind a truncated one", { truncate: 0 }, ["2@0", "[end]@0"]],
    ["does not wait behind a raw one", { raw: Buffer.from("!") }, ["!@0", "2@0", "[end]@0"]],
    ["never comes behind a cut", { cut: { after: 0, how: "end" } }, ["[cut end]@0"]],
  ])("%s", (_, effects, expected) => {
    const { flow, clock, log, reply, write } = flowScene();
    reply([effects], "1");
    write("2");
    flow.close("end");
    clock.advance(1000);
    expect(log).toEqual(expected);
  });

  it("is another reply with effects of its own, which begin when it is its turn", () => {
    const { clock, log, reply, write } = flowScene();
    reply([LATE], "1");
    reply([LATE], "2");
    write("3");
    clock.advance(1000);
    expect(log).toEqual(["1@50", "2@100", "3@100"]);
  });

  it("is another reply, too, if the first was not finished", () => {
    const { flow, clock, log, write } = flowScene();
    flow.begin([LATE]);
    write("1");
    flow.begin([LATE]);
    write("2");
    flow.finish();
    clock.advance(1000);
    expect(log).toEqual(["1@50", "2@100"]);
  });

  it("includes what was put off until then", () => {
    const { flow, clock, log, reply, write } = flowScene();
    reply([LATE], "1");
    flow.afterwards(() => log.push(`then@${clock.now()}`));
    write("2");
    clock.advance(1000);
    expect(log).toEqual(["1@50", "then@50", "2@50"]);
  });

  it("is let go in the order in which it came", () => {
    const gates = [new TestGate(), new TestGate()];
    const { log, reply, flow } = flowScene();
    for (const [at, hold] of gates.entries()) reply([{ hold }], `${at}`);
    gates[1]?.open();
    expect(log).toEqual([]);
    expect(flow.isStuck).toBe(true);
    gates[0]?.open();
    expect(log).toEqual(["0@0", "1@0"]);
    expect(flow.isStuck).toBe(false);
  });
});

describe("standing effects", () => {
  it("work on everything, and behind those of a reply", () => {
    const { flow, clock, log, reply, write } = flowScene();
    flow.impair([SLOW]);
    write("1");
    reply([LATE], "2");
    write("3");
    clock.advance(1000);
    expect(log).toEqual(["1@20", "2@70", "3@70"]);
  });

  it("let go of what they hold when they end, at once and before anything else", () => {
    const { flow, clock, log, write } = flowScene();
    flow.impair([SLOW]);
    write("1");
    clock.advance(5);
    flow.impair([]);
    write("2");
    clock.advance(1000);
    expect(log).toEqual(["1@5", "2@5"]);
    expect(flow.isClear).toBe(true);
  });

  it("go on counting when others come or go", () => {
    const cut: Effects = { cut: { after: 3, how: "reset" } };
    const { flow, clock, log, write } = flowScene();
    flow.impair([cut]);
    write("1");
    flow.impair([SLOW, cut]);
    write("2");
    flow.impair([cut]);
    write("3");
    clock.advance(1000);
    expect(log).toEqual(["1@0", "2@0", "3@0", "[cut reset]@0"]);
  });

  it("know nothing of what is on its way when they begin", () => {
    const { flow, clock, log, write } = flowScene();
    flow.impair([SLOW]);
    write("1");
    flow.impair([SLOW, { cut: { after: 1, how: "reset" } }]);
    write("23");
    clock.advance(1000);
    expect(log).toEqual(["1@20", "2@20", "[cut reset]@20"]);
  });

  it("begin behind a reply that is on its way, if they are put off", () => {
    const { flow, clock, log, reply, write } = flowScene();
    reply([LATE], "1");
    flow.afterwards(() => flow.impair([{ truncate: 1 }]));
    write("23");
    clock.advance(1000);
    expect(log).toEqual(["1@50", "2@50"]);
  });

  it("do not strike any more once they are taken back", () => {
    const { flow, clock, log, write } = flowScene();
    flow.impair([{ delayMs: 50, cut: { after: 0, how: "reset" } }]);
    write("1");
    flow.impair([]);
    clock.advance(1000);
    expect(log).toEqual(["1@0"]);
  });

  it("do not strike any more once they are taken back with what stands before them", () => {
    const { flow, clock, log, write } = flowScene();
    flow.impair([SLOW, { cut: { after: 0, how: "reset" } }]);
    write("1");
    flow.impair([]);
    clock.advance(1000);
    expect(log).toEqual(["1@0"]);
  });

  it.each<[string, Effects, string]>([
    ["a stall", { stall: { after: 1 } }, "1234"],
    ["a hold", { hold: new TestGate() }, "1234"],
    ["a slow line", { bandwidth: 1 }, "1234"],
    ["slices", { slice: { octets: 1, everyMs: 60_000 } }, "1234"],
    ["truncation of the last octet", { truncate: -1 }, "1234"],
    ["truncation", { truncate: 1 }, "14"],
    ["other octets", { raw: Buffer.from("!") }, "!4"],
  ])("taken back, %s leaves the stream open", (_, effects, expected) => {
    const { flow, text, write } = flowScene();
    flow.impair([effects]);
    write("12");
    write("3");
    flow.impair([]);
    write("4");
    expect(text()).toBe(expected);
  });

  it("may be changed by whoever gets the octets, at any moment", () => {
    const { flow, clock, log, write } = flowScene();
    const scene = { changes: 0 };
    log.push = (...items) => {
      for (const item of items) log[log.length] = item;
      scene.changes += 1;
      if (scene.changes < 5) flow.impair(scene.changes % 2 === 0 ? [] : [{ slice: { octets: 1, everyMs: 5 } }]);
      return log.length;
    };
    flow.impair([{ slice: { octets: 2, everyMs: 5 } }]);
    write("abcdef");
    write("ghi");
    clock.advance(1000);
    expect(log.map((one) => one.replace(/@.*/, "")).join("")).toBe("abcdefghi");
  });
});

describe("a close", () => {
  it.each(["end", "leave", "reset"] as const)("(%s) takes its place behind the octets", (how) => {
    const { flow, clock, log, write } = flowScene();
    flow.impair([SLOW]);
    write("1");
    flow.close(how);
    clock.advance(1000);
    expect(log).toEqual(["1@20", `[${how}]@20`]);
  });
});

describe("what a flow holds", () => {
  it("is counted wherever it waits", () => {
    const { flow, clock, reply, write } = flowScene();
    flow.impair([SLOW]);
    reply([LATE], "123");
    write("4567");
    expect(flow.held).toBe(7);
    clock.advance(50);
    expect(flow.held).toBe(7);
    clock.advance(20);
    expect(flow.held).toBe(0);
    expect(flow.isClear).toBe(false);
  });

  it("goes nowhere once the stream is gone, and no timer is left", () => {
    const gate = new TestGate();
    const { flow, clock, log, reply, write } = flowScene();
    flow.impair([SLOW, { hold: gate }]);
    reply([LATE, { slice: { octets: 1, everyMs: 5 } }], "123");
    write("4");
    clock.advance(60);
    expect(gate.waiting).toBe(1);
    flow.destroy();
    expect(gate.waiting).toBe(0);
    write("5");
    flow.impair([LATE]);
    flow.close("end");
    clock.advance(1000);
    expect(log).toEqual([]);
    expect(flow.held).toBe(0);
  });

  it("is nothing after nothing was impaired", () => {
    const { flow, log, write } = flowScene();
    expect(flow.isClear).toBe(true);
    write("1");
    expect(flow.isClear).toBe(true);
    flow.begin([]);
    expect(flow.isClear).toBe(false);
    flow.finish();
    expect(flow.isClear).toBe(true);
    expect(log).toEqual(["1@0"]);
  });
});
