import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { dnsBenchmarks } from "./dns.ts";
import { latencyBenchmarks } from "./latency.ts";
import { type Benchmark, number, SECONDS, type Subject, subject, wrk } from "./loads.ts";
import { answers, CLI, load, type Server, server, spawnOn, startBaseline, startPortwright } from "./processes.ts";
import { ruleBenchmarks } from "./rules.ts";

const MESSAGES = 2000;

async function smtpSource(port: number): Promise<number> {
  const started = performance.now();
  const args = [
    "-s",
    "4",
    "-m",
    String(MESSAGES),
    "-l",
    "1000",
    "-f",
    "bench@example.test",
    "-t",
    "alice@example.test",
  ];
  await load("smtp-source", [...args, `127.0.0.1:${port}`]);
  return (MESSAGES / (performance.now() - started)) * 1000;
}

async function startSmtpSink(): Promise<Server> {
  const port = 20_000 + (process.pid % 10_000);
  const child = spawnOn("0", "smtp-sink", ["-u", "nobody", `127.0.0.1:${port}`, "1000"]);
  while (!(await answers(port)));
  return server(child, port);
}

async function echoLoad(port: number): Promise<number> {
  const script = fileURLToPath(new URL("./echo-load.ts", import.meta.url));
  return Number(await load(process.execPath, ["--import", "tsx", script, String(port), String(SECONDS)]));
}

/** From spawn until the last endpoint has taken a connection, in ms. */
async function startUp(): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [CLI, "up", "--ports", "ephemeral", "--json", "--quiet"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  const { endpoints } = JSON.parse(line) as { endpoints: { transport: string; host: string; port: number }[] };
  const last = endpoints.filter(({ transport }) => transport === "tcp").at(-1);
  if (!last) throw new Error("nothing was started");
  const socket = connect(last.port, last.host);
  await once(socket, "connect");
  const taken = performance.now() - started;
  socket.destroy();
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
  return taken;
}

async function bareNode(): Promise<number> {
  const started = performance.now();
  await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit");
  return performance.now() - started;
}

/** The first start and stop in a process, or the median of later ones, in ms. */
async function startAndStop(which: "first" | "warm"): Promise<number> {
  const script = fileURLToPath(new URL("./start-stop.ts", import.meta.url));
  const [first, warm] = (await load(process.execPath, ["--import", "tsx", script])).split(" ");
  return Number(which === "first" ? first : warm);
}

function residentMiB(pid: number): number {
  return number(readFileSync(`/proc/${pid}/status`, "utf8"), /VmRSS:\s+(\d+) kB/) / 1024;
}

async function memoryOf(args: readonly string[], isReady: (line: string) => boolean): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) if (isReady(line)) break;
  const resident = residentMiB(child.pid ?? 0);
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
  return resident;
}

const only = (measure: () => Promise<number>) => async (): Promise<Subject> => ({
  measure,
  stop: async () => undefined,
});

export const benchmarks: readonly Benchmark[] = [
  // Loads leave thousands of connections in TIME-WAIT: what binds ports is measured before them.
  {
    name: "All services up, from spawn to the last port's answer",
    unit: "ms",
    against: "bare `node -e 0`",
    target: { ratio: 4, sense: "atMost" },
    needs: [],
    rounds: 15,
    ours: only(startUp),
    theirs: only(bareNode),
  },
  {
    name: "Start and stop of all services in process, warm",
    unit: "ms",
    against: "",
    target: { absolute: 10 },
    needs: ["taskset"],
    rounds: 5,
    ours: only(() => startAndStop("warm")),
  },
  {
    name: "The first start and stop in a process",
    unit: "ms",
    against: "",
    target: undefined,
    needs: ["taskset"],
    rounds: 3,
    ours: only(() => startAndStop("first")),
  },
  {
    name: "Resident memory when ready, above bare node's",
    unit: "MiB",
    against: "",
    target: { absolute: 80 },
    needs: [],
    rounds: 5,
    ours: only(async () => {
      const bare = await memoryOf(["-e", "console.log(); setInterval(() => 0, 1000)"], () => true);
      const ours = await memoryOf([CLI, "up", "--ports", "ephemeral", "--json"], (line) => line.includes('"ready"'));
      return ours - bare;
    }),
  },
  {
    name: "HTTP/1.1 keep-alive, 64 connections",
    unit: "requests/s",
    against: "bare node:http, one fixed response",
    target: { ratio: 1, sense: "atLeast" },
    needs: ["wrk", "taskset"],
    rounds: 5,
    ours: () =>
      subject(
        () => startPortwright("http", "tcp"),
        (port) => wrk(port, "/pub/hello.txt"),
      ),
    theirs: () =>
      subject(
        () => startBaseline("http"),
        (port) => wrk(port, "/"),
      ),
  },
  ...dnsBenchmarks,
  {
    name: "SMTP, a connection per message",
    unit: "messages/s",
    against: "smtp-sink (Postfix, C)",
    target: { ratio: 0.65, sense: "atLeast" },
    needs: ["smtp-source", "smtp-sink", "taskset"],
    rounds: 5,
    ours: () => subject(() => startPortwright("smtp", "tcp"), smtpSource),
    theirs: () => subject(startSmtpSink, smtpSource),
  },
  {
    name: "TCP echo, 16 connections, 64 octets",
    unit: "round trips/s",
    against: "bare node:net socket",
    target: { ratio: 0.75, sense: "atLeast" },
    needs: ["taskset"],
    rounds: 5,
    ours: () => subject(() => startPortwright("echo", "tcp"), echoLoad),
    theirs: () => subject(() => startBaseline("tcp-echo"), echoLoad),
  },
  ...ruleBenchmarks,
  ...latencyBenchmarks,
];
