import { describe, expect, it } from "vitest";
import type { Input, Output } from "../../src/contract/machine.ts";
import { END, NOON, RESET, sceneOf, send, turns } from "./fixture.ts";

const nothing = () => [];
/** Repeats what comes, and closes when the peer does. */
function* echo(input: Input): Iterable<Output> {
  if (input.type === "data" && input.channel === undefined) yield { do: "send", bytes: input.bytes };
  if (input.type === "end" && input.channel === undefined) yield END;
}

describe("the life of a session", () => {
  it("opens, carries octets both ways, and closes after the peer", () => {
    const { machine, peer, record, overs } = sceneOf(function* (input) {
      if (input.type === "open") yield send("220 ready\r\n");
      yield* echo(input);
    });
    peer.write("NOOP\r\n");
    peer.client.end();
    expect(machine.told).toEqual(["open", '"NOOP\\r\\n"', "end"]);
    expect(peer.text).toBe("220 ready\r\nNOOP\r\nFIN");
    expect(record()).toEqual([
      "open",
      "sent 220 ready\r\n",
      "received NOOP\r\n",
      "sent NOOP\r\n",
      "end by peer",
      "end by service",
      "close by peer",
    ]);
    expect(overs()).toBe(1);
  });

  it("stamps each input with the session's clock", () => {
    const { machine, peer, clock } = sceneOf(nothing);
    clock.advance(1500);
    peer.write("x");
    expect(machine.inputs.map(({ now }) => now - NOON)).toEqual([0, 1500]);
  });

  it("tells the machine both ends", () => {
    const { machine, session } = sceneOf(nothing);
    const { local, peer } = session.record;
    expect(machine.inputs).toMatchObject([{ type: "open", local, peer }]);
    expect(session.state).toBe("SCRIPTED");
  });

  it("keeps the order of outputs in the journal and on the wire", () => {
    const { peer, record } = sceneOf(function* ({ type }) {
      if (type !== "data") return;
      yield send("1");
      yield send("2");
      yield { do: "exchange", request: {}, reply: {} };
      yield send("3");
      yield { do: "note", event: "four" };
      yield END;
    });
    peer.write("x");
    expect(peer.text).toBe("123FIN");
    expect(record()).toEqual([
      "open",
      "received x",
      "sent 1",
      "sent 2",
      "exchange",
      "sent 3",
      "note four",
      "end by service",
    ]);
  });

  it("does nothing that comes after a close in one turn", () => {
    const { peer, record } = sceneOf(function* ({ type }) {
      if (type !== "open") return;
      yield send("bye");
      yield END;
      yield send("and another thing");
      yield { do: "exchange", request: {}, reply: {} };
    });
    expect(peer.text).toBe("byeFIN");
    expect(record()).toEqual(["open", "sent bye", "end by service"]);
  });

  it("tells the machine nothing after its close, and drops what still arrives", () => {
    const { machine, peer, session, clock, record } = sceneOf(({ type }) => (type === "open" ? [END] : []));
    peer.write("late");
    session.shutdown();
    clock.advance(1000);
    expect(machine.told).toEqual(["open"]);
    expect(record()).toEqual(["open", "end by service"]);
  });

  it.each([
    { who: "until the peer closes", act: "end", lingers: 0, last: ["end by peer", "close by service"] },
    { who: "2 s for a peer that never does", act: "nothing", lingers: 2000, last: ["close by service"] },
    { who: "until the peer resets", act: "reset", lingers: 0, last: ["close by service: connection reset by peer"] },
  ])("lingers after its close $who", ({ act, lingers, last }) => {
    const { peer, clock, record, overs } = sceneOf(({ type }) => (type === "open" ? [END] : []));
    if (act === "end") peer.client.end();
    if (act === "reset") peer.client.reset();
    if (lingers > 0) {
      clock.advance(lingers - 1);
      expect(overs()).toBe(0);
      clock.advance(1);
    }
    expect(overs()).toBe(1);
    expect(record()).toEqual(["open", "end by service", ...last]);
  });

  it("tells the machine that the connection is gone, as the last input, and keeps what it still records", () => {
    const { machine, peer, record } = sceneOf(({ type }) =>
      type === "closed"
        ? [{ do: "exchange", request: {}, reply: {} }, { do: "note", event: "lost" }, send("nobody")]
        : [],
    );
    peer.client.reset();
    peer.write("more");
    expect(machine.told).toEqual(["open", "closed"]);
    expect(record()).toEqual(["open", "exchange", "note lost", "close by reset: connection reset by peer"]);
  });

  it("resets", () => {
    const { peer, record, overs } = sceneOf(({ type }) => (type === "data" ? [send("half an ans"), RESET] : []));
    peer.write("x");
    expect(peer.text).toBe("half an ansRST");
    expect(record()).toEqual(["open", "received x", "sent half an ans", "close by service"]);
    expect(overs()).toBe(1);
  });

  it("is over at once when it is destroyed, once", () => {
    const { session, machine, peer, record, overs } = sceneOf(echo);
    session.destroy();
    session.destroy();
    peer.write("x");
    expect(machine.told).toEqual(["open", "closed"]);
    expect(record()).toEqual(["open", "close by destroyed"]);
    expect(overs()).toBe(1);
  });

  it("says goodbye when it is told to, once", () => {
    const { session, peer } = sceneOf(function* (input) {
      if (input.type === "shutdown") {
        yield send(`421 ${input.reason}\r\n`);
        yield END;
      }
    });
    session.shutdown();
    session.shutdown();
    expect(peer.text).toBe("421 stopping\r\nFIN");
  });

  it.each(["open", "received", "sent", "exchange", "note", "end", "close"])(
    "survives being destroyed by a reader of its own %s entry",
    async (kind) => {
      const scene = sceneOf(function* (input) {
        if (input.type === "data") {
          yield send("answer");
          yield { do: "exchange", request: {}, reply: {} };
          yield { do: "note", event: "noted" };
        }
        yield* echo(input);
      });
      scene.journal.onEntry((entry) => entry.kind === kind && scene.session.destroy());
      scene.peer.write("x");
      scene.peer.client.end();
      scene.session.destroy();
      await turns();
      expect(scene.overs()).toBe(1);
      expect(scene.machine.told.filter((told) => told === "closed").length).toBeLessThanOrEqual(1);
      expect(scene.record().filter((word) => word.startsWith("close"))).toHaveLength(1);
      expect(scene.record()).not.toContain("note crash");
    },
  );
});

