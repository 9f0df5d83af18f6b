import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ENDPOINTS, findEndpoint } from "../../../services/http/demo/directory.ts";
import { contentOf, makeContext, requestText, Visit } from "./visit.ts";

const HTTP = join(import.meta.dirname, "../../../services/http");

describe("every demo endpoint", () => {
  const readme = readFileSync(join(HTTP, "README.md"), "utf8");
  const rows = [...readme.matchAll(/^\| (.*) \|$/gm)].map(([, row]) =>
    String(row)
      .split("|")
      .map((cell) => cell.trim()),
  );
  const dialogues = readdirSync(join(HTTP, "dialogues")).map((file) =>
    readFileSync(join(HTTP, "dialogues", file), "utf8"),
  );
  const targets = dialogues.flatMap((text) =>
    [...text.matchAll(/^C: [A-Z]+ (\/[^ ?]*)/gm)].map(([, path]) => String(path)),
  );
  const reached = new Set(targets.map((path) => findEndpoint(path)?.endpoint.path));

  it.each(ENDPOINTS.map(({ path, methods, doc }) => [path, methods, doc] as const))(
    "is in the README and in a dialogue: %s",
    (path, methods, doc) => {
      expect(rows).toContainEqual([`\`${path}\``, methods === "any" ? "any" : methods.join(", "), doc]);
      expect(reached).toContain(path);
    },
  );
});

describe("a demo endpoint refuses", () => {
  it.each([
    ["/status/600", 400],
    ["/status/200:x", 400],
    [`/status/${"200,".repeat(101)}200`, 400],
    ["/redirect/0", 400],
    ["/redirect/x", 400],
    ["/bytes/-1", 400],
    ["/bytes/1e3", 400],
    ["/bytes/1?seed=x", 400],
    ["/stream-bytes/10?chunk_size=0", 400],
    ["/stream/101", 400],
    ["/range/0", 400],
    ["/delay/10.001", 400],
    ["/delay/-1", 400],
    ["/delay/1h", 400],
    ["/drip?duration=6&delay=5", 400],
    ["/drip?numbytes=0", 400],
    ["/drip?code=1000", 400],
    ["/cache/-1", 400],
    ["/etag/%22", 400],
    ["/base64/!", 400],
    ["/base64/YQ==?content-type=a%0D%0Ab", 400],
    ["/response-headers?Transfer-Encoding=chunked", 400],
    ["/response-headers?X=a%0D%0AInjected:%20b", 400],
    ["/response-headers?X=%E2%82%AC", 400],
    ["/response-headers?a%20b=c", 400],
    ["/cookies/set?a=b%3Bc", 400],
    ["/cookies/set?a%20b=c", 400],
    ["/trailers?X=a%0D%0Ab", 400],
    ["/status", 404],
    ["/get/", 404],
    ["/basic-auth/alice", 404],
  ])("%s with %i", (target, status) => {
    const visit = new Visit();
    expect(visit.say(requestText(`GET ${target}`))).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(visit.answered).not.toContain("\r\nInjected");
  });
});

describe("a demo endpoint", () => {
  it.each([
    ["/redirect/2?absolute=true", "Location: http://example.test/absolute-redirect/1\r\n"],
    ["/redirect-to?url=/a%0D%0AB:%20c", "Location: /a%0D%0AB:%20c\r\n"],
    ["/base64/%2B%2F8=", "\r\n\r\n\xfb\xff"],
    ["/base64/encode/a%2Fb", "\r\n\r\nYS9i"],
    ["/base64/decode/YQ==?content-type=text/html", "Content-Type: text/html\r\n"],
    ["/response-headers?Server=other&Date=never", "\r\nServer: other\r\nDate: never\r\n"],
    ["/range/10?x", "\r\n\r\nabcdefghij"],
  ])("answers %s with %j", (target, part) => {
    expect(new Visit().say(requestText(`GET ${target}`))).toContain(part);
  });

  it("says a field of its own once", () => {
    const answer = new Visit().say(requestText("GET /response-headers?Server=other&Date=never"));
    expect(answer.match(/^(?:Server|Date):/gm)).toHaveLength(2);
  });

  it("drips for as long as it was asked to, and not in a million pieces", () => {
    const visit = new Visit();
    visit.say(requestText("GET /drip?numbytes=100000&duration=0.1&delay=0"));
    visit.driver.settle();
    expect(contentOf(visit.answered)).toBe("*".repeat(100_000));
  });

  it("chooses among statuses by their weights, the same way for the same seed", () => {
    const statuses = () => new Visit(makeContext()).say(requestText("GET /status/200:9,500:1").repeat(100));
    const bad = statuses().match(/ 500 /g)?.length ?? 0;
    expect(bad).toBeGreaterThan(2);
    expect(bad).toBeLessThan(25);
    expect(statuses()).toBe(statuses());
  });

  it.each(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"])("that takes any method takes %s", (method) => {
    expect(new Visit().say(requestText(`${method} /anything`))).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("is not there if none is wanted", () => {
    const visit = new Visit(makeContext({ demo: false }));
    expect(visit.say(requestText("GET /get"))).toMatch(/^HTTP\/1\.1 404 /);
  });
});
