/** Starts and stops every service in one process, again and again; prints the first time and the median when warm, in ms. */
// The library as it is published, and without a loader beside it.
const { start } = (await import(
  new URL("../../dist/lib/index.js", import.meta.url).href
)) as typeof import("../../src/index.ts");

const WARM_UP = 100;
const ROUNDS = 51;
const times: number[] = [];
let first = 0;
for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
  const started = performance.now();
  const harness = await start({});
  await harness.stop();
  if (round === 0) first = performance.now() - started;
  if (round >= WARM_UP) times.push(performance.now() - started);
}
times.sort((a, b) => a - b);
process.stdout.write(`${first} ${times[Math.floor(ROUNDS / 2)]}\n`);
