import { spawn, spawnSync } from "node:child_process";
import { describe } from "vitest";

/** How long a client may take unless told otherwise. */
const CLIENT_MS = 20_000;

/** `.ci/run` has installed every client: one that is missing must fail, and not be skipped. */
const ALL_REQUIRED = process.env.PORTWRIGHT_WITNESSES === "required";

/** The tests of this file start processes and wait for them. */
export const SLOW = { timeout: 60_000 };

/** How a client ended, and all that it printed. */
export interface Run {
  /** `null` if a signal ended it. */
  readonly code: number | null;
  readonly octets: Buffer;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** For its standard input, which is closed afterwards. */
  readonly input?: string | Uint8Array;
  /** Keeps its standard input open until it has printed this: some leave when there is nothing more to say. */
  readonly inputUntil?: RegExp;
  readonly timeoutMs?: number;
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
}

/** Runs a client to its end, whatever its exit code. Rejects if it cannot be started or takes too long. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { input = "", inputUntil, timeoutMs = CLIENT_MS, cwd, env } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, LC_ALL: "C.UTF-8", no_proxy: "*", ...env },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const deadline = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${command} ${args.join(" ")} has not ended after ${timeoutMs} ms; it said\n${text(out, err)}`));
    }, timeoutMs);
    child.stdout.on("data", (bytes: Buffer) => {
      out.push(bytes);
      if (inputUntil?.test(text(out))) child.stdin.end();
    });
    child.stderr.on("data", (bytes: Buffer) => err.push(bytes));
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(deadline);
      const octets = Buffer.concat(out);
      resolve({ code, octets, stdout: octets.toString("utf8"), stderr: Buffer.concat(err).toString("utf8") });
    });
    // It may end before it has read everything.
    child.stdin.on("error", () => child.stdin.destroy());
    child.stdin.write(input);
    if (!inputUntil) child.stdin.end();
  });
}

/** Runs a client that must succeed: rejects with what it said if its exit code is not 0. */
export async function succeed(command: string, args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const done = await run(command, args, options);
  if (done.code !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${done.code}; it said\n${done.stdout}${done.stderr}`);
  }
  return done;
}

/** Whether a client is installed: it can be started with these arguments. */
export function isInstalled(command: string, probe: readonly string[] = ["--version"]): boolean {
  return spawnSync(command, probe, { stdio: "ignore", timeout: CLIENT_MS }).error === undefined;
}

/** Whether the tests with a client are to be skipped. */
export function isDispensable(installed: boolean): boolean {
  return !installed && !ALL_REQUIRED;
}

/** A suite for a real client; where that is not installed, it is skipped and says so. */
export function witness(command: string, suite: () => void, installed = isInstalled(command)): void {
  const skipped = isDispensable(installed);
  if (skipped) process.stderr.write(`witness skipped: ${command} is not installed\n`);
  describe.skipIf(skipped)(command, SLOW, suite);
}

function text(...streams: readonly (readonly Buffer[])[]): string {
  return Buffer.concat(streams.flat()).toString("utf8");
}
