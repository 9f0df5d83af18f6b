import { describe, expect, it } from "vitest";
import type { Effects, Fault } from "../../src/contract/fault.ts";
import type { Output } from "../../src/contract/machine.ts";
import { fromLatin1, toLatin1 } from "../../src/wire/bytes.ts";
import { fault, TestGate } from "../fault/faults.ts";
import { answering, EXCHANGE } from "./answering.ts";
import { Reader, type Scene, sceneOf, send, turns } from "./fixture.ts";

const KIBIBYTE = 1024;
const FULL = 64 * KIBIBYTE;

/** The notes about faults. */
const strikes = ({ journal }: Scene) => journal.find({ event: "fault" }).map(({ detail }) => detail);

describe("half-closed by a fault", () => {
  it("a session goes on reading, swallows what it would send, and ends with the client", () => {
    const { peer, machine, record, overs } = answering([fault({ halfClose: { after: 0 } })]);
    peer.write("!");
    peer.write("2");
    expect(peer.text).toBe("hi FIN");
    expect(machine.told.slice(-2)).toEqual(['"!"', '"2"']);
    peer.client.end();
    expect(overs()).toBe(1);
    expect(record().filter((word) => word.startsWith("end"))).toEqual(["end by service", "end by peer"]);
    expect(record()).not.toContain("sent <");
  });
});

describe("faults on a running session", () => {
  const late = (ms: number) => [fault({ latency: { ms, jitterMs: 0 } }, { phase: "connect" })];

  it("begin, change and end while it runs, and no octet is lost or moved", () => {
    const { session, peer, clock } = answering([]);
    const impairment = session.impair(late(50));
    peer.write("1");
    clock.advance(20);
    impairment.change(late(10));
    expect(peer.text).toBe("hi <1>");
    peer.write("2");
    clock.advance(10);
    expect(peer.text).toBe("hi <1><2>");
    peer.write("3");
    impairment.remove();
    peer.write("4");
    expect(peer.text).toBe("hi <1><2><3><4>");
  });

  it("are several at once, each with its own end", () => {
    const { session, peer, clock } = answering([]);
    const [first, second] = [session.impair(late(50)), session.impair(late(20))];
    peer.write("1");
    clock.advance(70);
    expect(peer.text).toBe("hi <1>");
    first.remove();
    peer.write("2");
    clock.advance(20);
    expect(peer.text).toBe("hi <1><2>");
    second.remove();
    first.remove();
    peer.write("3");
    expect(peer.text).toBe("hi <1><2><3>");
  });

  it("may be none, and become some later", () => {
    const { session, peer } = answering([]);
    const impairment = session.impair([]);
    peer.write("1");
    impairment.change([fault({ truncate: 0 })]);
    peer.write("2");
    impairment.change([]);
    peer.write("3");
    expect(peer.text).toBe("hi <1><3>");
  });

  it("end a stall: what waited is answered", () => {
    const { session, peer } = answering([]);
    const impairment = session.impair([
      fault({ stall: { after: 0 } }),
      fault({ stall: { after: 0 } }, { direction: "in" }),
    ]);
    peer.write("1");
    peer.write("2");
    impairment.remove();
    expect(peer.text).toBe("hi <1><2>");
  });

  it("are without consequence when it is over", () => {
    const { session, peer, overs } = answering([]);
    const impairment = session.impair(late(50));
    peer.client.reset();
    impairment.change(late(5));
    impairment.remove();
    session.impair(late(5)).remove();
    expect(overs()).toBe(1);
  });
});

describe("a connection that is read no more", () => {
  it.each<[string, Fault[], Fault[], string]>([
    ["from the first octet on", [], [fault({}, { phase: "connect", stopReading: true })], "hi "],
    ["from a reply on", [fault({}, { stopReading: true })], [], "hi <!>"],
    ["after a reply", [fault({}, { phase: "after-reply", stopReading: true })], [], "hi <!>"],
  ])("%s", (_, faults, standing, expected) => {
    const { peer, record } = answering(faults, standing);
    peer.write("!");
    peer.write("2");
    peer.client.end();
    expect(peer.text).toBe(expected);
    expect(record()).not.toContain("received 2");
    expect(record()).not.toContain("end by peer");
  });

  it("is read again when the fault is taken back, and nothing was lost", () => {
    const { session, peer } = answering([]);
    const impairment = session.impair([fault({}, { stopReading: true })]);
    peer.write("1");
    peer.write("2");
    expect(peer.text).toBe("hi ");
    impairment.remove();
    expect(peer.text).toBe("hi <1><2>");
  });

  it("can still be said goodbye to", () => {
    const { session, peer } = answering([], [fault({}, { stopReading: true })]);
    session.shutdown();
    expect(peer.text).toBe("hi byeFIN");
  });
});

