import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromUtf8, toUtf8 } from "../../src/wire/bytes.ts";
import { MemoryTree } from "../../src/world/tree.ts";

/** /a/b.txt and /a/empty/ beside /c.txt. */
function sample(limits: { maxOctets?: number; maxNames?: number } = {}): MemoryTree {
  const tree = new MemoryTree({ maxOctets: 1000, maxNames: 10, now: 0, ...limits });
  tree.plant("/a/b.txt", fromUtf8("bbb"), 1);
  tree.plant("/c.txt", fromUtf8("c"), 2);
  tree.makeDirectory("/a/empty", 3);
  return tree;
}

const X = fromUtf8("x");

/** Every path with its content. */
function shown(tree: MemoryTree, path = "/"): { [path: string]: string } {
  const entries = (tree.list(path) ?? []).map((entry): { [path: string]: string } =>
    entry.type === "directory"
      ? { [`${entry.path}/`]: "", ...shown(tree, entry.path) }
      : { [entry.path]: toUtf8(tree.read(entry.path) as Uint8Array) },
  );
  return Object.assign({}, ...entries);
}

describe("the tree", () => {
  it("lists directories in the order of names, with what is known of each", () => {
    const tree = sample();
    expect(shown(tree)).toEqual({ "/a/": "", "/a/b.txt": "bbb", "/a/empty/": "", "/c.txt": "c" });
    expect(tree.list("/a")).toEqual([
      { path: "/a/b.txt", name: "b.txt", type: "file", octets: 3, modified: 1 },
      { path: "/a/empty", name: "empty", type: "directory", octets: 0, modified: 3 },
    ]);
    expect(tree.stat("/")).toMatchObject({ path: "/", name: "", type: "directory" });
  });

  it.each<[string, (tree: MemoryTree) => unknown, unknown]>([
    ["reads a file by any spelling", (t) => toUtf8(t.read("//a/./x/../b.txt") as Uint8Array), "bbb"],
    ["has nothing above the root", (t) => t.stat("/../../c.txt")?.path, "/c.txt"],
    ["does not read a directory", (t) => t.read("/a"), undefined],
    ["does not list a file", (t) => t.list("/c.txt"), undefined],
    ["does not find below a file", (t) => t.stat("/c.txt/x"), undefined],
    ["does not find a name with NUL", (t) => t.stat("/c.txt\0"), undefined],
    ["writes beside", (t) => t.write("/d.txt", X, 5), "done"],
    ["overwrites", (t) => t.write("/c.txt", X, 5), "done"],
    ["writes no directory", (t) => t.write("/a", X, 5), "is-a-directory"],
    ["writes not below a file", (t) => t.write("/c.txt/x", X, 5), "not-a-directory"],
    ["writes not where nothing is", (t) => t.write("/no/x", X, 5), "not-found"],
    ["writes not the root", (t) => t.write("/", X, 5), "bad-path"],
    ["removes a file", (t) => t.remove("/c.txt"), "done"],
    ["removes nothing", (t) => t.remove("/no"), "not-found"],
    ["removes no directory as a file", (t) => t.remove("/a"), "is-a-directory"],
    ["removes an empty directory", (t) => t.removeDirectory("/a/empty"), "done"],
    ["removes no full directory", (t) => t.removeDirectory("/a"), "not-empty"],
    ["removes no file as a directory", (t) => t.removeDirectory("/c.txt"), "not-a-directory"],
    ["removes not the root", (t) => t.removeDirectory("/"), "bad-path"],
    ["makes a directory", (t) => t.makeDirectory("/new", 5), "done"],
    ["makes none twice", (t) => t.makeDirectory("/a", 5), "exists"],
    ["renames a file", (t) => t.rename("/c.txt", "/a/c2.txt", 5), "done"],
    ["renames to itself", (t) => t.rename("/c.txt", "/c.txt", 5), "done"],
    ["renames a directory", (t) => t.rename("/a", "/z", 5), "done"],
    ["renames over nothing that is there", (t) => t.rename("/c.txt", "/a/b.txt", 5), "exists"],
    ["renames no directory into itself", (t) => t.rename("/a", "/a/empty/a", 5), "bad-path"],
    ["renames no directory to a name in itself", (t) => t.rename("/a", "/a/x", 5), "bad-path"],
    ["renames nothing", (t) => t.rename("/no", "/x", 5), "not-found"],
  ])("%s", (_, act, outcome) => {
    expect(act(sample())).toEqual(outcome);
  });

  it("keeps what it had when it refuses", () => {
    const tree = sample();
    const [before, version, room] = [shown(tree), tree.version, tree.room];
    for (const refused of [
      () => tree.write("/a", X, 5),
      () => tree.rename("/a", "/a/x", 5),
      () => tree.removeDirectory("/a"),
      () => tree.write("/big", new Uint8Array(5000), 5),
    ]) {
      expect(refused()).not.toBe("done");
    }
    expect([shown(tree), tree.version, tree.room]).toEqual([before, version, room]);
  });

  it("is bounded in octets, of which a file gives back its own", () => {
    const tree = sample({ maxOctets: 10 });
    expect(tree.room).toBe(6);
    expect(tree.write("/d", new Uint8Array(7), 0)).toBe("no-space");
    expect(tree.write("/a/b.txt", new Uint8Array(9), 0)).toBe("done");
    expect(tree.room).toBe(0);
    expect(tree.remove("/a/b.txt")).toBe("done");
    expect(tree.room).toBe(9);
  });

  it("is bounded in names", () => {
    const tree = sample({ maxNames: 5 });
    expect(tree.write("/five", X, 0)).toBe("done");
    expect(tree.write("/six", X, 0)).toBe("no-space");
    expect(tree.makeDirectory("/six", 0)).toBe("no-space");
    expect(tree.write("/five", X, 0)).toBe("done");
    expect(tree.remove("/five")).toBe("done");
    expect(tree.makeDirectory("/six", 0)).toBe("done");
  });

  it("makes the octets of a fixture when they are first read, once", () => {
    const tree = sample();
    let made = 0;
    const make = () => {
      made += 1;
      return new Uint8Array(100);
    };
    tree.plant("/late", { octets: 100, make }, 0);
    expect([tree.stat("/late")?.octets, made]).toEqual([100, 0]);
    expect(tree.read("/late")).toBe(tree.read("/late"));
    expect(made).toBe(1);
  });

  it("counts its octets right, whatever is done to it, and its version tells each change", () => {
    const path = fc.constantFrom("/a", "/b", "/a/c", "/a/d", "/b/c", "/a/c/e", "/");
    const change = fc.oneof(
      fc.record({ what: fc.constant("write"), path, octets: fc.nat(40) }),
      fc.record({ what: fc.constantFrom("remove", "removeDirectory", "makeDirectory"), path }),
      fc.record({ what: fc.constant("rename"), path, to: path }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const tree = new MemoryTree({ maxOctets: 100, maxNames: 6, now: 0 });
        for (const one of changes) {
          const [before, version] = [JSON.stringify(shown(tree)), tree.version];
          if ("octets" in one) tree.write(one.path, new Uint8Array(one.octets), 0);
          else if ("to" in one) tree.rename(one.path, one.to, 0);
          else tree[one.what as "remove"](one.path);
          if (JSON.stringify(shown(tree)) !== before) expect(tree.version).toBeGreaterThan(version);
          const held = Object.values(shown(tree)).reduce((sum, text) => sum + text.length, 0);
          expect(tree.room).toBe(100 - held);
          expect(Object.keys(shown(tree)).length).toBeLessThanOrEqual(6);
        }
      }),
    );
  });
});
