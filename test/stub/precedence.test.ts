import { describe, expect, it } from "vitest";
import { ASKER, made, PEER, scene } from "./fixture.ts";

describe("which of several rules answers", () => {
  it("is the latest that matches", () => {
    const { add, ask } = scene();
    add({ reply: 1 });
    add({ when: { verb: "GET" }, reply: 2 });
    add({ when: { path: "a*" }, reply: 3 });
    expect(ask({ verb: "GET", path: "ab" })).toBe(3);
    expect(ask({ verb: "GET", path: "b" })).toBe(2);
    expect(ask({ verb: "PUT", path: "b" })).toBe(1);
  });

  it("is the latest, wherever the index has it", () => {
    const { add, ask } = scene();
    add({ when: { verb: "GET" }, reply: 1 });
    add({ when: { path: "a" }, reply: 2 });
    add({ when: { verb: "GET" }, reply: 3 });
    add({ when: { path: /a/ }, reply: 4 });
    const requests = [
      { verb: "GET", path: "a" },
      { verb: "GET", path: "b" },
      { verb: "PUT", path: "a" },
    ];
    expect(requests.map(ask)).toEqual([4, 3, 4]);
  });

  it("is the one before, when the latest is used up, is not meant, or is gone", () => {
    const { add, ask, set } = scene();
    add({ reply: 1 });
    const second = add({ reply: 2 });
    add({ reply: 3, times: 1 });
    add({ when: { nth: 2 }, reply: 4 });
    expect([ask(), ask(), ask()]).toEqual([3, 4, 2]);
    set.remove(second);
    expect(ask()).toBe(1);
  });

  it("is asked once: a rule behind the one that answers counts nothing", () => {
    const { add, ask } = scene();
    const first = add({ when: { nth: 1 }, reply: 1 });
    add({ reply: 2, times: 1 });
    expect([ask(), ask()]).toEqual([2, 1]);
    expect(first.count).toBe(1);
  });

  it("is the first of a file's, as one reads it", () => {
    const { ask, add } = scene({ written: [{ when: { verb: "GET" }, reply: 1 }, { reply: 2 }, { reply: 3 }] });
    expect([ask({ verb: "GET" }), ask({ verb: "PUT" })]).toEqual([1, 2]);
    add({ reply: 4 });
    expect(ask({ verb: "GET" })).toBe(4);
  });

  it.each(["greeting", "connect"] as const)("is the latest for the phase %s too, and a file's first", (phase) => {
    const when = { phase };
    const { set, add } = scene({
      written: [
        { when, reply: 1, times: 1 },
        { when, reply: 2 },
      ],
    });
    const rules = set.forSession(ASKER, () => undefined);
    const greet = () => rules.greet()?.reply;
    expect([greet(), greet()]).toEqual([1, 2]);
    add({ when, reply: 3, times: 1 });
    add({ when, reply: 4, times: 1 });
    expect([greet(), greet(), greet()]).toEqual([4, 3, 2]);
  });
});

describe("who is asked about", () => {
  it.each<[object, object, boolean]>([
    [{ transport: "tcp" }, ASKER, true],
    [{ transport: "udp" }, ASKER, false],
    [{ peer: "127.0.0.1" }, ASKER, true],
    [{ peer: "127.0.0.0/8" }, ASKER, true],
    [{ peer: ["192.0.2.0/24", "::1"] }, ASKER, false],
    [{ peer: "127.0.0.1" }, { transport: "tcp", peer: { address: "::ffff:127.0.0.1", port: 1 } }, true],
    [{ peer: "::1" }, { transport: "tcp", peer: { address: "::1", port: 1 } }, true],
  ])("%j, asked by %j", (when, asker, isAnswered) => {
    const { set, add } = scene();
    add({ when, reply: 1 });
    expect(set.forSession(asker as typeof ASKER, () => undefined).ask({})?.reply).toBe(isAnswered ? 1 : undefined);
  });

  it("is told by the datagram for those that have no sessions", () => {
    const { set, add } = scene();
    add({ when: { peer: "192.0.2.1", transport: "udp" }, reply: 1 });
    const told: string[] = [];
    const rules = set.forDatagrams((label, _, peer) => told.push(`${label} ${peer.address}`));
    expect(rules.ask({}, { ...PEER, address: "192.0.2.1" })?.reply).toBe(1);
    expect(rules.ask({}, PEER)).toBeUndefined();
    expect(told).toEqual(["rule 1 192.0.2.1"]);
  });
});

describe("what is told of a use", () => {
  it("is the rule's name, its number, or its place in the file", () => {
    const { add, ask, told } = scene({ written: [{ when: { verb: "GET" }, reply: 0 }] });
    add({ when: { verb: "PUT" }, reply: 1 });
    add({ name: "mine", when: { verb: "QUIT" }, reply: 2 });
    for (const verb of ["GET", "PUT", "QUIT"]) ask({ verb });
    expect(told).toEqual(["rules[0]", "rule 1", "mine"]);
  });
});

describe("a trigger", () => {
  it.each<[string, unknown]>([
    ["reset@fault.test", "instead"],
    ["452@fault.test", 452],
    ["alice@example.test", undefined],
  ])("%s is answered with %s", (path, answer) => {
    const { ask, told } = scene({ triggers: true });
    expect(ask({ path })).toBe(answer);
    expect(told).toEqual(answer === undefined ? [] : ["trigger"]);
  });

  it("says nothing unless the harness was started with triggers", () => {
    expect(scene().ask({ path: "reset@fault.test" })).toBeUndefined();
  });

  it("comes behind every rule", () => {
    const { ask, add } = scene({ triggers: true });
    add({ when: { path: "*@fault.test" }, reply: 1, times: 1 });
    expect([ask({ path: "452@fault.test" }), ask({ path: "452@fault.test" })]).toEqual([1, 452]);
  });

  it("could be in a request, and then its answer must not be kept", () => {
    const { set } = scene({ triggers: true });
    const rules = set.forSession(ASKER, () => undefined);
    expect(rules.any).toBe(true);
    expect(rules.couldMatch({ path: "452@fault.test" }, [])).toBe(true);
    expect(rules.couldMatch({ path: "a" }, [])).toBe(false);
  });

  it("that makes no rule is none: a peer has written it", () => {
    const triggers = { table: [], match: () => ({ reply: "no code" }) };
    expect(scene({ triggers: true, service: { ...made, triggers } }).ask()).toBeUndefined();
  });

  it("of a thousand kinds and more is answered all the same", () => {
    const { ask } = scene({ triggers: true });
    for (let code = 1; code <= 2500; code += 1) expect(ask({ path: `${code}@fault.test` })).toBe(code);
    expect(ask({ path: "1@fault.test" })).toBe(1);
  });
});
