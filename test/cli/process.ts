import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

/** The command line, bundled as it is published, for one test file; `remove` when it is done. */
export async function bundle(name: string): Promise<{ readonly cli: string; remove(): void }> {
  // Below the package's own folder, where fixtures and packages are found.
  const folder = `dist/test-${name}`;
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, ["--import", "tsx", "esbuild.config.ts", folder], { cwd: ROOT }, (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return {
    cli: join(ROOT, folder, "bin/cli.js"),
    remove: () => rmSync(join(ROOT, folder), { recursive: true, force: true }),
  };
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string | undefined };
  readonly uid?: number;
  /** Leave standard output unread. */
  readonly deaf?: boolean;
}

/** An event of `--json`. */
export interface Event {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** A command line that runs in a process of its own. */
export class Running implements AsyncDisposable {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly #closed: Promise<[number | null, NodeJS.Signals | null]>;

  constructor(file: string, args: readonly string[], { cwd = ROOT, env, uid, deaf = false }: RunOptions = {}) {
    this.child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    this.#closed = once(this.child, deaf ? "exit" : "close") as Promise<[number | null, NodeJS.Signals | null]>;
    if (!deaf) {
      this.child.stdout?.on("data", (text) => {
        this.stdout += text;
      });
    }
    this.child.stderr?.on("data", (text) => {
      this.stderr += text;
    });
  }

  /** The exit code, or the signal that ended it. */
  async ended(): Promise<number | string> {
    const [code, signal] = await this.#closed;
    return code ?? signal ?? "";
  }

  /** Whole lines that have come. */
  get lines(): readonly string[] {
    return this.stdout.split("\n").slice(0, -1);
  }

  get events(): readonly Event[] {
    return this.lines.map((line) => JSON.parse(line) as Event);
  }

  /** Resolves when the output has what is wanted; rejects when the process ends without. */
  async until<T>(wanted: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = wanted();
      if (found) return found;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`it ended (${this.child.exitCode ?? this.child.signalCode}):\n${this.stdout}${this.stderr}`);
      }
      await Promise.race([
        once(this.child.stdout as NodeJS.ReadableStream, "data"),
        once(this.child.stderr as NodeJS.ReadableStream, "data"),
        once(this.child, "exit"),
      ]);
    }
  }

  /** The first event of a name. */
  event(name: string): Promise<Event> {
    return this.until(() => this.events.find(({ event }) => event === name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL");
    await this.#closed;
  }
}

/** Runs a command line to its end. */
export async function runToEnd(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ readonly exitCode: number | string; readonly stdout: string; readonly stderr: string }> {
  await using running = new Running(file, args, options);
  const exitCode = await running.ended();
  return { exitCode, stdout: running.stdout, stderr: running.stderr };
}
