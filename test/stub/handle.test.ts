import { describe, expect, it } from "vitest";
import type { Fields } from "../../src/contract/machine.ts";
import { RuleHandle } from "../../src/stub/handle.ts";
import type { RuleInput } from "../../src/stub/rule-input.ts";
import { ASKER, mistakeOf, scene } from "./fixture.ts";

/** A rule with its handle, and what asks. */
function handled(rule: RuleInput) {
  const made = scene();
  return { ...made, handle: new RuleHandle<number>(made.add(rule), made.set) };
}

describe("what a rule has seen", () => {
  it("is the requests it answered, oldest first, and no others", () => {
    const { handle, ask } = handled({ when: { verb: "GET" }, reply: 1, every: 2 });
    const requests = ["a", "b", "c", "d"].map((path) => ({ verb: "GET", path }));
    for (const request of requests) ask(request);
    ask({ verb: "PUT" });
    expect(handle.seen).toEqual([requests[1], requests[3]]);
    expect(handle.seen[0]).toBe(requests[1]);
    expect(handle.count).toBe(2);
  });

  it("is a list of its own each time", () => {
    const { handle, ask } = handled({ reply: 1 });
    const before = handle.seen;
    ask();
    expect([before.length, handle.seen.length]).toEqual([0, 1]);
  });

  it("is the last thousand, and the count goes on", () => {
    const { handle, ask } = handled({ reply: 1 });
    for (let size = 0; size < 1500; size += 1) ask({ size });
    expect(handle.count).toBe(1500);
    expect(handle.seen).toHaveLength(1000);
    expect([handle.seen[0], handle.seen.at(-1)]).toEqual([{ size: 500 }, { size: 1499 }]);
  });

  it("is as many as sixteen mebioctets of bodies, and the last whatever its size", () => {
    const { handle, ask } = handled({ reply: 1 });
    const body = new Uint8Array(5 * 1024 * 1024);
    for (let size = 0; size < 5; size += 1) ask({ size, body });
    expect(handle.seen.map(({ size }) => size)).toEqual([2, 3, 4]);
    ask({ size: 5, body: new Uint8Array(20 * 1024 * 1024) });
    expect(handle.seen.map(({ size }) => size)).toEqual([5]);
  });
});

describe("a handle", () => {
  it("has the rule's name, or says which it is", () => {
    expect(handled({ name: "full", reply: 1 }).handle.name).toBe("full");
    const { set } = scene();
    const names = [{ reply: 1 }, { reply: 2 }].map((rule) => new RuleHandle(set.add(rule), set).name);
    expect(names).toEqual(["rule 1", "rule 2"]);
  });

  it("is active until the rule's times are over", () => {
    const { handle, ask } = handled({ reply: 1, times: 2 });
    const active = [handle.active];
    for (let times = 0; times < 2; times += 1) {
      ask();
      active.push(handle.active);
    }
    expect(active).toEqual([true, true, false]);
  });

  it("takes its rule back, twice as well as once, and keeps what it has seen", () => {
    const { handle, ask, set } = handled({ reply: 1 });
    ask();
    handle.remove();
    handle.remove();
    expect([ask(), handle.active, handle.count, handle.seen.length]).toEqual([undefined, false, 1, 1]);
    expect(set.all).toEqual([]);
  });

  it("takes its rule back at the end of its block", () => {
    const { handle, ask } = handled({ reply: 1 });
    {
      using rule = handle;
      expect(rule.active).toBe(true);
    }
    expect(ask()).toBeUndefined();
  });

  it("is inactive once everything was reset", () => {
    const { handle, set, ask } = handled({ reply: 1 });
    set.reset();
    expect([handle.active, ask()]).toEqual([false, undefined]);
    handle.remove();
    expect(set.all).toEqual([]);
  });
});

describe("reset", () => {
  it("brings the file's rules back, none of them used", () => {
    const { set, ask, add } = scene({ written: [{ reply: 1, times: 1 }] });
    add({ reply: 2, times: 1 });
    expect([ask(), ask(), ask()]).toEqual([2, 1, undefined]);
    set.reset();
    expect([ask(), ask()]).toEqual([1, undefined]);
    expect(new RuleHandle(add({ reply: 3 }), set).name).toBe("rule 1");
  });

  it("tells that what was concluded from older rules is stale, as every change does", () => {
    const { set, add } = scene();
    const versions = [set.version];
    const rule = add({ reply: 1 });
    versions.push(set.version);
    set.change(rule, { reply: 2 });
    versions.push(set.version);
    set.remove(rule);
    versions.push(set.version);
    set.reset();
    versions.push(set.version);
    expect(new Set(versions).size).toBe(5);
  });
});

describe("a rule that cannot be", () => {
  it("leaves the others as they were, and takes no number", () => {
    const { set, add, ask } = scene();
    add({ reply: 1 });
    const before = [set.version, set.all.length];
    expect(mistakeOf(() => add({ reply: "none" })).place).toBe("made.stub.reply");
    expect([set.version, set.all.length]).toEqual(before);
    expect([ask(), new RuleHandle(add({ reply: 2 }), set).name]).toEqual([1, "rule 2"]);
  });
});