describe("back-pressure under faults", () => {
  const flood: Output = { do: "send", bytes: new Uint8Array(KIBIBYTE) };

  it("makes a producer wait while the flow is full, and lets it go on", async () => {
    const { machine, clock, session } = sceneOf(
      ({ type }) => (type === "open" || type === "pull" ? [flood, { do: "pull" }] : []),
      { faults: [fault({ delayMs: 1000 }, { phase: "connect" })] },
    );
    await turns(200);
    expect(machine.inputs).toHaveLength(FULL / KIBIBYTE);
    clock.advance(1000);
    await turns(20);
    expect(machine.inputs.length).toBeGreaterThan(FULL / KIBIBYTE + 10);
    session.destroy();
  });

  it.each<[string, Fault]>([
    ["its answers", fault({ stall: { after: 0 } }, { phase: "connect" })],
    ["its requests", fault({ stall: { after: 0 } }, { phase: "connect", direction: "in" })],
  ])("stops reading from a client while %s are held", (_, one) => {
    const { peer, journal, session } = answering([], [one]);
    for (let at = 0; at < 100; at += 1) peer.write("x".repeat(KIBIBYTE));
    const received = () => journal.find({ kind: "received" }).length;
    expect(received()).toBeGreaterThan(60);
    expect(received()).toBeLessThanOrEqual(FULL / KIBIBYTE);
    session.destroy();
  });

  it("stops reading from a client whose answers wait in vain, being empty", () => {
    const scene = sceneOf(({ type }) => {
      if (type !== "data") return [];
      return [{ do: "fault", faults: [fault({ truncate: 0, hold: new TestGate() })] }, EXCHANGE];
    });
    for (let at = 0; at < 10_000; at += 1) scene.peer.write("!");
    expect(scene.machine.inputs.length).toBeGreaterThan(100);
    expect(scene.machine.inputs.length).toBeLessThan(1000);
    scene.session.destroy();
  });

  it("reads on when they have left", () => {
    const { peer, session } = answering([]);
    const impairment = session.impair([fault({ hold: new TestGate() })]);
    for (let at = 0; at < 100; at += 1) peer.write("x".repeat(KIBIBYTE));
    impairment.remove();
    expect(peer.text).toHaveLength(3 + 100 * (KIBIBYTE + 2));
  });
});

describe("the end of a session under faults", () => {
  it.each<[string, Effects]>([
    ["stalled", { stall: { after: 0 } }],
    ["held", { hold: new TestGate() }],
  ])("is at once when it is stopped while it is %s", (_, effects) => {
    const { peer, session, overs, record, machine } = answering([fault(effects)]);
    peer.write("!");
    session.shutdown();
    expect(overs()).toBe(1);
    expect(machine.told.at(-1)).toBe("shutdown stopping");
    expect(record().at(-1)).toMatch(/^close by/);
  });

  it("comes after its last words when they are only late", () => {
    const { peer, session, clock } = answering([], [fault({ delayMs: 50 }, { phase: "connect" })]);
    session.shutdown();
    expect(peer.text).toBe("");
    clock.advance(50);
    expect(peer.text).toBe("hi byeFIN");
  });

  it.each(["destroyed", "reset by its client"])("leaves no timer and no gate behind when it is %s", (how) => {
    const gate = new TestGate();
    const { peer, session, clock, record } = answering([fault({ delayMs: 50 }), fault({ hold: gate })]);
    peer.write("!");
    clock.advance(60);
    if (how === "destroyed") session.destroy();
    else peer.client.reset();
    const entries = record().length;
    expect(gate.waiting).toBe(0);
    clock.advance(100_000);
    expect(record()).toHaveLength(entries);
  });

  it("comes half a minute after a client has gone that a stalled reply could not find out about", () => {
    const { peer, clock, overs } = answering([fault({ stall: { after: 0 } })]);
    peer.write("!");
    peer.client.end();
    clock.advance(29_999);
    expect(overs()).toBe(0);
    clock.advance(1);
    expect(overs()).toBe(1);
  });

  it("is a crash's, whatever the faults", () => {
    const { peer, record } = sceneOf(
      ({ type }) => {
        if (type === "data") throw new Error("a mistake of ours");
        return [];
      },
      { faults: [fault({ delayMs: 50 }, { phase: "connect" })] },
    );
    peer.write("x");
    expect(peer.text).toBe("RST");
    expect(record().slice(-2)).toEqual(["note crash", "close by service"]);
  });
});

