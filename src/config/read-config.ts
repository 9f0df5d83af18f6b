import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join, relative, resolve } from "node:path";
import { PortwrightError } from "../errors.ts";
import type { Locate } from "../issues.ts";

export interface ConfigFile {
  readonly path: string;
  readonly value: unknown;
  readonly locate: Locate | undefined;
}

/** More would take the reader of YAML many seconds. */
const MOST_CHARACTERS = 1024 * 1024;

/** The names under which a configuration is found without `--config`. */
const NAMES = ["json", "yaml", "yml", "ts", "mts", "js", "mjs"].map((type) => `portwright.config.${type}`);

/** Reads one file: JSON, YAML, or a module's default export. Throws `CONFIG_UNREADABLE`. */
export async function readConfig(path: string): Promise<ConfigFile> {
  const absolute = resolve(path);
  try {
    return /^\.[cm]?[jt]s$/.test(extname(path)) ? await readModule(absolute) : await readText(absolute);
  } catch (cause) {
    if (cause instanceof PortwrightError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    const [problem = ""] = message.split("\n");
    // Where a module has a mistake, its loader says so on a further line.
    const [, line = ""] = /\n.*?(:\d+:\d+)\s*$/s.exec(message) ?? [];
    throw new PortwrightError("CONFIG_UNREADABLE", problem.trim(), { place: `${path}${line}`, cause });
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
  const shown = relative(process.cwd(), path);
  const text = await readFile(path, "utf8");
  if (text.length > MOST_CHARACTERS) {
    throw new PortwrightError(
      "CONFIG_UNREADABLE",
      `${text.length} characters are too many; a configuration has at most ${MOST_CHARACTERS}`,
      { place: shown },
    );
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    const problem = error.message.split("\n")[0]?.replace(/ at line .*$/, "");
    throw new PortwrightError("CONFIG_UNREADABLE", `${problem}`, { place: `${shown}:${line}:${col}` });
  }
  const locate: Locate = (wanted) => {
    const offset = offsetOf(document.contents, wanted);
    return offset === undefined ? shown : `${shown}:${lines.linePos(offset).line}`;
  };
  return { path, value: document.toJS() ?? {}, locate };
}

async function readModule(path: string): Promise<ConfigFile> {
  const { createJiti } = await import("jiti");
  const value = await createJiti(import.meta.url).import(path, { default: true });
  return { path, value, locate: () => relative(process.cwd(), path) };
}

/** A node as the parser leaves it: a map has pairs for items, a list has nodes. */
interface TextNode {
  readonly range?: readonly [number, number, number] | null;
  readonly items?: readonly (
    | TextNode
    | { readonly key: TextNode & { readonly value: unknown }; readonly value: unknown }
  )[];
}

/** Where a place begins: its key in a map, or itself in a list; for what is missing, the nearest place above it. */
function offsetOf(contents: unknown, wanted: readonly PropertyKey[]): number | undefined {
  let node = contents as TextNode | null;
  let offset = node?.range?.[0];
  for (const key of wanted) {
    const item = node?.items?.find((one, at) => ("key" in one ? String(one.key.value) === String(key) : at === key));
    if (!item) break;
    const [place, value] = "key" in item ? [item.key, item.value as TextNode | null] : [item, item];
    offset = place.range?.[0] ?? offset;
    node = value;
  }
  return offset;
}
