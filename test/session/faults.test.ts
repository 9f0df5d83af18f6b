import { describe, expect, it } from "vitest";
import type { Effects, Fault } from "../../src/contract/fault.ts";
import { fromLatin1, toLatin1 } from "../../src/wire/bytes.ts";
import { fault, TestGate } from "../fault/faults.ts";
import { answering, EXCHANGE } from "./answering.ts";
import { type Scene, sceneOf, send, turns } from "./fixture.ts";

/** The notes about faults. */
const strikes = ({ journal }: Scene) => journal.find({ event: "fault" }).map(({ detail }) => detail);

describe("a fault on one reply", () => {
  it.each<[string, Effects, string]>([
    ["raw", { raw: fromLatin1("??") }, "hi ??<2>"],
    ["corrupt", { corrupt: { after: 2, octets: 1, mask: 0x20 } }, "hi <!O><2>"],
    ["truncated", { truncate: 3 }, "hi <!o<2>"],
    ["without its last octet", { truncate: -1 }, "hi <!o<2>"],
    ["silent", { truncate: 0 }, "hi <2>"],
    ["reset before", { cut: { after: 0, how: "reset" } }, "hi RST"],
    ["reset within", { cut: { after: 2, how: "reset" } }, "hi <!RST"],
    ["reset behind its last octet", { cut: { after: 4, how: "reset" } }, "hi <!o>RST"],
    ["reset only behind more than there is", { cut: { after: 5, how: "reset" } }, "hi <!o><2>"],
    ["ended within", { cut: { after: 2, how: "end" } }, "hi <!FIN"],
    ["stalled", { stall: { after: 2 } }, "hi <!"],
    ["half-closed", { halfClose: { after: 4 } }, "hi <!o>FIN"],
  ])("%s", (_, effects, expected) => {
    const { peer } = answering([fault(effects)]);
    peer.write("!o");
    peer.write("2");
    expect(peer.text).toBe(expected);
  });

  it("delays it, and what is behind it waits; the journal says what left, and when", () => {
    const { peer, clock, journal } = answering([fault({ delayMs: 500 })]);
    peer.write("!");
    clock.advance(499);
    peer.write("2");
    expect(peer.text).toBe("hi ");
    clock.advance(1);
    expect(peer.text).toBe("hi <!><2>");
    const entries = journal.find().map((entry) => {
      const text = entry.kind === "sent" || entry.kind === "received" ? ` ${toLatin1(entry.bytes)}` : "";
      return `${entry.kind}${text} +${entry.time - (journal.find()[0]?.time ?? 0)}`;
    });
    expect(entries).toEqual([
      ...["open +0", "sent hi  +0", "received ! +0", "exchange +0", "received 2 +499", "exchange +499"],
      ...["sent < +500", "sent ! +500", "sent > +500", "sent < +500", "sent 2 +500", "sent > +500"],
    ]);
  });

  it("holds it until the test lets go", () => {
    const gate = new TestGate();
    const { peer, clock } = answering([fault({ hold: gate })]);
    peer.write("!");
    peer.write("2");
    clock.advance(100_000);
    expect(peer.text).toBe("hi ");
    gate.open();
    expect(peer.text).toBe("hi <!><2>");
  });

  it("is over with it: the next replies pass as ever", () => {
    const { peer, clock, record } = answering([fault({ delayMs: 5 })]);
    peer.write("!");
    clock.advance(5);
    peer.write("2");
    peer.client.end();
    expect(peer.text).toBe("hi <!><2>FIN");
    expect(record().slice(-3)).toEqual(["end by peer", "end by service", "close by peer"]);
  });

  it("may be several", () => {
    const { peer, clock } = answering([fault({ delayMs: 5 }), fault({ truncate: 2 })]);
    peer.write("!");
    clock.advance(5);
    expect(peer.text).toBe("hi <!");
  });

  it("may befall each reply anew", () => {
    const { peer, clock } = answering([fault({ corrupt: { after: 0, octets: 1, mask: 0x10 }, delayMs: 5 })]);
    peer.write("!");
    peer.write("!");
    clock.advance(5);
    expect(peer.text).toBe("hi ,!>");
    clock.advance(5);
    expect(peer.text).toBe("hi ,!>,!>");
  });

  it("lets a request be recorded whose reply it swallows or cuts", () => {
    for (const effects of [{ truncate: 0 }, { cut: { after: 0, how: "reset" } }] satisfies Effects[]) {
      const { peer, record } = answering([fault(effects)]);
      peer.write("!");
      expect(record().slice(0, 5)).toEqual(["open", "sent hi ", "received !", "note fault", "exchange"]);
    }
  });

  it("may begin behind what one turn has sent already", () => {
    const { peer, record } = sceneOf(function* ({ type }) {
      if (type !== "data") return;
      yield send("1");
      yield { do: "fault", faults: [fault({ truncate: 0 })] };
      yield send("2");
      yield EXCHANGE;
      yield send("3");
    });
    peer.write("x");
    expect(peer.text).toBe("13");
    expect(record()).toEqual(["open", "received x", "sent 1", "note fault", "exchange", "sent 3"]);
  });
});