describe("faults on channels", () => {
  const onData = (effects: Effects, where: Partial<Fault> = {}) => fault(effects, { channels: true, ...where });

  /** `PASV` listens, `SEND` sends on the data connection and closes it; `!` before them comes with the faults. */
  const passive = (faults: readonly Fault[], standing: readonly Fault[] = []) =>
    sceneOf(
      function* (input) {
        if (input.type !== "data" || input.channel !== undefined) return;
        const word = toLatin1(input.bytes);
        if (word.startsWith("!")) yield { do: "fault", faults };
        if (word.endsWith("PASV")) yield { do: "listen", channel: "data" };
        if (word.endsWith("SEND")) yield send("contents", "data");
        if (word.endsWith("SEND")) yield { do: "close", how: "end", channel: "data" };
        yield send("ok ");
        yield EXCHANGE;
      },
      { faults: standing },
    );

  const dial = async (scene: Scene) => {
    const listening = scene.machine.inputs.filter((input) => input.type === "listening").at(-1);
    const client = scene.network.dial(listening?.local.port ?? 0);
    if (!client) throw new Error("nobody listens");
    const reader = new Reader(client);
    await turns(1);
    return reader;
  };

  it.each<[string, Effects, string]>([
    ["a cut", { cut: { after: 3, how: "reset" } }, "conRST"],
    ["a FIN", { cut: { after: 3, how: "end" } }, "conFIN"],
    ["a truncation", { truncate: 3 }, "conFIN"],
    ["a stall", { stall: { after: 3 } }, "con"],
    ["other octets", { raw: fromLatin1("?") }, "?FIN"],
  ])("%s strikes the one that is there, and not the session", async (_, effects, expected) => {
    const scene = passive([onData(effects)]);
    scene.peer.write("PASV");
    const data = await dial(scene);
    scene.peer.write("!SEND");
    scene.peer.write("NOOP");
    expect(data.text).toBe(expected);
    expect(scene.peer.text).toBe("ok ok ok ");
    scene.session.destroy();
  });

  it("strike the next one if there is none, and no other after it", async () => {
    const scene = passive([onData({ truncate: 3 })]);
    scene.peer.write("!NOOP");
    for (const expected of ["conFIN", "contentsFIN"]) {
      scene.peer.write("PASV");
      const data = await dial(scene);
      scene.peer.write("SEND");
      data.client.end();
      expect(data.text).toBe(expected);
    }
  });

  it("strike every one, as long as they stand", async () => {
    const scene = passive([], [onData({ truncate: 3 }, { phase: "connect" })]);
    const texts = [];
    for (let at = 0; at < 3; at += 1) {
      scene.peer.write("PASV");
      const data = await dial(scene);
      scene.peer.write("SEND");
      data.client.end();
      texts.push(data.text);
    }
    expect(texts).toEqual(["conFIN", "conFIN", "conFIN"]);
    expect(scene.peer.text).toBe("ok ".repeat(6));
  });

  it("can be changed while an octet waits in one", async () => {
    const scene = passive([]);
    const impairment = scene.session.impair([onData({ delayMs: 50 })]);
    scene.peer.write("PASV");
    const data = await dial(scene);
    scene.peer.write("SEND");
    expect(data.text).toBe("");
    impairment.remove();
    expect(data.text).toBe("contentsFIN");
  });

  it("befall what the client sends on them", async () => {
    const scene = passive([onData({ cut: { after: 3, how: "reset" } }, { direction: "in" })]);
    scene.peer.write("!PASV");
    const data = await dial(scene);
    data.write("upload");
    expect(data.text).toBe("RST");
    expect(scene.machine.told.slice(-2)).toEqual(['data:"upl"', "data:closed"]);
    expect(strikes(scene)).toMatchObject([{ channel: "data", direction: "in", effect: "cut", after: 3 }]);
  });

  it("stop reading from them", async () => {
    const scene = passive([onData({}, { stopReading: true })]);
    scene.peer.write("!PASV");
    const data = await dial(scene);
    data.write("upload");
    scene.peer.write("NOOP");
    expect(scene.machine.told.at(-1)).toBe('"NOOP"');
    expect(scene.machine.told).not.toContain('data:"upload"');
  });

  it("make a producer wait on them", async () => {
    const flood: Output = { do: "send", bytes: new Uint8Array(KIBIBYTE), channel: "data" };
    const scene = sceneOf(
      (input) => {
        if (input.type === "open") return [{ do: "listen", channel: "data" }];
        const more = input.type === "channel" || input.type === "pull";
        return more ? [flood, { do: "pull", channel: "data" }] : [];
      },
      { faults: [onData({ stall: { after: 0 } })] },
    );
    await dial(scene);
    await turns(200);
    expect(scene.machine.inputs.length).toBeLessThan(70);
    scene.session.destroy();
    expect(scene.overs()).toBe(1);
  });
});
