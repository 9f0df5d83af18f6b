/**
 * Runs the benchmarks, each side by side with what it is measured against, and writes RESULTS.md.
 *
 *     npm run bench                 all of them
 *     npm run bench -- dns smtp     those whose names contain a word; prints, and leaves RESULTS.md alone
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { benchmarks } from "./benchmarks.ts";
import type { Benchmark } from "./loads.ts";
import { isInstalled } from "./processes.ts";

interface Result {
  readonly benchmark: Benchmark;
  readonly ours: number;
  readonly theirs: number | undefined;
}

const words = process.argv.slice(2).map((word) => word.toLowerCase());
const chosen = benchmarks.filter(
  ({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word)),
);
const results: Result[] = [];
const skipped: string[] = [];
for (const benchmark of chosen) {
  const missing = benchmark.needs.filter((command) => !isInstalled(command));
  if (missing.length > 0) {
    skipped.push(`${benchmark.name}: ${missing.join(", ")} not installed`);
    continue;
  }
  process.stderr.write(`${benchmark.name} ...\n`);
  const result = await run(benchmark);
  results.push(result);
  process.stderr.write(`  ${line(result)}\n`);
}
const report = print(results, skipped);
process.stdout.write(report);
if (words.length === 0) writeFileSync(new URL("./RESULTS.md", import.meta.url), report);

async function run(benchmark: Benchmark): Promise<Result> {
  const ours = await benchmark.ours();
  const theirs = await benchmark.theirs?.();
  const figures = { ours: [] as number[], theirs: [] as number[] };
  try {
    for (let round = 0; round < benchmark.rounds; round += 1) {
      if (theirs) figures.theirs.push(await theirs.measure());
      figures.ours.push(await ours.measure());
    }
  } finally {
    await ours.stop();
    await theirs?.stop();
  }
  return { benchmark, ours: median(figures.ours), theirs: theirs && median(figures.theirs) };
}

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

function line({ benchmark, ours, theirs }: Result): string {
  const { target, unit } = benchmark;
  const ratio = theirs === undefined ? undefined : ours / theirs;
  const { aim, met } = judge(target, ours, ratio, unit);
  const cells = [
    benchmark.name,
    round(ours),
    theirs === undefined ? "" : round(theirs),
    ratio === undefined ? "" : `${ratio.toFixed(2)} x`,
  ];
  return `| ${[...cells, unit, aim, met, benchmark.against].join(" | ")} |`;
}

function judge(target: Benchmark["target"], ours: number, ratio: number | undefined, unit: string) {
  if (!target) return { aim: "", met: "" };
  if ("absolute" in target) return { aim: `at most ${target.absolute} ${unit}`, met: verdict(ours <= target.absolute) };
  if (ratio === undefined) throw new TypeError("a ratio is aimed at, and there is nothing to compare with");
  return target.sense === "atLeast"
    ? { aim: `at least ${target.ratio} x`, met: verdict(ratio >= target.ratio) }
    : { aim: `at most ${target.ratio} x`, met: verdict(ratio <= target.ratio) };
}

function verdict(met: boolean): string {
  return met ? "met" : "**missed**";
}

function round(figure: number): string {
  return figure >= 1000 ? Math.round(figure).toLocaleString("en") : figure.toPrecision(3);
}

function print(all: readonly Result[], notRun: readonly string[]): string {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  const [cpu] = cpus();
  const lines = [
    "# Benchmark results",
    "",
    `Made by \`npm run bench\` at ${commit}, ${new Date().toISOString().slice(0, 10)}, on ${cpus().length} cores (${cpu?.model.trim()}), ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}. Medians of alternating rounds in one run; ` +
      "server and load on different cores. Absolute figures are worth nothing on another machine; the ratios are what counts.",
    "",
    "| what | Portwright | the other | ratio | unit | aim | | the other is |",
    "|---|---|---|---|---|---|---|---|",
    ...all.map(line),
    "",
    ...notRun.map((one) => `Not run: ${one}.`),
  ];
  return `${lines.join("\n")}\n`;
}
