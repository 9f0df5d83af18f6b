import { get } from "node:https";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { start } from "../../../src/index.ts";
import type { RunningHarness } from "../../../src/start-options.ts";

describe("https", () => {
  let harness: RunningHarness<readonly ["https"]>;

  beforeAll(async () => {
    harness = await start({ services: ["https"], host: "127.0.0.1", triggers: true });
  });
  beforeEach(() => harness.reset());
  afterAll(() => harness.stop());

  /** What comes, or the code of what goes wrong. */
  const fetched = (path: string) =>
    new Promise<string>((resolve) => {
      const { port } = harness.https;
      const failed = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
      get({ host: "127.0.0.1", port, path, agent: false, ca: harness.ca.pem }, (response) => {
        text(response).then((body) => resolve(`${response.statusCode} ${body}`), failed);
      }).on("error", failed);
    });

  it.each<[string, Parameters<typeof harness.https.stub>[0]]>([
    ["429 slowly", { when: { secure: true }, reply: { status: 429, body: "slowly" } }],
    ["ECONNRESET", { fault: "reset" }],
    ["ECONNRESET", { when: { phase: "connect" }, fault: "reset" }],
    ["ECONNRESET", { reply: { own: "/pub/1MiB.txt" }, fault: { reset: { after: 5000 } } }],
    ["ECONNRESET", { reply: { body: "hello", contentLength: 10 } }],
    ["HPE_INVALID_CONSTANT", { reply: { raw: "SSH-2.0-OpenSSH_9.6\r\n" } }],
    ["HPE_INVALID_CHUNK_SIZE", { reply: { body: "hello", chunkSize: "xyz" } }],
  ])("shows %s under %o", async (seen, rule) => {
    const made = harness.https.stub(rule);
    expect(await fetched("/pub/hello.txt")).toBe(seen);
    expect(made.count).toBe(1);
    made.remove();
    expect(await fetched("/pub/hello.txt")).toBe("200 Hello from example.test.\n");
  });

  it("takes triggers", async () => {
    expect(await fetched("/fault/reset")).toBe("ECONNRESET");
    expect(await fetched("/delay/1ms/status/503")).toBe("503 ");
  });
});
