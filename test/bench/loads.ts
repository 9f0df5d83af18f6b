import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load, type Server } from "./processes.ts";

/** Two subjects measured by turns, so that a noisy machine is noisy for both. */
export interface Benchmark {
  readonly name: string;
  readonly unit: string;
  /** What the other one is. */
  readonly against: string;
  /** The ratio ours / theirs that is aimed at; `atMost` where less is better. */
  readonly target:
    | { readonly ratio: number; readonly sense: "atLeast" | "atMost" }
    | { readonly absolute: number }
    | undefined;
  readonly needs: readonly string[];
  readonly rounds: number;
  ours(): Promise<Subject>;
  theirs?(): Promise<Subject>;
}

export interface Subject {
  measure(): Promise<number>;
  stop(): Promise<void>;
}

/** How long one round of a load lasts. */
export const SECONDS = 4;

export async function subject(
  start: () => Promise<Server>,
  measure: (port: number) => Promise<number>,
): Promise<Subject> {
  const running = await start();
  await measure(running.port); // a first round to warm up, not counted
  return { measure: () => measure(running.port), stop: () => running.stop() };
}

export async function wrk(port: number, path: string): Promise<number> {
  const url = `http://127.0.0.1:${port}${path}`;
  const output = await load("wrk", ["-t", "1", "-c", "64", "-d", `${SECONDS}s`, url]);
  const errors = /Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)/.exec(output);
  if (errors) throw new Error(output);
  return number(output, /Requests\/sec:\s+([\d.]+)/);
}

export interface DnsLoad {
  readonly transport?: "udp" | "tcp";
  /** What is asked, by turns. */
  readonly questions?: readonly string[];
}

const QUESTIONS = ["www.example.test A", "mail.example.test A", "example.test MX", "nowhere.example.test A"];

export async function dnsperf(port: number, options: DnsLoad = {}): Promise<number> {
  const { transport = "udp", questions = QUESTIONS } = options;
  const file = join(tmpdir(), `portwright-bench-${process.pid}.txt`);
  writeFileSync(file, `${questions.join("\n")}\n`);
  const where = ["-s", "127.0.0.1", "-p", String(port), "-m", transport];
  const output = await load("dnsperf", [...where, "-d", file, "-l", String(SECONDS), "-c", "8", "-q", "64"]);
  const lost = number(output, /Queries lost:\s+(\d+)/);
  if (lost > 100) throw new Error(`${lost} queries were lost\n${output}`);
  return number(output, /Queries per second:\s+([\d.]+)/);
}

/** The number that a program printed; throws if there is none. */
export function number(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${pattern} in\n${text}`);
  return Number(found);
}
