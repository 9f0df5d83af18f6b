import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Harness, start } from "../../src/index.ts";
import { fromUtf8 } from "../../src/wire/bytes.ts";
import { run, SLOW, succeed, witness } from "./clients.ts";

const MEBIBYTE = 1024 * 1024;

let harness: Harness<"http">;
let url: string;
let folder: string;

beforeAll(async () => {
  harness = await start({ services: ["http"] });
  url = `http://127.0.0.1:${harness.endpoint("http").port}`;
  folder = mkdtempSync(join(tmpdir(), "http-witness-"));
});
beforeEach(() => harness.reset());
afterAll(async () => {
  await harness.stop();
  rmSync(folder, { recursive: true });
});

const big = () => Buffer.from(harness.world.tree.read("/pub/1MiB.txt") ?? []);
const curl = (...args: readonly string[]) => succeed("curl", ["-sS", ...args]);

/** What the service was asked, as its journal has it. */
const asked = () => harness.journal.exchanges("http").map(({ request }) => `${request.method} ${request.target}`);

witness("curl", () => {
  it("gets a file, octet for octet", async () => {
    expect((await curl(`${url}/pub/1MiB.txt`)).octets.equals(big())).toBe(true);
    expect(asked()).toEqual(["GET /pub/1MiB.txt"]);
  });

  it("gets the head alone", async () => {
    const { stdout } = await curl("-I", `${url}/pub/1MiB.txt`);
    expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(stdout).toContain(`Content-Length: ${MEBIBYTE}\r\n`);
    expect(stdout).toMatch(/\r\n\r\n$/);
  });

  it.each([
    ["PUT", "/incoming/2MiB.bin", 2 * MEBIBYTE, "201 Created"],
    ["POST", "/post", MEBIBYTE / 2, "200 OK"],
    ["POST", "/post", 2 * MEBIBYTE, "413 Content Too Large"],
  ])("sends the content of %s %s, %i octets, after 100 Continue", async (method, path, octets, status) => {
    const body = Buffer.alloc(octets, "0123456789abcdef");
    const args = ["-X", method, "--data-binary", "@-", "-H", "Expect: 100-continue", `${url}${path}`];
    const { stderr } = await succeed("curl", ["-sSv", ...args], { input: body });
    expect(stderr).toContain("< HTTP/1.1 100 Continue\r\n");
    expect(stderr).toContain(`< HTTP/1.1 ${status}\r\n`);
    const [exchange] = harness.journal.exchanges("http");
    expect(body.equals(exchange?.request.body as Uint8Array)).toBe(true);
  });

  it("does not send the content when it is not wanted", async () => {
    const { stderr } = await succeed("curl", ["-sSv", "-T", "-", `${url}/status/403`], {
      input: Buffer.alloc(MEBIBYTE),
    });
    expect(stderr).toContain("< HTTP/1.1 403 Forbidden");
    expect(stderr).not.toContain("100 Continue");
  });

  it("uploads in chunks, and finds the file again", async () => {
    const body = Buffer.alloc(300_000, "chunked ");
    await succeed("curl", ["-sS", "-T", "-", `${url}/incoming/up.txt`], { input: body });
    const [exchange] = harness.journal.exchanges("http", { method: "PUT" });
    expect(exchange?.request.headers).toMatchObject({ "transfer-encoding": "chunked" });
    expect(body.equals(harness.world.tree.read("/incoming/up.txt") ?? Buffer.alloc(0))).toBe(true);
    expect((await curl(`${url}/incoming/up.txt`)).octets.equals(body)).toBe(true);
  });

  it("gets a range", async () => {
    const { stdout } = await curl("-i", "-r", "16-31", `${url}/pub/1MiB.txt`);
    expect(stdout).toContain("HTTP/1.1 206 Partial Content");
    expect(stdout).toContain("Content-Range: bytes 16-31/1048576");
    expect(stdout).toMatch(/\r\n\r\n00000016 \.{6}\n$/);
  });

  it("goes on where a download was cut off", async () => {
    const file = join(folder, "resumed.txt");
    writeFileSync(file, big().subarray(0, 400_001));
    await curl("-C", "-", "-o", file, `${url}/pub/1MiB.txt`);
    expect(readFileSync(file).equals(big())).toBe(true);
    expect(harness.journal.exchanges("http")[0]?.reply.status).toBe(206);
  });

  it.each([
    ["an upgrade to HTTP/2 that nobody takes up", ["--http2"], "1.1 200"],
    ["HTTP/1.0", ["--http1.0"], "1.1 200"],
    ["a compressed answer", ["--compressed"], "1.1 200"],
    ["a method that few know", ["-X", "PATCH"], "1.1 200"],
  ])("is content with %s", async (_, args, wanted) => {
    const { stdout } = await curl(
      ...args,
      "-o",
      join(folder, "answer"),
      "-w",
      "%{http_version} %{http_code}",
      `${url}/anything`,
    );
    expect(stdout).toBe(wanted);
    expect(JSON.parse(readFileSync(join(folder, "answer"), "utf8"))).toHaveProperty("method");
  });

  it.each(["gzip", "deflate"])("unpacks %s", async (coding) => {
    expect(JSON.parse((await curl("--compressed", `${url}/${coding}`)).stdout)).toHaveProperty("headers");
  });

  it("is told that HTTP/2 is not spoken here, and the next client is served", async () => {
    const refused = await run("curl", ["-sS", "--http2-prior-knowledge", `${url}/get`]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/^curl: \(\d+\) /);
    expect(harness.journal.find({ service: "http", kind: "sent", text: "HTTP/1.1 505 " })).toHaveLength(1);
    expect((await curl(`${url}/pub/hello.txt`)).stdout).toBe("Hello from example.test.\n");
  });

  it("follows redirects to the end, and not beyond its patience", async () => {
    const followed = await curl(
      "-L",
      "-o",
      join(folder, "answer"),
      "-w",
      "%{http_code} %{num_redirects}",
      `${url}/redirect/5`,
    );
    expect(followed.stdout).toBe("200 5");
    expect(asked().slice(-6)).toHaveLength(6);
    expect((await run("curl", ["-sSL", "--max-redirs", "2", `${url}/redirect/5`])).code).toBe(47);
  });

  it("turns a POST into a GET on 302, and keeps it on 307", async () => {
    const post = (status: number) => curl("-L", "-d", "x=1", `${url}/redirect-to?url=/anything&status_code=${status}`);
    expect(JSON.parse((await post(302)).stdout).method).toBe("GET");
    expect(JSON.parse((await post(307)).stdout)).toMatchObject({ method: "POST", form: { x: ["1"] } });
  });

  it("logs in", async () => {
    const status = (...args: string[]) =>
      curl(...args, "-o", join(folder, "answer"), "-w", "%{http_code}", `${url}/basic-auth/alice/wonderland`);
    expect((await status("-u", "alice:wonderland")).stdout).toBe("200");
    expect((await status("--anyauth", "-u", "alice:wonderland")).stdout).toBe("200");
    expect((await status("-u", "alice:wrong")).stdout).toBe("401");
    expect((await status()).stdout).toBe("401");
  });

  it("keeps cookies", async () => {
    const { stdout } = await curl("-L", "-c", join(folder, "jar"), "-b", "", `${url}/cookies/set?flavour=oatmeal`);
    expect(JSON.parse(stdout)).toEqual({ flavour: "oatmeal" });
  });

  it("uses one connection for many requests", async () => {
    const one = ["-o", join(folder, "answer"), "-w", "%{num_connects}\\n", `${url}/pub/hello.txt`];
    const next = ["--next", "-sS", "-d", "x", ...one.slice(0, -1), `${url}/post`];
    const { stdout } = await curl(...one, ...one, "--next", "-sS", "-I", ...one, ...next, "--next", "-sS", ...one);
    expect(stdout).toBe("1\n0\n0\n0\n0\n");
    expect(new Set(harness.journal.exchanges("http").map(({ session }) => session.id)).size).toBe(1);
  });

  it("asks only for what has changed", async () => {
    const status = (...args: string[]) =>
      curl(...args, "-o", join(folder, "answer"), "-w", "%{http_code}", `${url}/pub/hello.txt`);
    expect((await status("-z", "1 Jun 2026")).stdout).toBe("304");
    expect((await status("-z", "1 Jun 2025")).stdout).toBe("200");
    const etag = join(folder, "etag");
    expect((await status("--etag-save", etag)).stdout).toBe("200");
    expect((await status("--etag-compare", etag)).stdout).toBe("304");
  });

  it("reads a stream of chunks with trailers", async () => {
    const { stdout } = await curl(`${url}/stream/20`);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).id),
    ).toEqual([...Array(20).keys()]);
    expect((await curl("--raw", `${url}/trailers?X-Sum=7`)).stdout).toMatch(/\r\n0\r\nX-Sum: 7\r\n\r\n$/);
  });

  it("reaches the service over IPv6", async () => {
    const { port } = harness.endpoint("http", { host: "::1" });
    expect(JSON.parse((await curl("-g", `http://[::1]:${port}/ip`)).stdout)).toEqual({ origin: "::1" });
  });

  it("gives up on an answer that does not come in time", async () => {
    expect((await run("curl", ["-sS", "-m", "0.2", `${url}/delay/5`])).code).toBe(28);
  });
});

