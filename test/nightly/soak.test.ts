import { expect, it } from "vitest";
import { type Harness, start } from "../../src/index.ts";
import { OVER_TCP, OVER_UDP, serves, visit } from "../hostile/visitor.ts";

const ROUNDS = Number(process.env.PORTWRIGHT_SOAK ?? 300);
/** What may stay behind of a harness that is gone, and of the test's own doing. */
const MAX_GROWTH = 64 * 1024 * 1024;

/** Everything that a harness can serve, and clients that leave in the middle. */
async function use(harness: Harness): Promise<void> {
  await Promise.all([
    ...OVER_TCP.flatMap((name) => Array.from({ length: 20 }, () => serves(harness, name))),
    ...OVER_UDP.flatMap((name) => Array.from({ length: 20 }, () => serves(harness, name, "udp"))),
    ...OVER_TCP.map(async (name) => {
      const visitor = await visit(harness, name);
      visitor.socket.write("HELO me\r\n");
      visitor.reset();
    }),
  ]);
}

const settledMemory = () => {
  globalThis.gc?.();
  return process.memoryUsage().rss;
};

it("a harness that is used for long grows no more once it is warm", async () => {
  await using harness = await start({ host: "127.0.0.1", limits: { maxEntries: 1000 } });
  for (let round = 0; round < ROUNDS / 3; round += 1) await use(harness as Harness);
  const warm = settledMemory();
  for (let round = 0; round < ROUNDS; round += 1) {
    await use(harness as Harness);
    if (round % 10 === 0) harness.reset();
  }
  expect(settledMemory() - warm).toBeLessThan(MAX_GROWTH);
  expect(harness.journal.find({ event: "crash" })).toEqual([]);
});

it("harnesses that come and go leave nothing behind", async () => {
  const comeAndGo = async () => {
    await using harness = await start({ host: "127.0.0.1" });
    await use(harness as Harness);
  };
  for (let round = 0; round < ROUNDS / 3; round += 1) await comeAndGo();
  const warm = settledMemory();
  const handles = process.getActiveResourcesInfo().length;
  for (let round = 0; round < ROUNDS; round += 1) await comeAndGo();
  expect(settledMemory() - warm).toBeLessThan(MAX_GROWTH);
  expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(handles + 10);
});
