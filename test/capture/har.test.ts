import { describe, expect, it } from "vitest";
import { http } from "../../services/http/index.ts";
import type { Fields } from "../../src/contract/machine.ts";
import { withoutSecrets } from "../../src/journal/print.ts";
import { NOON, Scene, written } from "./fixture.ts";

const REQUEST = {
  method: "GET",
  target: "/a?q=1&q=2&x=",
  path: "/a",
  query: { q: ["1", "2"], x: "" },
  version: "1.1",
  host: "www.example.test",
  headers: { host: "www.example.test", cookie: "a=1; b=2", authorization: "Basic YTpi" },
  trailers: {},
  body: Buffer.alloc(0),
  secure: false,
};
const REPLY = {
  status: 200,
  reason: "OK",
  headers: {
    "content-type": "text/plain",
    "set-cookie": ["s=1; Path=/; HttpOnly; Secure; Domain=example.test; Expires=Thu, 01 Jan 2026 00:00:00 GMT", "t"],
  },
  body: Buffer.from("hi"),
};

/** The HAR of one exchange. */
function harOf(request: Fields, reply: Fields, secrets = true) {
  const scene = new Scene();
  const session = scene.session({ service: "http", name: "web" }).open().wait(5).client("GET").wait(20).client(" /");
  session.wait(300).server("HTTP/1.1").wait(4000).server("...").exchange(request, reply);
  const show = (fields: Fields, side: "request" | "reply") => (secrets ? fields : withoutSecrets(fields, http[side]));
  const text = written("har", scene.entries, { show }).toString("utf8");
  return { text, log: JSON.parse(text).log };
}

describe("an exchange in a HAR", () => {
  it("has everything that HAR 1.2 wants", () => {
    const { log } = harOf(REQUEST, REPLY);
    expect(log).toEqual({
      version: "1.2",
      creator: { name: "portwright", version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
      entries: [
        {
          startedDateTime: new Date(NOON + 5).toISOString(),
          time: 4320,
          request: {
            method: "GET",
            url: "http://www.example.test/a?q=1&q=2&x=",
            httpVersion: "HTTP/1.1",
            cookies: [
              { name: "a", value: "1" },
              { name: "b", value: "2" },
            ],
            headers: [
              { name: "host", value: "www.example.test" },
              { name: "cookie", value: "a=1; b=2" },
              { name: "authorization", value: "Basic YTpi" },
            ],
            queryString: [
              { name: "q", value: "1" },
              { name: "q", value: "2" },
              { name: "x", value: "" },
            ],
            headersSize: -1,
            bodySize: 0,
          },
          response: {
            status: 200,
            statusText: "OK",
            httpVersion: "HTTP/1.1",
            cookies: [
              {
                name: "s",
                value: "1",
                path: "/",
                domain: "example.test",
                expires: "2026-01-01T00:00:00.000Z",
                httpOnly: true,
                secure: true,
              },
              { name: "t", value: "", httpOnly: false, secure: false },
            ],
            headers: [
              { name: "content-type", value: "text/plain" },
              { name: "set-cookie", value: REPLY.headers["set-cookie"][0] },
              { name: "set-cookie", value: "t" },
            ],
            content: { size: 2, mimeType: "text/plain", text: "hi" },
            redirectURL: "",
            headersSize: -1,
            bodySize: 2,
          },
          cache: {},
          timings: { send: 20, wait: 300, receive: 4000 },
          serverIPAddress: "192.0.2.2",
          connection: "1",
          comment: "web on port 10025",
        },
      ],
    });
  });

  it("shows no secrets, unless asked", () => {
    const { text, log } = harOf(REQUEST, REPLY, false);
    for (const secret of ["YTpi", "a=1", "s=1"]) expect(text).not.toContain(secret);
    expect(log.entries[0].request.headers).toContainEqual({ name: "authorization", value: "<redacted>" });
    expect(log.entries[0].request.cookies).toEqual([]);
    expect(log.entries[0].response.cookies).toEqual([]);
  });

  it.each<[string, Fields, string]>([
    ["/path", {}, "http://www.example.test/path"],
    ["/path", { secure: true }, "https://www.example.test/path"],
    ["/path", { host: "" }, "http://192.0.2.2:10025/path"],
    ["http://other.test/x", {}, "http://other.test/x"],
    ["*", {}, "http://www.example.test"],
    ["proxied.test:443", {}, "http://proxied.test:443"],
    ["/path", { host: "a, b" }, "http://192.0.2.2:10025/"],
    ["", {}, "http://192.0.2.2:10025/"],
    ["http://[", {}, "http://192.0.2.2:10025/"],
  ])("tells the URL of %s with %o", (target, more, url) => {
    expect(harOf({ ...REQUEST, target, ...more }, REPLY).log.entries[0].request.url).toBe(url);
  });

  it.each([
    ["text", "text/plain", Buffer.from("h\u00e9"), { mimeType: "text/plain", text: "h\u00e9" }],
    ["octets", "image/png", Buffer.of(0x89, 0xff), { mimeType: "image/png", text: "if8=", _encoding: "base64" }],
    [
      "a form",
      "application/x-www-form-urlencoded",
      Buffer.from("a=1&b=%20"),
      {
        mimeType: "application/x-www-form-urlencoded",
        params: [
          { name: "a", value: "1" },
          { name: "b", value: " " },
        ],
      },
    ],
    ["something of no type", undefined, Buffer.from("x"), { mimeType: "", text: "x" }],
  ])("has %s as its content", (_, type, body, postData) => {
    const { request, response } = harOf(
      { ...REQUEST, headers: { "content-type": type }, body },
      { ...REPLY, headers: { "content-type": type }, body },
    ).log.entries[0];
    expect(request.postData).toEqual(postData);
    expect(request.bodySize).toBe(body.length);
    const isText = body[0] !== 0x89;
    expect(response.content).toEqual({
      size: body.length,
      mimeType: type ?? "",
      text: isText ? body.toString("utf8") : body.toString("base64"),
      ...(isText ? {} : { encoding: "base64" }),
    });
  });

  it("has status 0 where no response came", () => {
    const [entry] = harOf(REQUEST, {}).log.entries;
    expect(entry.response).toMatchObject({ status: 0, statusText: "", headers: [], content: { size: 0 } });
  });

  it("is all there is: other protocols have no place in it, and none at all is a HAR too", () => {
    const scene = new Scene();
    scene.session().open().client("NOOP\r\n").exchange({ command: "NOOP" }, { code: 250 });
    expect(JSON.parse(written("har", scene.entries).toString()).log.entries).toEqual([]);
  });
});