witness("wget", () => {
  const wget = (...args: readonly string[]) => succeed("wget", ["-nv", ...args], { cwd: folder });

  it("fetches a tree by its listings", async () => {
    harness.world.file("/site/a.txt", "a");
    harness.world.file("/site/deep/er/b & c?.txt", "b & c");
    harness.world.file("/site/deep/grün.txt", fromUtf8("grün"));
    await wget("-r", "-np", "-nH", "-P", "tree", "-R", "index.html*", `${url}/site/`);
    const read = (path: string) => readFileSync(join(folder, "tree/site", path), "utf8");
    expect(read("a.txt")).toBe("a");
    expect(read("deep/er/b & c?.txt")).toBe("b & c");
    expect(read("deep/grün.txt")).toBe("grün");
  });

  it("goes on where a download was cut off", async () => {
    writeFileSync(join(folder, "1MiB.txt"), big().subarray(0, 123_456));
    await wget("-c", `${url}/pub/1MiB.txt`);
    expect(readFileSync(join(folder, "1MiB.txt")).equals(big())).toBe(true);
    expect(harness.journal.exchanges("http").map(({ reply }) => reply.status)).toEqual([206]);
  });

  it("tries again while the service is unavailable, and says so in the end", async () => {
    const args = ["-t", "3", "--retry-on-http-error=503", "--waitretry=0", "-O", "answer", `${url}/status/503`];
    const { code, stderr } = await run("wget", args, { cwd: folder });
    expect({ code, asked: asked() }).toEqual({ code: 4, asked: Array(3).fill("GET /status/503") });
    expect(stderr).toContain("Giving up");
  });

  it("posts a form", async () => {
    await wget("-O", "answer", "--post-data=name=alice&city=wonderland", `${url}/post`);
    const answer = JSON.parse(readFileSync(join(folder, "answer"), "utf8"));
    expect(answer.form).toEqual({ name: ["alice"], city: ["wonderland"] });
  });
});