describe("called", () => {
  it("resolves with the last request, whether it has come or is still to come", async () => {
    const { handle, ask } = handled({ reply: 1 });
    ask({ path: "a" });
    expect(await handle.called()).toEqual({ path: "a" });
    const second = handle.called(2);
    ask({ path: "b" });
    expect(await second).toEqual({ path: "b" });
  });

  it("resolves for everybody who waits", async () => {
    const { handle, ask } = handled({ reply: 1 });
    const waiting = [
      handle.called(),
      handle.called({ count: 2 }),
      handle.called({ timeout: Number.POSITIVE_INFINITY }),
    ];
    ask({ size: 1 });
    ask({ size: 2 });
    expect(await Promise.all(waiting)).toHaveLength(3);
  });

  it("rejects when the time is over, and says how far it came", async () => {
    const { handle, ask } = handled({ name: "full", reply: 1 });
    ask();
    await expect(handle.called({ timeout: "soon" })).rejects.toThrow(/^timeout: expected .*, got "soon"$/);
    await expect(handle.called({ count: 3, timeout: "1ms" })).rejects.toMatchObject({
      code: "WAIT_TIMEOUT",
      message: "full: it answered 1 of 3 requests; 1 ms have passed",
    });
  });

  it("rejects with the signal's reason, before and while it waits", async () => {
    const { handle } = handled({ reply: 1 });
    const abort = new AbortController();
    const waiting = handle.called({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(handle.called({ signal: abort.signal })).rejects.toThrow("enough");
  });
});

describe("hold", () => {
  /** A reply that waits at the rule's gate. */
  function held(rule: RuleInput) {
    const { handle, set } = handled(rule);
    const rules = set.forSession(ASKER, () => undefined);
    const let_go: number[] = [];
    const stops: (() => void)[] = [];
    const arrive = (which: number) => {
      const faults = rules.ask({})?.faults ?? [];
      for (const { effects } of faults) if (effects.hold) stops.push(effects.hold.wait(() => let_go.push(which)));
    };
    return { handle, arrive, let_go, stops };
  }

  it("lets replies go, the oldest first, and then all that will ever come", () => {
    const { handle, arrive, let_go } = held({ reply: 1, hold: true });
    for (const which of [1, 2, 3, 4]) arrive(which);
    expect([handle.holding, let_go]).toEqual([4, []]);
    handle.release(1);
    expect(let_go).toEqual([1]);
    handle.release(2);
    expect([handle.holding, let_go]).toEqual([1, [1, 2, 3]]);
    handle.release();
    arrive(5);
    expect([handle.holding, let_go]).toEqual([0, [1, 2, 3, 4, 5]]);
  });

  it.each([0, -1, Number.NaN])("lets none go for %d", (count) => {
    const { handle, arrive } = held({ hold: true });
    arrive(1);
    arrive(2);
    handle.release(count);
    expect(handle.holding).toBe(2);
  });

  it("forgets a reply whose session is gone", () => {
    const { handle, arrive, let_go, stops } = held({ hold: true });
    arrive(1);
    arrive(2);
    stops[0]?.();
    handle.release(1);
    expect([handle.holding, let_go]).toEqual([0, [2]]);
  });

  it("holds a reply once, whatever faults there are", () => {
    const { handle, arrive } = held({ fault: [{ delay: 1 }, { slice: 1 }], hold: true });
    arrive(1);
    expect(handle.holding).toBe(1);
  });

  it("lets everything go when the rule is removed", () => {
    const { handle, arrive, let_go } = held({ reply: 1, hold: true });
    arrive(1);
    handle.remove();
    expect(let_go).toEqual([1]);
  });
});

describe("change", () => {
  it("puts another consequence in the rule's place, and everything else stays", () => {
    const { handle, ask } = handled({ when: { verb: "GET" }, reply: 1, times: 3 });
    expect(ask({ verb: "GET" })).toBe(1);
    handle.change({ reply: 2 });
    expect([ask({ verb: "PUT" }), ask({ verb: "GET" })]).toEqual([undefined, 2]);
    handle.change({ fault: "reset" });
    expect([ask({ verb: "GET" }), ask({ verb: "GET" })]).toEqual(["instead", undefined]);
  });

  it("keeps the phase, and the octets that are untouched", () => {
    const { set, add } = scene();
    const rule = add({ when: { phase: "mid-stream", at: 5 }, fault: "reset" });
    set.change(rule, { fault: "stall" });
    const ruling = set.forSession(ASKER, () => undefined).ask({});
    expect(ruling?.faults).toMatchObject([{ phase: "mid-stream", effects: { from: 5, stall: { after: 0 } } }]);
  });

  it("opens and closes a port", () => {
    const { set, add } = scene();
    let changes = 0;
    set.onRefusal = () => {
      changes += 1;
    };
    const rule = add({ when: { phase: "connect" }, fault: "reset" });
    set.change(rule, { fault: "refuse" });
    expect([set.isRefused("tcp"), changes]).toEqual([true, 1]);
    set.change(rule, { fault: "close" });
    expect([set.isRefused("tcp"), changes]).toEqual([false, 2]);
  });

  it.each<[RuleInput, object | null, string]>([
    [{ reply: 1 }, {}, "made.change: nothing would come of a match: it needs a reply, a fault, a hold or a sequence"],
    [{ reply: 1 }, null, "made.change: expected a map, got null"],
    [{ reply: 1 }, { reply: 2, times: 3 }, "made.change.times: unknown key; known are reply, fault, hold"],
    [{ reply: 1 }, { fault: "rest" }, 'made.change.fault: unknown fault "rest", did you mean "reset"?'],
    [
      { reply: 1 },
      { fault: "refuse" },
      "made.change: a rule about connections stays one, and no other becomes one: remove it, and make another",
    ],
    [
      { when: { phase: "connect" }, fault: "reset" },
      { reply: 1 },
      "made.change: a rule about connections stays one, and no other becomes one: remove it, and make another",
    ],
    [
      { when: { phase: "connect", nth: 2 }, fault: "reset" },
      { fault: "refuse" },
      "made.change.when.nth: a port is closed for everybody, and before anything was asked; leave it out",
    ],
    [
      { when: { transport: "tcp" }, reply: 1 },
      { fault: "duplicate" },
      "made.change.fault: duplicate is for datagrams, and the rule is about tcp",
    ],
  ])("of %j to %j is refused, and the rule stays as it is", (rule, consequence, problem) => {
    const { handle, set } = handled(rule);
    const steps = set.all[0]?.steps;
    expect(mistakeOf(() => handle.change(consequence as never)).message).toBe(problem);
    expect(set.all[0]?.steps).toBe(steps);
  });
});

describe("a test of the user's own that throws", () => {
  it("counts as no match, and the rule remembers why", () => {
    const { add, ask } = scene();
    const test = (path: unknown) => (path as string).includes("a");
    const rule = add({ when: { path: test }, reply: 1 });
    expect([ask({}), ask({ path: "a" })]).toEqual([undefined, 1]);
    expect(rule.failure).toContain("its test of path threw TypeError");
  });
});

describe("couldMatch", () => {
  it.each<[object, Fields, readonly string[], boolean]>([
    [{ when: { path: "a" } }, { path: "a" }, [], true],
    [{ when: { path: "a" } }, { path: "b" }, [], false],
    [{ when: { path: "a" } }, { path: "b" }, ["path"], true],
    [{ when: { path: "a" } }, { path: "b" }, ["size"], false],
    [{ when: { path: /a/, size: 1 } }, { path: "a", size: 2 }, ["size"], true],
    [{ when: { path: /a/, size: 1 } }, { path: "b", size: 1 }, ["size"], false],
    [{ when: { size: 1 } }, { size: [2, 1] }, [], true],
    [{}, {}, [], true],
    [{ when: { transport: "udp" } }, {}, [], false],
    [{ when: { peer: "192.0.2.1" } }, {}, [], true],
    [{ when: { nth: 5 } }, {}, [], true],
  ])("of a rule with %j and a request %j, where %j vary: %s", (rule, request, varying, could) => {
    const { set, add } = scene();
    add({ ...rule, reply: 1 });
    expect(set.forSession(ASKER, () => undefined).couldMatch(request, varying)).toBe(could);
  });

  it("is no when there are no rules, and counts nothing", () => {
    const { set, add } = scene();
    const rules = set.forSession(ASKER, () => undefined);
    expect([rules.any, rules.couldMatch({}, [])]).toEqual([false, false]);
    const rule = add({ reply: 1, times: 1 });
    expect([rules.any, rules.couldMatch({}, []), rule.count]).toEqual([true, true, 0]);
  });
});

describe("concerns", () => {
  it.each<[object, readonly string[], boolean]>([
    [{ when: { path: "a" } }, ["path"], true],
    [{ when: { path: "a" } }, ["size", "verb"], false],
    [{ when: { transport: "udp", path: "a" } }, ["path"], false],
    [{}, ["path"], false],
  ])("a rule with %j the fields %j: %s", (rule, names, does) => {
    const { set, add } = scene();
    add({ ...rule, reply: 1 });
    expect(set.forSession(ASKER, () => undefined).concerns(names)).toBe(does);
  });

  it("nothing when the rule is used up", () => {
    const { set, add, ask } = scene();
    add({ when: { path: "a" }, reply: 1, times: 1 });
    const rules = set.forSession(ASKER, () => undefined);
    expect(rules.concerns(["path"])).toBe(true);
    ask({ path: "a" });
    expect(rules.concerns(["path"])).toBe(false);
  });
});
