import { Agent, get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { start } from "../../src/index.ts";
import type { RunningHarness } from "../../src/start-options.ts";
import { run, SLOW, witness } from "./clients.ts";

let harness: RunningHarness<readonly ["http"]>;
let url: string;

beforeAll(async () => {
  harness = await start({ services: ["http"], host: "127.0.0.1", triggers: true });
  url = harness.http.url.replace(/\/$/, "");
});
beforeEach(() => harness.reset());
afterAll(() => harness.stop());

type Rule = Parameters<typeof harness.http.stub>[0];

const asked = () => harness.journal.exchanges("http").map(({ request }) => `${request.method} ${request.target}`);

witness("curl", () => {
  const curl = (...args: readonly string[]) => run("curl", ["-sS", ...args]);

  it.each<[number, string, Rule, readonly string[]]>([
    [1, "HTTP/0.9", { reply: { head: false, body: "hello" } }, []],
    [1, "Unsupported HTTP", { reply: { statusLine: "HTTP/1.1 abc" } }, []],
    [8, "Invalid Content-Length", { reply: { contentLength: "five" } }, []],
    [18, "5 bytes remaining", { reply: { body: "hello", contentLength: 10 } }, []],
    [18, "outstanding read data remaining", { reply: { body: "hello", lastChunk: false } }, []],
    [22, "503", { reply: 503 }, ["-f"]],
    [28, "timed out", { fault: "silence" }, ["-m", "0.3"]],
    [28, "timed out", { fault: { stall: { after: 30 } } }, ["-m", "0.3"]],
    [47, "Maximum (3) redirects", { reply: { status: 302, headers: { Location: "/a" } } }, ["-L", "--max-redirs", "3"]],
    [52, "Empty reply", { fault: "close" }, []],
    [56, "reset by peer", { fault: "reset" }, []],
    [56, "reset by peer", { reply: { own: "/pub/1MiB.txt" }, fault: { reset: { after: 5000 } } }, []],
    [56, "chunk", { reply: { body: "hello", chunkSize: "xyz" } }, []],
    [61, "", { reply: { body: "hello", coding: "gzip-corrupt" } }, ["--compressed"]],
    [61, "", { reply: { body: "hello", headers: { "Content-Encoding": "rot13" } } }, ["--compressed"]],
  ])("ends with %i and says %j under %o", async (code, message, rule, args) => {
    const made = harness.http.stub(rule);
    const run = await curl(...args, `${url}/a`);
    expect([run.code, run.stderr]).toEqual([code, expect.stringContaining(message)]);
    expect(made.count).toBeGreaterThan(0);
  });

  it("finds the port closed", async () => {
    const rule = harness.http.stub({ when: { phase: "connect" }, fault: "refuse" });
    expect((await curl(`${url}/a`)).code).toBe(7);
    rule.remove();
    await harness.http.ready();
    expect((await curl(`${url}/pub/hello.txt`)).code).toBe(0);
  });

  it("sends its content again without Expect after 417", async () => {
    harness.http.stub({ when: { headers: { expect: "*" } }, reply: { status: 417, headers: { Connection: false } } });
    // Told that the connection closes, it gives up. It waits by itself where there is more than a mebibyte.
    const input = Buffer.alloc(2 * 1024 * 1024, "again ");
    const args = ["-sS", "-X", "PUT", "--data-binary", "@-", "-w", "%{http_code}", `${url}/incoming/again.txt`];
    const { code, stdout } = await run("curl", args, { input });
    expect([code, stdout]).toEqual([0, "201"]);
    expect(asked()).toEqual(["PUT /incoming/again.txt", "PUT /incoming/again.txt"]);
    expect(input.equals(harness.world.tree.read("/incoming/again.txt") ?? Buffer.alloc(0))).toBe(true);
  });

  it("gives up waiting for 100 Continue, and sends its content", async () => {
    harness.http.stub({ reply: { status: 201, continue: false } });
    const args = ["-v", "-X", "POST", "-H", "Expect: 100-continue", "--expect100-timeout", "0.1", "-d", "hello"];
    const { code, stderr } = await curl(...args, `${url}/post`);
    expect(code).toBe(0);
    expect(stderr).toContain("Done waiting for 100-continue");
    expect(stderr).not.toContain("100 Continue");
    expect(stderr).toContain("< HTTP/1.1 201 Created");
  });

  it("goes on behind 103 and a thousand times 102", async () => {
    const link = "</style.css>; rel=preload";
    harness.http.stub({
      reply: {
        own: "/pub/hello.txt",
        interim: [
          { status: 103, headers: { Link: link } },
          { status: 102, times: 1000 },
        ],
      },
    });
    const { code, stdout } = await curl("-i", `${url}/a`);
    expect(code).toBe(0);
    expect(stdout).toContain(`HTTP/1.1 103 Early Hints\r\nLink: ${link}\r\n`);
    expect(stdout.match(/^HTTP\/1.1 102 /gm)).toHaveLength(1000);
    expect(stdout).toMatch(/Hello from example.test.\n$/);
  });

  it("comes upon triggers, one behind the other", async () => {
    const { stdout } = await curl("-w", "%{http_code} %{time_total}", `${url}/delay/200ms/status/503`);
    const [status, seconds] = stdout.split(" ").map(Number);
    expect(status).toBe(503);
    expect(seconds).toBeGreaterThanOrEqual(0.199);
    expect((await curl(`${url}/delay/50ms/fault/reset`)).code).toBe(56);
    expect((await curl(`${url}/delay/50ms/pub/hello.txt`)).stdout).toBe("Hello from example.test.\n");
  });
});

witness("wget", () => {
  it("tries again after a reset, and after 503", async () => {
    harness.http.stub({ when: { path: "/pub/hello.txt" }, sequence: [{ fault: "reset" }, { reply: 503 }] });
    const args = ["-qO-", "--tries=5", "--waitretry=0", "--retry-on-http-error=503", `${url}/pub/hello.txt`];
    const { code, stdout } = await run("wget", args);
    expect([code, stdout]).toEqual([0, "Hello from example.test.\n"]);
    expect(asked()).toHaveLength(3);
  });
});

witness("python3", () => {
  const script = `
import sys, http.client
try:
    connection = http.client.HTTPConnection(sys.argv[1], timeout=0.5)
    connection.request("GET", "/a")
    response = connection.getresponse()
    print(response.status, response.read()[:9])
except Exception as error:
    print(type(error).__name__)
`;

  it.each<[string, Rule]>([
    ["RemoteDisconnected", { fault: "close" }],
    ["ConnectionResetError", { fault: "reset" }],
    ["TimeoutError", { fault: "silence" }],
    ["BadStatusLine", { reply: { raw: "SSH-2.0-OpenSSH_9.6\r\n" } }],
    ["IncompleteRead", { reply: { body: "hello", contentLength: 10 } }],
    ["IncompleteRead", { reply: { body: "hello", chunkSize: "xyz" } }],
    ["LineTooLong", { reply: { bigHeader: 100_000 } }],
    ["HTTPException", { reply: { manyHeaders: 10_000 } }],
    ["200 b'he'", { reply: { body: "hello", contentLength: 2 } }],
    ["429 b'slowly'", { reply: { status: 429, body: "slowly" } }],
  ])("raises or returns %s under %o", async (outcome, rule) => {
    harness.http.stub(rule);
    const { stdout, stderr } = await run("python3", ["-c", script, url.replace("http://", "")]);
    expect(stdout.trim(), stderr).toBe(outcome);
  });
});

describe("Node", SLOW, () => {
  /** What comes, or the code of what is thrown. */
  const fetched = async (path = "/a", init: RequestInit = {}): Promise<string> => {
    try {
      const response = await fetch(`${url}${path}`, init);
      return `${response.status} ${await response.text()}`;
    } catch (error) {
      const { cause, name } = error as Error & { cause?: { code?: string } };
      return cause?.code ?? name;
    }
  };

  it.each<[string, Rule]>([
    ["ECONNRESET", { fault: "reset" }],
    ["UND_ERR_SOCKET", { fault: "close" }],
    ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", { reply: { body: "hello", contentLength: 10 } }],
    ["HPE_INVALID_CHUNK_SIZE", { reply: { body: "hello", chunkSize: "xyz" } }],
    ["HPE_INVALID_HEADER_TOKEN", { reply: { lines: ["no colon"] } }],
    ["HPE_UNEXPECTED_CONTENT_LENGTH", { reply: { body: "hello", contentLength: [5, 6] } }],
    ["Z_DATA_ERROR", { reply: { body: "hello", coding: "gzip-corrupt" } }],
    ["UND_ERR_HEADERS_OVERFLOW", { reply: { bigHeader: 100_000 } }],
    ["503 busy", { reply: { status: 503, body: "busy" } }],
  ])("fetch sees %s under %o", async (outcome, rule) => {
    harness.http.stub(rule);
    expect(await fetched()).toBe(outcome);
  });

  it("fetch gives up when nothing comes, and nothing is wrong afterwards", async () => {
    harness.http.stub({ fault: "stall", times: 1 });
    expect(await fetched("/pub/hello.txt", { signal: AbortSignal.timeout(100) })).toBe("TimeoutError");
    expect(await fetched("/pub/hello.txt")).toBe("200 Hello from example.test.\n");
  });

  it("fetch waits for a reply that a test holds", async () => {
    const rule = harness.http.stub({ reply: "now", hold: true });
    const answer = fetched();
    await rule.called();
    expect(rule.holding).toBe(1);
    rule.release();
    expect(await answer).toBe("200 now");
  });

  it("http meets a stale connection when it was closed behind the response", async () => {
    harness.http.stub({ when: { path: "/pub/hello.txt", phase: "after-reply" }, fault: "close" });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () =>
      new Promise<string>((resolve, reject) => {
        const options = { agent, host: "127.0.0.1", port: harness.http.port, path: "/pub/hello.txt" };
        get(options, (response: IncomingMessage) => resolve(text(response))).on("error", reject);
      });
    expect(await ask()).toBe("Hello from example.test.\n");
    await harness.journal.waitForSession({ closed: true });
    expect(await ask()).toBe("Hello from example.test.\n");
    expect(new Set(harness.journal.exchanges("http").map(({ session }) => session.id)).size).toBe(2);
    agent.destroy();
  });
});
