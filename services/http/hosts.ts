import type { Tree } from "../../src/contract/world.ts";
import { Files } from "./files.ts";
import { HostTree } from "./host-tree.ts";
import type { HttpContext } from "./options.ts";

/** Where hosts with files of their own have them: `/hosts/shop.example.test/index.html`. */
const HOSTS = "/hosts";
/** A name that may be a directory's: no address, no `..` (RFC 1123 section 2.1). */
const HOST_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const MAX_HOSTS = 1024;

/** Whose files a request is about: those below `/hosts/<host>` if there are any, otherwise all. */
export class Hosts {
  readonly #context: HttpContext;
  readonly #all: Files;
  readonly #own = new Map<string, Files>();
  #tree: Tree | undefined;
  #version = -1;
  /** There is no such directory. */
  #isBare = true;

  constructor(context: HttpContext) {
    this.#context = context;
    this.#all = new Files(context, () => context.world.tree);
  }

  /** `host` is the request's, with its port. */
  filesOf(host: string): Files {
    const { tree } = this.#context.world;
    if (tree !== this.#tree || tree.version !== this.#version) {
      this.#tree = tree;
      this.#version = tree.version;
      this.#isBare = tree.stat(HOSTS) === undefined;
    }
    if (this.#isBare) return this.#all;
    const name = hostName(host);
    if (!HOST_NAME.test(name) || tree.stat(`${HOSTS}/${name}`)?.type !== "directory") return this.#all;
    let files = this.#own.get(name);
    if (!files) {
      files = this.#make(`${HOSTS}/${name}`);
      if (this.#own.size >= MAX_HOSTS) this.#own.clear();
      this.#own.set(name, files);
    }
    return files;
  }

  #make(root: string): Files {
    let below: Tree | undefined;
    let tree: HostTree | undefined;
    return new Files(this.#context, () => {
      if (!tree || below !== this.#context.world.tree) {
        below = this.#context.world.tree;
        tree = new HostTree(below, root);
      }
      return tree;
    });
  }
}

/** The name of a Host field, without its port and in lower case. */
export function hostName(host: string): string {
  return host.replace(/:\d*$/, "").toLowerCase();
}