describe("a fault on the greeting", () => {
  const greeting = (faults: readonly Fault[]) =>
    sceneOf(function* ({ type }) {
      if (type === "open") {
        yield { do: "fault", faults };
        yield send("220 ready");
      }
      if (type === "data") yield send("250");
    });
  it.each<[string, Effects, string]>([
    ["garbage", { raw: fromLatin1("garbage") }, "garbage250"],
    ["cut short", { truncate: 3 }, "220250"],
    ["ended", { cut: { after: 3, how: "end" } }, "220FIN"],
    ["silent", { truncate: 0 }, "250"],
  ])("%s; what follows is none of its business", (_, effects, expected) => {
    const { peer } = greeting([fault(effects, { phase: "greeting" })]);
    peer.write("x");
    expect(peer.text).toBe(expected);
  });

  it("octet by octet", async () => {
    const { peer } = greeting([fault({ slice: { octets: 1, everyMs: 0 } }, { phase: "greeting" })]);
    expect(peer.text).toBe("2");
    await turns(20);
    expect(peer.text).toBe("220 ready");
  });

  it("slow: nobody is answered before it has left", () => {
    const { peer, clock } = greeting([fault({ delayMs: 30_000 }, { phase: "greeting" })]);
    peer.write("x");
    clock.advance(29_999);
    expect(peer.text).toBe("");
    clock.advance(1);
    expect(peer.text).toBe("220 ready250");
  });
});

describe("a fault from the first octet on", () => {
  const connect = (effects: Effects, where: Partial<Fault> = {}) => [fault(effects, { phase: "connect", ...where })];
  it.each<[string, Effects, string]>([
    ["a reset at once", { cut: { after: 0, how: "reset" } }, "RST"],
    ["an end at once", { cut: { after: 0, how: "end" } }, "FIN"],
    ["a reset behind some octets", { cut: { after: 5, how: "reset" } }, "hi <1RST"],
    ["silence", { truncate: 0 }, ""],
    ["a stall", { stall: { after: 4 } }, "hi <"],
    ["other octets, and nothing else", { raw: fromLatin1("??") }, "??"],
  ])("%s", (_, effects, expected) => {
    const { peer } = answering([], connect(effects));
    peer.write("1");
    peer.write("2");
    expect(peer.text).toBe(expected);
  });

  it("that ends it at once is never told to the machine", () => {
    const { machine, record } = answering([], connect({ cut: { after: 0, how: "reset" } }));
    expect(machine.told).toEqual([]);
    expect(record()).toEqual(["open", "note fault", "close by service"]);
  });

  it("is there for the whole session", () => {
    const { peer, clock } = answering([], connect({ latency: { ms: 50, jitterMs: 0 } }));
    clock.advance(50);
    expect(peer.text).toBe("hi ");
    peer.write("1");
    clock.advance(49);
    peer.write("2");
    expect(peer.text).toBe("hi ");
    clock.advance(1);
    expect(peer.text).toBe("hi <1>");
    clock.advance(49);
    expect(peer.text).toBe("hi <1><2>");
  });
});

describe("a fault after a reply", () => {
  const behind = (effects: Effects, where: Partial<Fault> = {}) => [fault(effects, { phase: "after-reply", ...where })];
  it.each<[string, Fault[], string]>([
    ["a reset", behind({ cut: { after: 0, how: "reset" } }), "hi <!>RST"],
    ["a FIN", behind({ cut: { after: 0, how: "end" } }), "hi <!>FIN"],
    ["a reset behind some more octets", behind({ cut: { after: 2, how: "reset" } }), "hi <!><2RST"],
    ["silence", behind({ truncate: 0 }), "hi <!>"],
    ["a half-close", behind({ halfClose: { after: 0 } }), "hi <!>FIN"],
    ["beside one on it", [fault({ truncate: 2 }), ...behind({ cut: { after: 1, how: "end" } })], "hi <!<FIN"],
  ])("%s", (_, faults, expected) => {
    const { peer } = answering(faults);
    peer.write("!");
    peer.write("2");
    expect(peer.text).toBe(expected);
  });

  it("waits until the reply has left", () => {
    const { peer, clock } = answering([fault({ delayMs: 50 }), ...behind({ cut: { after: 0, how: "reset" } })]);
    peer.write("!");
    clock.advance(49);
    expect(peer.text).toBe("hi ");
    clock.advance(1);
    expect(peer.text).toBe("hi <!>RST");
  });

  it("stays, and is not there twice if it befalls again", () => {
    const { peer, clock } = answering(behind({ latency: { ms: 50, jitterMs: 0 } }));
    peer.write("!");
    for (const request of ["!", "2"]) {
      peer.write(request);
      clock.advance(50);
    }
    expect(peer.text).toBe("hi <!><!><2>");
  });
});