describe("half-close", () => {
  it.each([
    { when: "before anything else", says: [], expected: "FIN" },
    { when: "after half a line", says: ["QU"], expected: "QUFIN" },
    { when: "right after a request", says: ["QUIT\r\n"], expected: "QUIT\r\nFIN" },
    { when: "after several", says: ["A\r\n", "B\r\n"], expected: "A\r\nB\r\nFIN" },
  ])("$when: what was complete is answered, then both ends are closed", ({ says, expected }) => {
    const { peer, overs } = sceneOf(echo);
    for (const text of says) peer.write(text);
    peer.client.end();
    expect(peer.text).toBe(expected);
    expect(overs()).toBe(1);
  });

  it("leaves the other direction open for as long as the machine wants", () => {
    const { peer, clock, overs } = sceneOf(function* ({ type }) {
      if (type === "end") yield { do: "timer", name: "answer", ms: 60_000 };
      if (type === "timer") yield* [send("at last"), END];
    });
    peer.client.end();
    expect(overs()).toBe(0);
    clock.advance(60_000);
    expect(peer.text).toBe("at lastFIN");
    expect(overs()).toBe(1);
  });
});

describe("a crash of the machine", () => {
  it.each(["open", "data", "end", "timer", "idle", "pull", "shutdown"] as const)(
    "at %s resets its own session, with the stack in the journal, and no other",
    async (where) => {
      const script = function* (input: Input): Iterable<Output> {
        if (input.type === "open" && where !== "open") {
          yield { do: "timer", name: "t", ms: 10 };
          yield { do: "idle", ms: 20 };
        }
        if (input.type === where) {
          yield send("partial");
          throw new TypeError("a mistake of ours");
        }
        if (where === "pull" && input.type === "data") yield { do: "pull" };
        else yield* echo(input);
      };
      const bystander = sceneOf(echo);
      const scene = sceneOf(script);
      scene.peer.write("x");
      await turns();
      if (where === "timer" || where === "idle") scene.clock.advance(20);
      if (where === "shutdown") scene.session.shutdown();
      if (where === "end") scene.peer.client.end();
      await turns();
      expect(scene.peer.text.endsWith("RST")).toBe(true);
      expect(scene.overs()).toBe(1);
      const [crash] = scene.journal.find({ event: "crash" });
      expect(crash).toMatchObject({
        detail: { stack: expect.stringMatching(/TypeError: a mistake of ours\n.*life\.test/s) },
      });
      expect(scene.record().at(-1)).toBe("close by service");
      bystander.peer.write("still here");
      expect(bystander.peer.text).toBe("still here");
    },
  );

  it("at the end of the connection is recorded, and the session is over", () => {
    const { peer, record, overs } = sceneOf(({ type }) => {
      if (type === "closed") throw new TypeError("a mistake of ours");
      return [];
    });
    peer.client.reset();
    expect(record()).toEqual(["open", "note crash", "close by reset: connection reset by peer"]);
    expect(overs()).toBe(1);
  });

  it("with something else than an error is recorded too", () => {
    const { journal } = sceneOf(() => {
      throw "a string"; // what a library might do
    });
    expect(journal.find({ event: "crash" })).toMatchObject([{ detail: { stack: "a string" } }]);
  });
});

describe("the inbox", () => {
  it("never enters the machine twice: a peer that answers within the same turn waits for it", () => {
    const { machine, peer, record } = sceneOf(function* (input) {
      if (input.type === "open") yield send("first");
      if (input.type === "data") yield* [send("second"), { do: "note", event: "n" }, send("third")];
    });
    peer.client.events = {
      ...peer.client.events,
      data: (bytes) => {
        if (machine.inputs.length < 50) peer.client.write(bytes);
      },
    };
    peer.write("go");
    expect(machine.told.slice(1, 6)).toEqual(['"go"', '"second"', '"third"', '"second"', '"third"']);
    expect(record()).not.toContain("note crash");
  });

  it("may be refilled a hundred thousand times in one turn", () => {
    let count = 0;
    const { peer } = sceneOf(echo);
    peer.client.events = {
      ...peer.client.events,
      data: (bytes) => {
        count += 1;
        if (count < 100_000) peer.client.write(bytes);
      },
    };
    peer.write("ball");
    expect(count).toBe(100_000);
  });

  it("lets the machine end its turn before it learns that the peer has reset", () => {
    const { machine, peer, record } = sceneOf(function* ({ type }) {
      if (type !== "data") return;
      yield send("a");
      yield { do: "note", event: "b" };
      yield send("c");
    });
    peer.client.events = { ...peer.client.events, data: () => peer.client.reset() };
    peer.write("x");
    expect(machine.told).toEqual(["open", '"x"', "closed"]);
    expect(record()).toEqual([
      "open",
      "received x",
      "sent a",
      "note b",
      "sent c",
      "close by reset: connection reset by peer",
    ]);
  });
});
