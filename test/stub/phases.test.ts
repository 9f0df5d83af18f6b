import { describe, expect, it } from "vitest";
import type { Fault } from "../../src/contract/fault.ts";
import { ASKER, scene } from "./fixture.ts";

/** What the only rule says to a request. */
function rulingOf(rule: object) {
  const { set, add } = scene();
  add(rule);
  return set.forSession(ASKER, () => undefined).ask({});
}

const OCTETS = new Uint8Array([1]);

describe("where a fault strikes if nothing is said", () => {
  it.each<[unknown, string]>([
    ["reset", "instead"],
    ["close", "instead"],
    ["silence", "instead"],
    ["drop", "instead"],
    ["stall", "instead"],
    ["half-close", "after-reply"],
    ["stop-reading", "before-reply"],
    ["truncate", "before-reply"],
    ["duplicate", "before-reply"],
    ["reorder", "before-reply"],
    [{ delay: 5 }, "before-reply"],
    [{ latency: "5ms" }, "before-reply"],
    [{ bandwidth: 10 }, "before-reply"],
    [{ slice: 1 }, "before-reply"],
    [{ corrupt: true }, "before-reply"],
    [{ truncate: 0 }, "instead"],
    [{ truncate: 5 }, "before-reply"],
    [{ truncate: -1 }, "before-reply"],
    [{ reset: { after: 5 } }, "before-reply"],
    [{ close: { after: 0 } }, "instead"],
    [{ stall: { after: 5 } }, "before-reply"],
    [{ halfClose: { after: 0 } }, "after-reply"],
    [{ halfClose: { after: 5 } }, "before-reply"],
    [{ truncate: 5, halfClose: true }, "before-reply"],
    [{ raw: "x", halfClose: true }, "instead"],
    [{ raw: "x" }, "instead"],
    [{ raw: OCTETS }, "instead"],
    [{ delay: 5, reset: true }, "instead"],
    [{ reset: true, direction: "in" }, "before-reply"],
    [{ source: { port: 0 } }, "before-reply"],
  ])("%j: %s", (fault, phase) => {
    const ruling = rulingOf({ fault });
    expect(ruling?.faults.map((one) => one.phase)).toEqual([phase]);
    expect(ruling?.instead).toBe(phase === "instead");
  });

  it("is before the reply of a rule, which is sent", () => {
    const ruling = rulingOf({ reply: 1, fault: "reset" });
    expect(ruling).toMatchObject({ reply: 1, instead: false, faults: [{ phase: "before-reply" }] });
  });

  it.each(["before-reply", "after-reply", "instead"] as const)("is %s, if that is said", (phase) => {
    const ruling = rulingOf({ when: { phase }, fault: "reset" });
    expect(ruling).toMatchObject({ instead: phase === "instead", faults: [{ phase }] });
  });

  it("leaves so many octets untouched in the middle of a reply", () => {
    const ruling = rulingOf({ when: { phase: "mid-stream", at: 7 }, fault: "reset" });
    expect(ruling).toMatchObject({ instead: false, faults: [{ phase: "mid-stream", effects: { from: 7 } }] });
    expect(rulingOf({ when: { phase: "mid-stream", at: 7 }, hold: true })).toMatchObject({
      faults: [{ phase: "mid-stream", effects: { from: 7 } }],
    });
  });

  it("is put out as the output of the ruling", () => {
    const ruling = rulingOf({ fault: ["stop-reading", { delay: 5 }] });
    expect(ruling?.output).toEqual({ do: "fault", faults: ruling?.faults });
    expect(ruling?.faults).toHaveLength(2);
  });
});

