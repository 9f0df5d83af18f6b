import { describe, expect, it } from "vitest";
import type { Output } from "../../src/contract/machine.ts";
import { END, sceneOf, send } from "./fixture.ts";

const timer = (name: string, ms: number | "off"): Output => ({ do: "timer", name, ms });

describe("named timers", () => {
  it.each<[string, Output[], string[]]>([
    ["expires once", [timer("a", 100)], ["timer a"]],
    ["is restarted by its name", [timer("a", 100), timer("a", 5000)], []],
    ["is switched off", [timer("a", 100), timer("a", "off")], []],
    ["is switched off before it was set", [timer("a", "off")], []],
    ["expires in the order of time", [timer("b", 200), timer("a", 100)], ["timer a", "timer b"]],
    ["of no time at all expires", [timer("a", 0)], ["timer a"]],
  ])("one that %s", (_, outputs, expected) => {
    const { machine, clock } = sceneOf(({ type }) => (type === "open" ? outputs : []));
    clock.advance(1000);
    expect(machine.told.slice(1)).toEqual(expected);
  });

  it("can be set again when it expires", () => {
    const { machine, clock } = sceneOf(({ type }) => (type === "open" || type === "timer" ? [timer("tick", 100)] : []));
    clock.advance(1000);
    expect(machine.told.filter((told) => told === "timer tick")).toHaveLength(10);
  });

  it.each(["closes", "is destroyed", "loses its peer"])("never expires after the session %s", (how) => {
    const { machine, session, peer, clock } = sceneOf(({ type }) => {
      if (type === "open") return [timer("a", 100), { do: "idle", ms: 100 }];
      return type === "data" ? [END] : [];
    });
    if (how === "closes") peer.write("x");
    if (how === "is destroyed") session.destroy();
    if (how === "loses its peer") peer.client.reset();
    clock.advance(1000);
    expect(machine.told.filter((told) => told === "timer a" || told === "idle")).toEqual([]);
  });
});

describe("the idle timer", () => {
  it.each<[string, (script: { write(): void; pass(ms: number): void }) => void, number]>([
    ["without traffic", ({ pass }) => pass(1000), 1],
    ["just before its time", ({ pass }) => pass(999), 0],
    [
      "when octets came meanwhile",
      ({ pass, write }) => {
        pass(900);
        write();
        pass(900);
      },
      0,
    ],
    [
      "so long after the last octets",
      ({ pass, write }) => {
        pass(900);
        write();
        pass(1000);
      },
      1,
    ],
  ])("%s", (_, play, expected) => {
    const { machine, peer, clock } = sceneOf(({ type }) => (type === "open" ? [{ do: "idle", ms: 1000 }] : []));
    play({ write: () => peer.write("x"), pass: (ms) => clock.advance(ms) });
    expect(machine.told.filter((told) => told === "idle")).toHaveLength(expected);
  });

  it("counts what is sent as traffic", () => {
    const { machine, clock } = sceneOf(({ type }) => {
      if (type === "open") return [{ do: "idle", ms: 1000 }, timer("send", 800)];
      return type === "timer" ? [send("tick")] : [];
    });
    clock.advance(1799);
    expect(machine.told).not.toContain("idle");
    clock.advance(1);
    expect(machine.told).toContain("idle");
  });

  it("is told once, unless it is set again", () => {
    const scenes = [false, true].map((again) =>
      sceneOf(({ type }) => (type === "open" || (again && type === "idle") ? [{ do: "idle", ms: 100 }] : [])),
    );
    for (const { clock } of scenes) clock.advance(1000);
    expect(scenes.map(({ machine }) => machine.told.filter((told) => told === "idle").length)).toEqual([1, 10]);
  });

  it("can be switched off, and set to another time", () => {
    const { machine, peer, clock } = sceneOf((input) => {
      if (input.type === "open") return [{ do: "idle", ms: 1000 }];
      return input.type === "data" ? [{ do: "idle", ms: input.bytes.length > 1 ? 50 : "off" }] : [];
    });
    peer.write("x");
    clock.advance(10_000);
    expect(machine.told).not.toContain("idle");
    peer.write("xx");
    clock.advance(50);
    expect(machine.told.at(-1)).toBe("idle");
  });
});
