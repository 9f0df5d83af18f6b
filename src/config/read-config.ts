import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join, relative, resolve } from "node:path";
import { PortwrightError } from "../errors.ts";
import type { Locate } from "./issues.ts";

export interface ConfigFile {
  readonly path: string;
  readonly value: unknown;
  readonly locate: Locate | undefined;
}

/** The names under which a configuration is found without `--config`. */
const NAMES = ["json", "yaml", "yml", "ts", "mts", "js", "mjs"].map((type) => `portwright.config.${type}`);

/** Reads one file: JSON, YAML, or a module's default export. Throws `CONFIG_UNREADABLE`. */
export async function readConfig(path: string): Promise<ConfigFile> {
  const absolute = resolve(path);
  try {
    return /^\.[cm]?[jt]s$/.test(extname(path)) ? await readModule(absolute) : await readText(absolute);
  } catch (cause) {
    if (cause instanceof PortwrightError) throw cause;
    throw new PortwrightError("CONFIG_UNREADABLE", (cause as Error).message, { place: path, cause });
  }
}

/** The configuration of a folder, if it has one. */
export async function findConfig(folder: string): Promise<ConfigFile | undefined> {
  const path = NAMES.map((name) => join(folder, name)).find((candidate) => existsSync(candidate));
  return path === undefined ? undefined : readConfig(path);
}

/** JSON is YAML too (YAML 1.2 section 1.3), so both have lines to point at. */
async function readText(path: string): Promise<ConfigFile> {
  // By its default export: in the bundle, a CommonJS module that is imported later has no other.
  const {
    default: { LineCounter, parseDocument },
  } = await import("yaml");
  const lines = new LineCounter();
  const text = await readFile(path, "utf8");
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true });
  const shown = relative(process.cwd(), path);
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    const problem = error.message.split("\n")[0]?.replace(/ at line .*$/, "");
    throw new PortwrightError("CONFIG_UNREADABLE", `${problem}`, { place: `${shown}:${line}:${col}` });
  }
  const locate: Locate = (wanted) => {
    // The nearest place above that stands in the file, for a key that is missing.
    for (let depth = wanted.length; depth >= 0; depth -= 1) {
      const node = document.getIn(wanted.slice(0, depth), true) as { range?: [number, number, number] } | undefined;
      if (node?.range) return `${shown}:${lines.linePos(node.range[0]).line}`;
    }
    return undefined;
  };
  return { path, value: document.toJS() ?? {}, locate };
}

async function readModule(path: string): Promise<ConfigFile> {
  const { createJiti } = await import("jiti");
  const value = await createJiti(import.meta.url).import(path, { default: true });
  return { path, value, locate: () => relative(process.cwd(), path) };
}