describe("a fault as one writes it", () => {
  const effectsOf = (fault: unknown): Fault["effects"] | undefined => rulingOf({ fault })?.faults[0]?.effects;

  it.each<[unknown, Fault["effects"]]>([
    ["reset", { cut: { after: 0, how: "reset" } }],
    ["close", { cut: { after: 0, how: "end" } }],
    ["silence", { truncate: 0 }],
    ["drop", { truncate: 0 }],
    ["stall", { stall: { after: 0 } }],
    ["half-close", { halfClose: { after: 0 } }],
    ["truncate", { truncate: -1 }],
    ["duplicate", { duplicate: 1 }],
    ["reorder", { reorder: 1 }],
    ["stop-reading", {}],
    [{ reset: { after: 3 } }, { cut: { after: 3, how: "reset" } }],
    [{ delay: "2s" }, { delayMs: 2000 }],
    [{ delay: 0 }, { delayMs: 0 }],
    [{ latency: 5 }, { latency: { ms: 5, jitterMs: 0 } }],
    [{ latency: { ms: "5ms", jitter: "1s" } }, { latency: { ms: 5, jitterMs: 1000 } }],
    [{ slice: 3 }, { slice: { octets: 3, everyMs: 0 } }],
    [{ slice: { octets: 3, every: "1s" } }, { slice: { octets: 3, everyMs: 1000 } }],
    [{ corrupt: true }, { corrupt: { after: 0, octets: 1, mask: 0xff } }],
    [{ corrupt: 5 }, { corrupt: { after: 5, octets: 1, mask: 0xff } }],
    [{ corrupt: { octets: 2, mask: 1 } }, { corrupt: { after: 0, octets: 2, mask: 1 } }],
    [{ raw: "\u00e9" }, { raw: Buffer.from("\u00e9") }],
    [{ raw: OCTETS }, { raw: OCTETS }],
    [{ duplicate: 3 }, { duplicate: 3 }],
    [{ duplicate: true }, { duplicate: 1 }],
    [{ source: { port: 5, address: "127.0.0.2" } }, { source: { port: 5, address: "127.0.0.2" } }],
    [
      { delay: 1, close: true, reset: false },
      { delayMs: 1, cut: { after: 0, how: "end" } },
    ],
    [
      { truncate: 5, close: { after: 5 } },
      { truncate: 5, cut: { after: 5, how: "end" } },
    ],
  ])("%j", (written, effects) => {
    expect(effectsOf(written)).toEqual(effects);
  });

  it("befalls what the service sends, unless it says otherwise", () => {
    expect(rulingOf({ fault: { delay: 1 } })?.faults[0]?.direction).toBe("out");
    expect(rulingOf({ fault: { delay: 1, direction: "in" } })?.faults[0]?.direction).toBe("in");
  });
});

describe("a rule about the connection", () => {
  it.each<[object, boolean]>([
    [{ fault: "refuse" }, true],
    [{ when: { phase: "connect" }, fault: "reset" }, true],
    [{ when: { phase: "connect" }, hold: true }, true],
    [{ when: { phase: "connect" }, reply: 1 }, false],
    [{ when: { phase: "greeting" }, fault: "reset" }, false],
    [{ fault: "reset" }, false],
  ])("%j: %s", (rule, isConnection) => {
    const { set, add } = scene();
    add(rule);
    expect(set.hasConnected).toBe(isConnection);
    expect(set.connected(ASKER)).toHaveLength(isConnection ? 1 : 0);
  });

  it("counts connections, those that it means", () => {
    const { set, add } = scene();
    const rule = add({ when: { phase: "connect", nth: 2, peer: "127.0.0.1" }, fault: "reset" });
    const other = { transport: "tcp", peer: { address: "192.0.2.1", port: 1 } } as const;
    expect([ASKER, other, ASKER, ASKER].map((asker) => set.connected(asker).length)).toEqual([0, 0, 1, 0]);
    expect(rule.count).toBe(1);
  });

  it("asks nothing of requests", () => {
    const { set, add } = scene();
    add({ fault: "refuse" });
    const rules = set.forSession(ASKER, () => undefined);
    expect([rules.any, rules.ask({}), rules.greet()]).toEqual([false, undefined, undefined]);
  });

  it("closes the ports of its transport while it is in force", () => {
    const { set, add, clock } = scene();
    let changes = 0;
    set.onRefusal = () => {
      changes += 1;
    };
    const both = () => [set.isRefused("tcp"), set.isRefused("udp")];
    const rule = add({ when: { transport: "udp" }, fault: "refuse" });
    expect([both(), changes]).toEqual([[false, true], 1]);
    add({ fault: "refuse", for: "1s" });
    expect([both(), changes]).toEqual([[true, true], 2]);
    clock.advance("1s");
    expect([both(), changes]).toEqual([[false, true], 3]);
    set.remove(rule);
    expect([both(), changes]).toEqual([[false, false], 4]);
  });
});