describe("a fault on what the client sends", () => {
  const inwards = (effects: Effects, where: Partial<Fault> = {}) => [fault(effects, { direction: "in", ...where })];
  it.each<[string, Effects, string[]]>([
    ["corrupt", { corrupt: { after: 0, octets: 1, mask: 1 } }, ['"3"', '"3"', "end"]],
    ["truncated", { truncate: 1 }, ['"2"', "end"]],
    ["sliced", { slice: { octets: 1, everyMs: 5 } }, ['"2"', '"3"', "end"]],
    ["late", { delayMs: 5 }, ['"2"', '"3"', "end"]],
    ["stalled", { stall: { after: 1 } }, ['"2"']],
    ["reset behind an octet", { cut: { after: 1, how: "reset" } }, ['"2"', "closed"]],
    ["ended at once", { cut: { after: 0, how: "end" } }, ["closed"]],
  ])("%s, from there on", (_, effects, expected) => {
    const { peer, machine, clock, session } = answering(inwards(effects));
    peer.write("1");
    peer.write("!");
    const told = machine.told.length;
    peer.write("2");
    peer.write("3");
    peer.client.end();
    clock.advance(100);
    expect(machine.told.slice(told)).toEqual(expected);
    session.destroy();
  });

  it("counts octets of any number of pieces: a reset in the middle of a message", () => {
    const { peer, record, machine } = answering(
      inwards({ cut: { after: 4096, how: "reset" } }, { phase: "mid-stream" }),
    );
    peer.write("!");
    for (let at = 0; at < 5; at += 1) peer.write("x".repeat(1000));
    expect(peer.text.endsWith("RST")).toBe(true);
    expect(machine.told.at(-2)).toBe(JSON.stringify("x".repeat(96)));
    expect(record().at(-1)).toBe("close by service");
  });

  it("records what arrived when it arrived, not when the machine got it", () => {
    const { peer, record, clock } = answering([], inwards({ delayMs: 50 }, { phase: "connect" }));
    peer.write("1");
    expect(record().at(-1)).toBe("received 1");
    clock.advance(50);
    expect(record().slice(-4)).toEqual(["sent <", "sent 1", "sent >", "exchange"]);
  });

  it("replaces it at once", () => {
    const { peer, machine } = answering(inwards({ raw: fromLatin1("?") }));
    peer.write("!");
    peer.write("2");
    peer.client.end();
    expect(machine.told.slice(1)).toEqual(['"!"', '"?"', "end"]);
  });

  it("half-closes behind some octets of the client, and the rest still arrives", () => {
    const { peer, machine } = answering(inwards({ halfClose: { after: 2 } }));
    peer.write("!");
    peer.write("123");
    expect(peer.text).toBe("hi <!><12>FIN");
    expect(machine.told.slice(-2)).toEqual(['"12"', '"3"']);
  });
});

describe("what a journal's reader sees of a fault that struck", () => {
  it.each<[string, Fault, object]>([
    [
      "a cut",
      fault({ cut: { after: 1, how: "reset" } }),
      { phase: "before-reply", direction: "out", effect: "cut", after: 1 },
    ],
    [
      "silence",
      fault({ truncate: 0 }, { phase: "instead" }),
      { phase: "instead", direction: "out", effect: "truncate", after: 0 },
    ],
    [
      "a truncation",
      fault({ truncate: 2 }, { phase: "mid-stream" }),
      { phase: "mid-stream", direction: "out", effect: "truncate", after: 2 },
    ],
    ["a stall", fault({ stall: { after: 2 } }), { phase: "before-reply", direction: "out", effect: "stall", after: 2 }],
    [
      "a half-close",
      fault({ halfClose: { after: 0 } }, { phase: "after-reply" }),
      { phase: "after-reply", direction: "out", effect: "half-close", after: 0 },
    ],
    ["no more reading", fault({}, { stopReading: true }), { phase: "before-reply", effect: "stop-reading" }],
    [
      "a cut of the client's octets",
      fault({ cut: { after: 0, how: "end" } }, { direction: "in" }),
      { phase: "before-reply", direction: "in", effect: "cut", after: 0 },
    ],
  ])("%s", (_, one, expected) => {
    const scene = answering([one]);
    scene.peer.write("!");
    expect(strikes(scene)).toEqual([expected]);
  });

  it("a cut is followed by the close, which is the service's, and the machine's last input", () => {
    const { peer, machine, record } = answering([fault({ cut: { after: 2, how: "reset" } })]);
    peer.write("!");
    expect(machine.told.at(-1)).toBe("closed");
    expect(record().slice(2)).toEqual([
      ...["received !", "sent <", "sent !", "note fault", "exchange", "close by service"],
    ]);
  });

  it("a cut by FIN, too, though the client stays", () => {
    const { peer, clock, machine, record } = answering([fault({ cut: { after: 2, how: "end" } })]);
    peer.write("!");
    peer.write("more");
    clock.advance(2000);
    expect(machine.told.slice(-2)).toEqual(['"!"', "closed"]);
    expect(record().slice(-4)).toEqual(["note fault", "end by service", "exchange", "close by service"]);
  });
});
