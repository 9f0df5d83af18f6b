import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const CLI = fileURLToPath(new URL("../../dist/bin/cli.js", import.meta.url));

const SERVER_CORE = "0";
const LOAD_CORE = "1";

export interface Server {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** A program whose first line on stdout is its port, on the servers' core. */
export async function startBaseline(name: string): Promise<Server> {
  const script = fileURLToPath(new URL(`./baseline/${name}.ts`, import.meta.url));
  const child = spawnOn(SERVER_CORE, process.execPath, ["--import", "tsx", script]);
  return server(child, Number(await firstLine(child)));
}

/** Portwright as users run it: the bundle, with its journal. */
export async function startPortwright(service: string, transport: string, extra: string[] = []): Promise<Server> {
  const args = [CLI, "up", service, "--ports", "ephemeral", "--json", "--quiet", ...extra];
  const child = spawnOn(SERVER_CORE, process.execPath, args);
  const ready = JSON.parse(await firstLine(child)) as { endpoints: { transport: string; port: number }[] };
  const endpoint = ready.endpoints.find((one) => one.transport === transport);
  if (!endpoint) throw new Error(`${service} has no ${transport} endpoint`);
  return server(child, endpoint.port);
}

export function spawnOn(core: string, command: string, args: readonly string[]): ChildProcess {
  const child = spawn("taskset", ["-c", core, command, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** Whatever goes wrong, nothing is left running. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export function server(child: ChildProcess, port: number): Server {
  return {
    port,
    pid: child.pid ?? 0,
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}

/** Runs a load to its end on the other core; returns what it printed. Throws if it fails. */
export async function load(command: string, args: readonly string[]): Promise<string> {
  const child = spawnOn(LOAD_CORE, command, args);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`${command} exited with ${code}: ${output}`);
  return output;
}

export function isInstalled(command: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new TypeError("the program has no stdout");
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  return line;
}

/** Somebody accepts connections there. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
