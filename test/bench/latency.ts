import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Benchmark, SECONDS, subject } from "./loads.ts";
import { load, startPortwright } from "./processes.ts";

const LOAD = fileURLToPath(new URL("./latency-load.ts", import.meta.url));

/** An echo service that is to be so late. */
function start(transport: string, askedMs: number) {
  const file = join(mkdtempSync(join(tmpdir(), "portwright-bench-")), "portwright.config.json");
  const rules = [{ when: { phase: "connect" }, fault: { latency: askedMs } }];
  writeFileSync(file, JSON.stringify({ services: { echo: { rules } } }));
  return startPortwright("echo", transport, ["--config", file]);
}

async function miss(transport: string, port: number, askedMs: number): Promise<number> {
  const args = ["--import", "tsx", LOAD, transport, String(port), String(askedMs), String(SECONDS)];
  return Number(await load(process.execPath, args));
}

/** By how much a latency misses what was asked, at the median. */
export const latencyBenchmarks: readonly Benchmark[] = ["tcp", "udp"].flatMap((transport) =>
  [5, 20, 100].map((askedMs) => ({
    name: `Latency of ${askedMs} ms over ${transport.toUpperCase()}: how far the median round trip is off`,
    unit: "ms",
    against: "",
    target: { absolute: 2 },
    needs: ["taskset"],
    rounds: 3,
    ours: () =>
      subject(
        () => start(transport, askedMs),
        (port) => miss(transport, port, askedMs),
      ),
  })),
);
