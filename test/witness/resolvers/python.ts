import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Answer, Resolver } from "./resolver.ts";
import { CLIENT } from "./shown.ts";

const SCRIPT = join(import.meta.dirname, "ask.py");
const TIMEOUT_MS = 1000;
/** Twice the timeout, over UDP and over TCP, and as much again: longer is without end. */
const ENDLESS_MS = 8000;

/** The Python that has dnspython: Debian's packages are for Debian's. */
export const PYTHON = ["python3", "/usr/bin/python3"].find(
  (python) => spawnSync(python, ["-c", "import dns.resolver"]).status === 0,
);

/** dnspython's version, if it is installed. */
export function versionOfDnspython(): string | undefined {
  if (PYTHON === undefined) return undefined;
  return spawnSync(PYTHON, ["-c", "import dns.version; print(dns.version.version)"]).stdout.toString().trim();
}

/** dnspython's `dns.resolver.Resolver`. */
export function dnspythonResolver(port: number): Resolver {
  const types = ["A", "AAAA", "CAA", "MX", "SRV", "TXT"] as const;
  return pythonResolver(types, PYTHON ?? "python3", ["dnspython", String(port)]);
}

/** The C library's getaddrinfo(), which asks whom /etc/resolv.conf names. */
export function getaddrinfoResolver(): Resolver {
  return pythonResolver(["A", "AAAA", "both"], "python3", ["getaddrinfo"]);
}

function pythonResolver(types: Resolver["types"], python: string, args: readonly string[]): Resolver {
  let child: ChildProcessByStdio<Writable, Readable, null> | undefined;
  const stop = () => {
    child?.kill("SIGKILL");
    child = undefined;
  };
  return {
    types,
    lateMs: TIMEOUT_MS * CLIENT.late,
    async ask(question) {
      child ??= spawn(python, [SCRIPT, ...args], { stdio: ["pipe", "pipe", "inherit"] });
      const lines = createInterface({ input: child.stdout });
      const line = once(lines, "line", { signal: AbortSignal.timeout(ENDLESS_MS) });
      child.stdin.write(`${JSON.stringify(question)}\n`);
      try {
        const [text] = (await line) as [string];
        return JSON.parse(text) as Answer;
      } catch (error) {
        if ((error as Error).name !== "AbortError") throw error;
        stop();
        return { outcome: "waits without end", ms: 0 };
      } finally {
        lines.close();
      }
    },
    [Symbol.dispose]: stop,
  };
}
