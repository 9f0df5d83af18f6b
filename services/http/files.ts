import type { Tree, TreeRefusal } from "../../src/contract/world.ts";
import { crc32 } from "../../src/wire/checksums.ts";
import { parentOf } from "../../src/wire/path.ts";
import { listingPage } from "./listing.ts";
import { mediaTypeOf } from "./media-types.ts";
import type { HttpContext } from "./options.ts";
import { checkPreconditions } from "./precondition.ts";
import { contentReply, emptyReply, errorReply, HTML_TYPE, type Reply } from "./reply.ts";
import { type Representation, selectReply, wholeReply } from "./representation.ts";
import type { Asked } from "./request.ts";
import { encodePath } from "./target.ts";

/** Replies that are kept for those who ask again. */
const MAX_LASTING = 256;

/** What a refused change is to HTTP: who asks must do something else first (409), or there is no room (507). */
const REFUSALS: {
  readonly [refusal in TreeRefusal]: { readonly status: 400 | 404 | 409 | 507; readonly why: string };
} = {
  "not-found": { status: 409, why: "the directory does not exist" },
  exists: { status: 409, why: "it exists already" },
  "not-a-directory": { status: 409, why: "a file is on the way" },
  "is-a-directory": { status: 409, why: "it is a directory" },
  "not-empty": { status: 409, why: "the directory is not empty" },
  "no-space": { status: 507, why: "the file tree is full" },
  "bad-path": { status: 400, why: "no file can have this name" },
};

/** The world's file tree, as HTTP shows and changes it. */
export class Files {
  readonly #context: HttpContext;
  readonly #treeOf: () => Tree;
  readonly #etags = new WeakMap<Uint8Array, string>();
  /** By path; of this tree in this version. */
  readonly #lasting = new Map<string, Reply>();
  #tree: Tree | undefined;
  #version = 0;

  /** `treeOf` is asked each time: another tree takes the place of the world's when that begins anew. */
  constructor(context: HttpContext, treeOf: () => Tree) {
    this.#context = context;
    this.#treeOf = treeOf;
  }

  /** The response to a plain GET of a file, made once for as long as the tree does not change. */
  lasting(path: string): Reply | undefined {
    const tree = this.#treeOf();
    if (tree !== this.#tree || tree.version !== this.#version) {
      this.#lasting.clear();
      this.#tree = tree;
      this.#version = tree.version;
    }
    const kept = this.#lasting.get(path);
    if (kept) return kept;
    const representation = this.#representation(path);
    if (!representation) return undefined;
    const reply: Reply = { ...wholeReply(representation), lasting: true };
    if (this.#lasting.size >= MAX_LASTING) this.#lasting.clear();
    this.#lasting.set(path, reply);
    return reply;
  }

  /** The tree has something at the request's path. */
  has(path: string): boolean {
    const stat = this.#treeOf().stat(path);
    return stat !== undefined && !(stat.type === "file" && path.endsWith("/"));
  }

  /** GET and HEAD of what `has` found. */
  show({ request, now }: Asked): Reply {
    const { path } = request;
    const tree = this.#treeOf();
    const representation = this.#representation(path);
    if (representation) return selectReply(request, representation, now);
    if (!path.endsWith("/")) {
      const query = request.target.includes("?") ? request.target.slice(request.target.indexOf("?")) : "";
      return emptyReply(301, ["Location", `${encodePath(path)}/${query}`]);
    }
    if (!this.#context.options.listings) return errorReply(403, "this directory is not listed");
    return contentReply(200, HTML_TYPE, listingPage(path, tree.list(path) ?? []));
  }

  /** Why a PUT to this path would fail whatever its body is; `octets` is its length, where that is known. */
  refusePut({ request, framing, now }: Asked): Reply | undefined {
    const tree = this.#treeOf();
    const { path, headers } = request;
    const there = tree.stat(path);
    if (there?.type === "directory" || path.endsWith("/")) return refusalReply("is-a-directory");
    // RFC 9110 section 14.5: a PUT of a part would be taken for the whole.
    if (headers["content-range"] !== undefined) return errorReply(400, "a file is put as a whole");
    const condition = checkPreconditions("PUT", headers, this.#validators(path), now);
    if (condition) return errorReply(condition, "what is here is not what the request is about");
    const parent = tree.stat(parentOf(path));
    if (!parent) return refusalReply("not-found");
    if (parent.type !== "directory") return refusalReply("not-a-directory");
    const growth = typeof framing === "number" ? framing - (there?.octets ?? 0) : 0;
    return growth > tree.room ? refusalReply("no-space") : undefined;
  }

  put(asked: Asked): Reply {
    const refusal = this.refusePut(asked);
    if (refusal) return refusal;
    const { path, body } = asked.request;
    const existed = this.has(path);
    const outcome = this.#treeOf().write(path, body, asked.now);
    if (outcome !== "done") return refusalReply(outcome);
    const etag = ["ETag", this.#etag(body)] as const;
    return existed ? emptyReply(204, etag) : emptyReply(201, ["Location", encodePath(path)], etag);
  }

  remove({ request, now }: Asked): Reply {
    const condition = checkPreconditions("DELETE", request.headers, this.#validators(request.path), now);
    if (condition) return errorReply(condition, "what is here is not what the request is about");
    const outcome = this.#treeOf().remove(request.path);
    return outcome === "done" ? emptyReply(204) : refusalReply(outcome);
  }

  /** A file, or a directory's index.html. */
  #representation(path: string): Representation | undefined {
    const tree = this.#treeOf();
    const at = path.endsWith("/") ? `${path}index.html` : path;
    const stat = tree.stat(at);
    const body = stat?.type === "file" ? tree.read(at) : undefined;
    if (!stat || !body) return undefined;
    return { type: mediaTypeOf(stat.name), body, etag: this.#etag(body), modified: stat.modified };
  }

  #validators(path: string): { readonly exists: boolean } & Partial<Representation> {
    const representation = this.#representation(path);
    return representation ? { ...representation, exists: true } : { exists: false };
  }

  /** From the octets alone: the clock of a test may stand still between two versions. */
  #etag(body: Uint8Array): string {
    let etag = this.#etags.get(body);
    if (etag === undefined) {
      etag = `"${body.length.toString(16)}-${crc32(body).toString(16).padStart(8, "0")}"`;
      this.#etags.set(body, etag);
    }
    return etag;
  }
}

function refusalReply(refusal: TreeRefusal): Reply {
  const { status, why } = REFUSALS[refusal];
  return errorReply(status, why);
}
