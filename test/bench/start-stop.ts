/** Starts and stops every service in one process, again and again; prints the median in milliseconds. */
import { start } from "../../src/index.ts";

const WARM_UP = 10;
const ROUNDS = 31;
const times: number[] = [];
for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
  const started = performance.now();
  const harness = await start({});
  await harness.stop();
  if (round >= WARM_UP) times.push(performance.now() - started);
}
times.sort((a, b) => a - b);
process.stdout.write(`${times[Math.floor(ROUNDS / 2)]}\n`);
