import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { TASKS } from "./unprivileged-task.ts";

type Tasks = typeof TASKS;

/** A place where another process can be asked, as the same user or another. */
export interface OtherProcess extends Disposable {
  /** Runs a task as a user; throws what it threw. */
  ask<Name extends keyof Tasks>(
    name: Name,
    user: number | undefined,
    ...question: Parameters<Tasks[Name]>
  ): Promise<Awaited<ReturnType<Tasks[Name]>>>;
}

/** Bundles the tasks into a file that every user can read, wherever the project itself lies. */
export async function otherProcess(): Promise<OtherProcess> {
  const folder = mkdtempSync(join(tmpdir(), "portwright-"));
  chmodSync(folder, 0o755);
  const file = join(folder, "task.mjs");
  const entry = new URL("./unprivileged-task.ts", import.meta.url).pathname;
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  return {
    async ask(name, user, ...question) {
      const identity = user === undefined ? {} : { uid: user, gid: user };
      const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify([name, question])], {
        cwd: "/",
        ...identity,
      });
      const said = JSON.parse(stdout);
      if ("error" in said) throw Object.assign(new Error(said.error.message), said.error);
      return said.answer;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
