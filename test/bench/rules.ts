import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Benchmark, dnsperf, subject, wrk } from "./loads.ts";
import { startPortwright } from "./processes.ts";

type Rule = { readonly when: object; readonly reply: unknown };

/** A configuration with these rules for one service. */
function configOf(service: string, rules: readonly Rule[]): string {
  const file = join(mkdtempSync(join(tmpdir(), "portwright-bench-")), "portwright.config.json");
  writeFileSync(file, JSON.stringify({ services: { [service]: { rules } } }));
  return file;
}

const path = (at: number): Rule => ({ when: { path: `/stub/${at}` }, reply: { status: 200, body: "stub" } });
const name = (at: number): Rule => ({ when: { name: `stub-${at}.example.test` }, reply: "192.0.2.1" });
const MATCHED: Rule = { when: { path: "/pub/hello.txt" }, reply: { status: 200, body: "hello, world\n" } };

function many(count: number, rule: (at: number) => Rule): Rule[] {
  return Array.from({ length: count }, (_, at) => rule(at));
}

const http = (rules: readonly Rule[]) => () =>
  subject(
    () => startPortwright("http", "tcp", rules.length > 0 ? ["--config", configOf("http", rules)] : []),
    (port) => wrk(port, "/pub/hello.txt"),
  );

const dns = (rules: readonly Rule[]) => () =>
  subject(() => startPortwright("dns", "udp", rules.length > 0 ? ["--config", configOf("dns", rules)] : []), dnsperf);

const HTTP = {
  unit: "requests/s",
  against: "the same without rules",
  needs: ["wrk", "taskset"],
  rounds: 3,
  theirs: http([]),
} as const;

const DNS = {
  unit: "queries/s",
  against: "the same without rules",
  needs: ["dnsperf", "taskset"],
  rounds: 3,
  theirs: dns([]),
} as const;

/** The names that the load asks for, in the last of many rules. */
const ASKED: Rule = { when: { name: ["www.example.test", "mail.example.test"] }, reply: "192.0.2.1" };

/** What rules cost: where none matches, and where the last of many does. */
export const ruleBenchmarks: readonly Benchmark[] = [
  {
    ...HTTP,
    name: "HTTP with 1,000 rules for other requests",
    target: { ratio: 0.95, sense: "atLeast" },
    ours: http(many(1000, path)),
  },
  {
    ...HTTP,
    name: "HTTP answered by the last of 1,000 rules",
    target: { ratio: 0.9, sense: "atLeast" },
    ours: http([...many(999, path), MATCHED]),
  },
  {
    ...HTTP,
    name: "HTTP answered by the last of 10,000 rules",
    target: { ratio: 0.8, sense: "atLeast" },
    ours: http([...many(9999, path), MATCHED]),
  },
  {
    ...DNS,
    name: "DNS over UDP with 1,000 rules for other names",
    target: { ratio: 0.95, sense: "atLeast" },
    ours: dns(many(1000, name)),
  },
  {
    ...DNS,
    name: "DNS over UDP, half of it answered by the last of 1,000 rules",
    target: undefined,
    ours: dns([...many(999, name), ASKED]),
  },
];
