import type { FileStat, Tree, TreeRefusal } from "../contract/world.ts";
import { nameOf, parentOf, resolvePath } from "../wire/path.ts";

/** A file's octets, or how to make them when somebody first reads them. */
export type FileContent = Uint8Array | { readonly octets: number; make(): Uint8Array };

interface File {
  readonly type: "file";
  content: FileContent;
  modified: number;
}
interface Directory {
  readonly type: "directory";
  readonly children: Map<string, Node>;
  modified: number;
}
type Node = File | Directory;

const WHY_NOT_PLANTED: { readonly [refusal in TreeRefusal]?: string } = {
  "bad-path": "that is not the path of a file",
  "is-a-directory": "there is a directory of that name",
  "not-a-directory": "what should be its directory is a file",
  "no-space": "there is no room for it within limits.maxFileOctets and limits.maxFiles",
};

/** A file system in memory, bounded in octets and in names. */
export class MemoryTree implements Tree {
  readonly #maxOctets: number;
  readonly #maxNames: number;
  #root: Directory;
  #octets = 0;
  #names = 0;
  #version: number;

  /** `version` is where counting starts, so that a tree that replaces another one is newer. */
  constructor(options: {
    readonly maxOctets: number;
    readonly maxNames: number;
    readonly now: number;
    readonly version?: number;
  }) {
    this.#version = options.version ?? 0;
    this.#maxOctets = options.maxOctets;
    this.#maxNames = options.maxNames;
    this.#root = { type: "directory", children: new Map(), modified: options.now };
  }

  get version(): number {
    return this.#version;
  }

  get room(): number {
    return this.#maxOctets - this.#octets;
  }

  stat(path: string): FileStat | undefined {
    const at = resolvePath("/", path);
    const node = at === undefined ? undefined : this.#find(at);
    return node && at !== undefined ? statOf(at, node) : undefined;
  }

  list(path: string): readonly FileStat[] | undefined {
    const at = resolvePath("/", path);
    const node = at === undefined ? undefined : this.#find(at);
    if (at === undefined || node?.type !== "directory") return undefined;
    const prefix = at === "/" ? "/" : `${at}/`;
    return [...node.children].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, child]) => statOf(prefix + name, child));
  }

  read(path: string): Uint8Array | undefined {
    const at = resolvePath("/", path);
    const node = at === undefined ? undefined : this.#find(at);
    if (node?.type !== "file") return undefined;
    if (!(node.content instanceof Uint8Array)) node.content = node.content.make();
    return node.content;
  }

  write(path: string, content: FileContent, now: number): TreeRefusal | "done" {
    const place = this.#place(path);
    if (typeof place === "string") return place;
    const old = place.parent.children.get(place.name);
    if (old?.type === "directory") return "is-a-directory";
    const growth = octetsOf(content) - (old ? octetsOf(old.content) : 0);
    if (growth > this.room || (!old && this.#names >= this.#maxNames)) return "no-space";
    this.#octets += growth;
    if (!old) this.#names += 1;
    this.#version += 1;
    place.parent.children.set(place.name, { type: "file", content, modified: now });
    return "done";
  }

  remove(path: string): TreeRefusal | "done" {
    const place = this.#place(path);
    if (typeof place === "string") return place;
    const node = place.parent.children.get(place.name);
    if (!node) return "not-found";
    if (node.type === "directory") return "is-a-directory";
    this.#octets -= octetsOf(node.content);
    this.#names -= 1;
    this.#version += 1;
    place.parent.children.delete(place.name);
    return "done";
  }

  makeDirectory(path: string, now: number): TreeRefusal | "done" {
    const place = this.#place(path);
    if (typeof place === "string") return place;
    if (place.parent.children.has(place.name)) return "exists";
    if (this.#names >= this.#maxNames) return "no-space";
    this.#names += 1;
    this.#version += 1;
    place.parent.children.set(place.name, { type: "directory", children: new Map(), modified: now });
    return "done";
  }

  removeDirectory(path: string): TreeRefusal | "done" {
    const place = this.#place(path);
    if (typeof place === "string") return place;
    const node = place.parent.children.get(place.name);
    if (!node) return "not-found";
    if (node.type !== "directory") return "not-a-directory";
    if (node.children.size > 0) return "not-empty";
    this.#names -= 1;
    this.#version += 1;
    place.parent.children.delete(place.name);
    return "done";
  }

  rename(from: string, to: string, now: number): TreeRefusal | "done" {
    const source = this.#place(from);
    if (typeof source === "string") return source;
    const node = source.parent.children.get(source.name);
    if (!node) return "not-found";
    const target = this.#place(to);
    if (typeof target === "string") return target;
    if (node === target.parent.children.get(target.name)) return "done";
    if (target.parent.children.has(target.name)) return "exists";
    // A directory cannot move into itself.
    if (node.type === "directory" && isWithin(node, target.parent)) return "bad-path";
    source.parent.children.delete(source.name);
    node.modified = now;
    this.#version += 1;
    target.parent.children.set(target.name, node);
    return "done";
  }

  /** Makes a file and every directory on the way. Throws a `RangeError` that begins with the file's place in the world. */
  plant(path: string, content: FileContent, now: number): void {
    const at = resolvePath("/", path) ?? "/";
    let missing = parentOf(at);
    const todo: string[] = [];
    while (!this.#find(missing)) {
      todo.push(missing);
      missing = parentOf(missing);
    }
    const outcomes = [
      ...todo.reverse().map((directory) => this.makeDirectory(directory, now)),
      this.write(at, content, now),
    ];
    const refusal = outcomes.find((outcome) => outcome !== "done");
    if (refusal) throw new RangeError(`world.files[${JSON.stringify(path)}]: ${WHY_NOT_PLANTED[refusal] ?? refusal}`);
  }

  /** Removes a file, or a directory with everything in it; nothing happens if it is not there. */
  uproot(path: string): void {
    for (const { path: child } of this.list(path) ?? []) this.uproot(child);
    if (this.stat(path)?.type === "directory") this.removeDirectory(path);
    else this.remove(path);
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of path.split("/")) {
      if (name === "") continue;
      node = node?.type === "directory" ? node.children.get(name) : undefined;
    }
    return node;
  }

  #place(path: string): { parent: Directory; name: string } | TreeRefusal {
    const at = resolvePath("/", path);
    if (at === undefined || at === "/") return "bad-path";
    const parent = this.#find(parentOf(at));
    if (!parent) return "not-found";
    if (parent.type !== "directory") return "not-a-directory";
    return { parent, name: nameOf(at) };
  }
}

function isWithin(directory: Directory, wanted: Directory): boolean {
  if (directory === wanted) return true;
  for (const child of directory.children.values()) {
    if (child.type === "directory" && isWithin(child, wanted)) return true;
  }
  return false;
}

function octetsOf(content: FileContent): number {
  return content instanceof Uint8Array ? content.length : content.octets;
}

function statOf(path: string, node: Node): FileStat {
  return {
    path,
    name: nameOf(path),
    type: node.type,
    octets: node.type === "file" ? octetsOf(node.content) : 0,
    modified: node.modified,
  };
}