const PYTHON = `
import http.client, json, sys, urllib.request, urllib.error
host, port = "127.0.0.1", int(sys.argv[1])
url = f"http://{host}:{port}"
said = {}
with urllib.request.urlopen(url + "/pub/1MiB.txt") as answer:
    said["octets"] = len(answer.read())
    said["type"] = answer.headers.get_content_type()
request = urllib.request.Request(url + "/put", data=b"from urllib", method="PUT")
said["put"] = json.load(urllib.request.urlopen(request))["data"]
try:
    urllib.request.urlopen(url + "/status/404")
except urllib.error.HTTPError as error:
    said["missing"] = error.code
connection = http.client.HTTPConnection(host, port)
for number in range(3):
    connection.request("POST", "/anything", body=iter([b"one ", b"two ", b"three"]), encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked", "Content-Type": "text/plain"})
    answer = connection.getresponse()
    said["chunked"] = json.load(answer)["data"]
connection.request("HEAD", "/pub/hello.txt")
answer = connection.getresponse()
said["head"] = [answer.status, answer.getheader("content-length"), len(answer.read())]
connection.request("GET", "/stream-bytes/100000?seed=7")
said["stream"] = len(connection.getresponse().read())
print(json.dumps(said))
`;

witness("python3", () => {
  it("talks to it with urllib and http.client, on one connection", async () => {
    const { stdout } = await succeed("python3", ["-c", PYTHON, String(harness.endpoint("http").port)]);
    expect(JSON.parse(stdout)).toEqual({
      octets: MEBIBYTE,
      type: "text/plain",
      put: "from urllib",
      missing: 404,
      chunked: "one two three",
      head: [200, "25", 0],
      stream: 100_000,
    });
    const sessions = harness.journal.exchanges("http").map(({ session }) => session.id);
    expect(new Set(sessions).size).toBe(4);
  });
});

describe("fetch of Node", SLOW, () => {
  it("gets, posts a form, streams up and down, and follows", async () => {
    const { signal } = new AbortController();
    expect(await (await fetch(`${url}/pub/hello.txt`, { signal })).text()).toBe("Hello from example.test.\n");
    const form = new FormData();
    form.set("name", "alice");
    form.set("file", new Blob(["content"]), "a.txt");
    expect(await (await fetch(`${url}/post`, { method: "POST", body: form })).json()).toMatchObject({
      form: { name: ["alice"] },
      files: { file: ["content"] },
    });
    const body = new ReadableStream({
      start(controller) {
        for (const part of ["one ", "two"]) controller.enqueue(fromUtf8(part));
        controller.close();
      },
    });
    const streamed = await fetch(`${url}/anything`, {
      method: "POST",
      body,
      duplex: "half",
      headers: { "Content-Type": "text/plain" },
    } as RequestInit);
    expect(await streamed.json()).toMatchObject({ data: "one two" });
    const followed = await fetch(`${url}/redirect/3`);
    expect({ redirected: followed.redirected, url: followed.url }).toEqual({ redirected: true, url: `${url}/get` });
    await followed.body?.cancel();
  });

  it("serves a hundred requests at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => (await fetch(`${url}/anything?n=${n}`)).json()),
    );
    expect(answers.map((answer) => Number((answer as { args: { n: string[] } }).args.n[0]))).toEqual([
      ...Array(100).keys(),
    ]);
  });

  it("tells an abort from an answer", async () => {
    await expect(fetch(`${url}/delay/5`, { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/);
  });
});
