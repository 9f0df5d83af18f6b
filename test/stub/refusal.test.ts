import { describe, expect, it } from "vitest";
import { scene } from "./fixture.ts";

/** Whether the port is closed, each time that the rules tell. */
function told(set: ReturnType<typeof scene>["set"]): boolean[] {
  const answers: boolean[] = [];
  set.onRefusal = () => answers.push(set.isRefused("tcp"));
  return answers;
}

describe("rules that close a port", () => {
  it("tell when their time is over, though a timer was early by the clock", () => {
    let now = 0;
    const timers: { readonly ms: number; readonly expired: () => void }[] = [];
    const clock = {
      now: () => now,
      timer: (ms: number, expired: () => void) => {
        timers.push({ ms, expired });
        return { stop: () => undefined };
      },
    };
    const { set } = scene({ clock });
    const answers = told(set);
    set.add({ fault: "refuse", for: 100 });
    now = 99;
    timers[0]?.expired();
    expect(timers.map(({ ms }) => ms)).toEqual([100, 1]);
    now = 100;
    timers[1]?.expired();
    expect([answers, timers.length]).toEqual([[true, true, false], 2]);
  });

  it("tell it of what they were changed into, too", () => {
    const { set, clock } = scene();
    const answers = told(set);
    const rule = set.add({ when: { phase: "connect" }, fault: { delay: 1 }, for: 100 });
    expect(answers).toEqual([]);
    clock.advance(40);
    set.change(rule, { fault: "refuse" });
    clock.advance(59);
    expect(answers).toEqual([true]);
    clock.advance(1);
    expect(answers).toEqual([true, false]);
  });

  it("are not for some sessions only", () => {
    const { set } = scene();
    const rule = set.detached({ when: { phase: "connect" }, fault: { delay: 1 } });
    expect(() => set.change(rule, { fault: "refuse" })).toThrow("made.change: a port is closed for everybody");
  });
});
