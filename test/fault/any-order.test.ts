import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Effects } from "../../src/contract/fault.ts";
import { turns } from "../session/fixture.ts";
import { TestGate } from "./faults.ts";
import { type FlowScene, flowScene } from "./scene.ts";

/** Effects that change when octets come, and nothing else. */
const shaping: fc.Arbitrary<Effects> = fc
  .record(
    {
      from: fc.nat({ max: 5 }),
      slice: fc.record({ octets: fc.integer({ min: 1, max: 5 }), everyMs: fc.constantFrom(0, 1, 7) }),
      bandwidth: fc.integer({ min: 20, max: 5000 }),
      delayMs: fc.nat({ max: 50 }),
      latency: fc.record({ ms: fc.nat({ max: 50 }), jitterMs: fc.nat({ max: 60 }) }),
      hold: fc.constant(undefined).map(() => new TestGate()),
    },
    { requiredKeys: [] },
  )
  .map((effects) => effects satisfies Effects);

type Step =
  | { readonly write: number }
  | { readonly reply: readonly Effects[] }
  | { readonly finish: true }
  | { readonly impair: readonly number[] }
  | { readonly wait: number };

/** Any of these effects, by their number, may stand; replies have others. */
const steps = (standing: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ write: fc.integer({ min: 1, max: 12 }) }) },
      { weight: 2, arbitrary: fc.record({ reply: fc.array(shaping, { maxLength: 2 }) }) },
      fc.constant({ finish: true } as const),
      { weight: 2, arbitrary: fc.record({ impair: fc.array(fc.nat({ max: standing - 1 }), { maxLength: 3 }) }) },
      { weight: 4, arbitrary: fc.record({ wait: fc.nat({ max: 40 }) }) },
    ),
    { maxLength: 40 },
  );

const scripts = fc
  .array(shaping, { minLength: 1, maxLength: 4 })
  .chain((standing) => fc.record({ standing: fc.constant(standing), steps: steps(standing.length) }));

/** Does it all; returns what was written. Every gate that was made is in `gates` then. */
function play(
  { flow, clock, write }: FlowScene,
  standing: readonly Effects[],
  script: readonly Step[],
  gates: Set<TestGate>,
) {
  const noted = (list: readonly Effects[]) => {
    for (const { hold } of list) if (hold instanceof TestGate) gates.add(hold);
    return list;
  };
  let written = "";
  noted(standing);
  for (const step of script) {
    if ("write" in step) {
      const text = Array.from({ length: step.write }, (_, at) =>
        String.fromCharCode(33 + ((written.length + at) % 90)),
      );
      written += text.join("");
      write(text.join(""));
    } else if ("reply" in step) flow.begin(noted(step.reply));
    else if ("finish" in step) flow.finish();
    else if ("impair" in step) flow.impair(step.impair.flatMap((at) => standing[at] ?? []));
    else clock.advance(step.wait);
  }
  return written;
}

describe("whatever shapes a stream, and whenever it changes,", () => {
  it("the octets come through, all of them, once, in their order", async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async ({ standing, steps: script }) => {
        const scene = flowScene();
        const gates = new Set<TestGate>();
        const written = play(scene, standing, script, gates);
        expect(written.startsWith(scene.text())).toBe(true);
        expect(scene.flow.held).toBe(written.length - scene.text().length);
        scene.flow.finish();
        scene.flow.close("end");
        for (const gate of gates) gate.open();
        while (!scene.log.some((entry) => entry.startsWith("[end]"))) {
          scene.clock.advance(1000);
          await turns(1);
        }
        expect(scene.text()).toBe(written);
        expect(scene.log.at(-1)).toMatch(/^\[end\]/);
        expect(scene.flow.held).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it("everything comes at once when nothing stands any more and no reply is on its way", () => {
    fc.assert(
      fc.property(scripts, ({ standing, steps: script }) => {
        const scene = flowScene();
        const written = play(
          scene,
          standing,
          script.filter((step) => !("reply" in step)),
          new Set(),
        );
        scene.flow.impair([]);
        expect(scene.text()).toBe(written);
        expect(scene.flow.isClear).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("nothing moves after the stream is gone", () => {
    fc.assert(
      fc.property(scripts, ({ standing, steps: script }) => {
        const scene = flowScene();
        const gates = new Set<TestGate>();
        play(scene, standing, script, gates);
        scene.flow.destroy();
        const { length } = scene.log;
        for (const gate of gates) gate.open();
        scene.clock.advance(100_000);
        expect(scene.log).toHaveLength(length);
      }),
      { numRuns: 200 },
    );
  });
});
