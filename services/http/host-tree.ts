import type { FileStat, Tree, TreeRefusal } from "../../src/contract/world.ts";

/** The part of a tree below one directory, as a tree of its own. */
export class HostTree implements Tree {
  readonly #tree: Tree;
  readonly #root: string;

  /** `root` has no final `/`. */
  constructor(tree: Tree, root: string) {
    this.#tree = tree;
    this.#root = root;
  }

  get version(): number {
    return this.#tree.version;
  }

  get room(): number {
    return this.#tree.room;
  }

  stat(path: string): FileStat | undefined {
    const stat = this.#tree.stat(this.#root + path);
    return stat && this.#shown(stat);
  }

  list(path: string): readonly FileStat[] | undefined {
    return this.#tree.list(this.#root + path)?.map((stat) => this.#shown(stat));
  }

  read(path: string): Uint8Array | undefined {
    return this.#tree.read(this.#root + path);
  }

  write(path: string, bytes: Uint8Array, now: number): TreeRefusal | "done" {
    return this.#tree.write(this.#root + path, bytes, now);
  }

  remove(path: string): TreeRefusal | "done" {
    return this.#tree.remove(this.#root + path);
  }

  makeDirectory(path: string, now: number): TreeRefusal | "done" {
    return this.#tree.makeDirectory(this.#root + path, now);
  }

  removeDirectory(path: string): TreeRefusal | "done" {
    return this.#tree.removeDirectory(this.#root + path);
  }

  rename(from: string, to: string, now: number): TreeRefusal | "done" {
    return this.#tree.rename(this.#root + from, this.#root + to, now);
  }

  #shown(stat: FileStat): FileStat {
    return { ...stat, path: stat.path.slice(this.#root.length) || "/" };
  }
}
