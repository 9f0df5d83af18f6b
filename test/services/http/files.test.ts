import { describe, expect, it } from "vitest";
import { contentOf, makeContext, requestText, Visit } from "./visit.ts";

const ask = (visit: Visit, line: string, fields: readonly string[] = [], content = "") => {
  const before = visit.answered.length;
  visit.say(requestText(line, fields, content));
  return visit.answered.slice(before);
};
const put = (visit: Visit, path: string, content: string, fields: readonly string[] = []) =>
  ask(visit, `PUT ${path}`, [`Content-Length: ${content.length}`, ...fields], content);

describe("a file", () => {
  it("shows every change at once, though its response is kept", () => {
    const context = makeContext();
    const visit = new Visit(context);
    expect(contentOf(ask(visit, "GET /readme.txt"))).toContain("file tree");
    context.world.file("/readme.txt", "new");
    expect(contentOf(ask(visit, "GET /readme.txt"))).toBe("new");
    context.world.reset();
    expect(contentOf(ask(visit, "GET /readme.txt"))).toContain("file tree");
    context.world.tree.remove("/readme.txt");
    expect(ask(visit, "GET /readme.txt")).toMatch(/^HTTP\/1\.1 404 /);
  });

  it("has another ETag when only its content has changed", () => {
    const visit = new Visit();
    const etag = (response: string) => /ETag: (.*)\r/.exec(response)?.[1];
    const one = etag(put(visit, "/a.txt", "one"));
    const two = etag(put(visit, "/a.txt", "two"));
    expect(one).not.toBe(two);
    expect(etag(ask(visit, "GET /a.txt"))).toBe(two);
  });

  it.each([
    ["/a.html", "text/html; charset=utf-8"],
    ["/a.PNG", "image/png"],
    ["/a.tar.gz", "application/gzip"],
    ["/a", "application/octet-stream"],
  ])("%s has the type %s", (path, type) => {
    const visit = new Visit();
    put(visit, path, "x");
    expect(ask(visit, `HEAD ${path}`)).toContain(`Content-Type: ${type}\r\n`);
  });

  it("stands above a demo endpoint of the same path", () => {
    const context = makeContext();
    context.world.file("/get", "a file");
    expect(contentOf(ask(new Visit(context), "GET /get"))).toBe("a file");
  });

  it("is not below itself", () => {
    expect(ask(new Visit(), "HEAD /readme.txt/")).toMatch(/^HTTP\/1\.1 404 /);
    expect(put(new Visit(), "/readme.txt/x", "x")).toMatch(/^HTTP\/1\.1 409 .*a file is on the way/s);
  });

  it("may have any name, and its list links to it", () => {
    const visit = new Visit();
    put(visit, "/incoming/%22%3Cb%3E%20%26%3F%23%25.txt", "x");
    const list = contentOf(ask(visit, "GET /incoming/"));
    expect(list).toContain('<a href="%22%3Cb%3E%20%26%3F%23%25.txt">&quot;&lt;b&gt; &amp;?#%.txt</a>');
    expect(contentOf(ask(visit, "GET /incoming/%22%3Cb%3E%20%26%3F%23%25.txt"))).toBe("x");
  });
});

describe("PUT", () => {
  it.each([
    ["has no room", { maxFileOctets: 3000 }, "/big.txt", "x".repeat(3000), 507],
    ["has no name left", { maxFiles: 7 }, "/one-more.txt", "x", 507],
    ["has no directory", {}, "/no/such/x.txt", "x", 409],
    ["means a directory", {}, "/pub", "x", 409],
    ["means the root", {}, "/", "x", 409],
  ])("that %s", (_what, limits, path, content, status) => {
    // The fixtures' 1 MiB file has to fit in.
    const roomy = "maxFileOctets" in limits ? { maxFileOctets: 1024 * 1024 + limits.maxFileOctets } : limits;
    expect(put(new Visit(makeContext({}, roomy)), path, content)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it("of a part is refused", () => {
    expect(put(new Visit(), "/a.txt", "x", ["Content-Range: bytes 0-0/9"])).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("and DELETE are refused where the tree is not writable", () => {
    const visit = new Visit(makeContext({ writable: false }));
    expect(put(visit, "/readme.txt", "x")).toContain("Allow: GET, HEAD, OPTIONS, TRACE\r\n");
    expect(put(visit, "/new.txt", "x")).toMatch(/^HTTP\/1\.1 404 /);
    expect(ask(visit, "DELETE /readme.txt")).toMatch(/^HTTP\/1\.1 405 /);
  });

  it("that expects 100 gets it only if there is room", () => {
    const visit = new Visit(makeContext({}, { maxFileOctets: 1024 * 1024 + 1000 }));
    visit.say(requestText("PUT /big.txt", ["Content-Length: 2000", "Expect: 100-continue"]));
    expect(visit.statuses).toEqual(["507 Insufficient Storage"]);
    expect(visit.isClosed).toBe(true);
  });
});

describe("a directory", () => {
  it("is not listed if that is not wanted", () => {
    expect(ask(new Visit(makeContext({ listings: false })), "GET /pub/")).toMatch(/^HTTP\/1\.1 403 /);
  });

  it("shows its index.html", () => {
    expect(contentOf(ask(new Visit(), "GET /"))).toContain("<h1>It works</h1>");
  });
});
