import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Benchmark, type DnsLoad, dnsperf, type Subject, subject } from "./loads.ts";
import { startDnsmasq, startUnbound } from "./name-servers.ts";
import { type Server, startBaseline, startPortwright } from "./processes.ts";

const ask = (start: () => Promise<Server>, load?: DnsLoad) => (): Promise<Subject> =>
  subject(start, (port) => dnsperf(port, load));

const ours =
  (transport: "udp" | "tcp", extra: string[] = []) =>
  () =>
    startPortwright("dns", transport, extra);

const NAMES = 10_000;
const MANY_QUESTIONS = Array.from({ length: NAMES }, (_, at) => `host-${at}.many.test A`);

/** A configuration with a zone of many names. */
function manyNames(): string {
  const file = join(mkdtempSync(join(tmpdir(), "portwright-bench-")), "portwright.config.json");
  const hosts = MANY_QUESTIONS.map((question, at) => `host-${at} ${question.slice(-1)} 192.0.2.${at % 256}`);
  const zone = ["$TTL 300", "@ SOA ns hostmaster 1 1h 15m 4w 5m", "@ NS ns", "ns A 192.0.2.1", ...hosts, ""].join("\n");
  writeFileSync(file, JSON.stringify({ world: { zones: { "many.test": zone } } }));
  return file;
}

const COMMON = { unit: "queries/s", rounds: 5 } as const;

export const dnsBenchmarks: readonly Benchmark[] = [
  {
    ...COMMON,
    name: "DNS over UDP",
    against: "bare dgram socket, one fixed answer",
    target: { ratio: 0.85, sense: "atLeast" },
    needs: ["dnsperf", "taskset"],
    ours: ask(ours("udp")),
    theirs: ask(() => startBaseline("udp")),
  },
  {
    ...COMMON,
    name: "DNS over UDP, 10,000 names by turns",
    rounds: 3,
    against: "bare dgram socket, one fixed answer",
    target: { ratio: 0.85, sense: "atLeast" },
    needs: ["dnsperf", "taskset"],
    ours: ask(() => startPortwright("dns", "udp", ["--config", manyNames()]), { questions: MANY_QUESTIONS }),
    theirs: ask(() => startBaseline("udp"), { questions: MANY_QUESTIONS }),
  },
  {
    ...COMMON,
    name: "DNS over UDP, beside dnsmasq",
    rounds: 3,
    against: "dnsmasq (C)",
    target: { ratio: 1, sense: "atLeast" },
    needs: ["dnsperf", "dnsmasq", "taskset"],
    ours: ask(ours("udp")),
    theirs: ask(startDnsmasq),
  },
  {
    ...COMMON,
    name: "DNS over TCP, pipelined",
    against: "unbound (C), one thread",
    target: { ratio: 2, sense: "atLeast" },
    needs: ["dnsperf", "unbound", "taskset"],
    ours: ask(ours("tcp"), { transport: "tcp" }),
    theirs: ask(startUnbound, { transport: "tcp" }),
  },
];
