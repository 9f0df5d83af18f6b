import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Harness, start } from "../../src/index.ts";
import { run, SLOW, succeed, witness } from "./clients.ts";

const HELLO = "Hello from example.test.\n";

let harness: Harness<"https">;
let port: number;
let folder: string;
let ca: string;

beforeAll(async () => {
  harness = await start({ services: ["https"] });
  port = harness.endpoint("https").port;
  folder = mkdtempSync(join(tmpdir(), "https-witness-"));
  ca = join(folder, "ca.pem");
  harness.ca.file(ca);
});
beforeEach(() => harness.reset());
afterAll(async () => {
  await harness.stop();
  rmSync(folder, { recursive: true });
});

/** The TLS version and the name asked for, as the journal has them. */
const agreed = () => harness.journal.exchanges("https").map(({ session }) => session.tls);

witness("curl", () => {
  const curl = (...args: readonly string[]) => run("curl", ["-sS", "--cacert", ca, ...args]);

  it.each(["www.example.test", "localhost", "web.example.test"])(
    "trusts %s by the authority of the harness",
    async (name) => {
      const { stdout } = await curl("--resolve", `${name}:${port}:127.0.0.1`, `https://${name}:${port}/pub/hello.txt`);
      expect(stdout).toBe(HELLO);
      expect(agreed()).toMatchObject([{ servername: name }]);
    },
  );

  it("trusts the loopback addresses too", async () => {
    expect((await curl(`https://127.0.0.1:${port}/pub/hello.txt`)).stdout).toBe(HELLO);
    expect((await curl("-g", `https://[::1]:${port}/pub/hello.txt`)).stdout).toBe(HELLO);
  });

  it("trusts nobody without the authority, and the next client is served", async () => {
    const refused = await run("curl", ["-sS", `https://127.0.0.1:${port}/`]);
    expect(refused.code).toBe(60);
    await harness.journal.waitFor({ service: "https", event: "tls-failed" });
    expect((await curl(`https://127.0.0.1:${port}/pub/hello.txt`)).stdout).toBe(HELLO);
  });

  it.each([
    ["1.2", "TLSv1.2"],
    ["1.3", "TLSv1.3"],
  ])("speaks TLS %s", async (version, name) => {
    const args = [
      "--tlsv1.2",
      "--tls-max",
      version,
      "-w",
      "%{http_version}",
      `https://127.0.0.1:${port}/pub/hello.txt`,
    ];
    expect((await curl(...args)).stdout).toBe(`${HELLO}1.1`);
    expect(agreed()).toMatchObject([{ protocol: name }]);
  });

  it("comes down to HTTP/1.1 from HTTP/2", async () => {
    const { stderr } = await curl("-v", "--http2", `https://127.0.0.1:${port}/pub/hello.txt`);
    expect(stderr).toContain("ALPN: server accepted http/1.1");
  });

  it("fails cleanly when it speaks HTTP to it", async () => {
    expect((await curl(`http://127.0.0.1:${port}/`)).code).not.toBe(0);
    expect((await curl(`https://127.0.0.1:${port}/pub/hello.txt`)).stdout).toBe(HELLO);
  });
});

witness("wget", () => {
  it("trusts the authority of the harness, and nobody without it", async () => {
    const url = `https://localhost:${port}/pub/hello.txt`;
    expect((await succeed("wget", ["-qO-", `--ca-certificate=${ca}`, url])).stdout).toBe(HELLO);
    expect((await run("wget", ["-qO-", "-t", "1", url])).code).toBe(5);
  });
});

witness("openssl", () => {
  const client = (args: readonly string[], request: string) =>
    run("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, "-CAfile", ca, "-no-CApath", "-no-CAstore", ...args], {
      input: request,
    });

  it.each([
    ["-tls1_2", "TLSv1.2"],
    ["-tls1_3", "TLSv1.3"],
  ])("verifies and has a conversation with %s", async (flag, version) => {
    const request = "GET /pub/hello.txt HTTP/1.1\r\nHost: www.example.test\r\nConnection: close\r\n\r\n";
    const args = [flag, "-servername", "www.example.test", "-verify_hostname", "www.example.test", "-ign_eof"];
    const { stdout } = await client(args, request);
    expect(stdout).toContain("Verify return code: 0 (ok)");
    expect(stdout).toContain(`New, ${version}`);
    expect(stdout).toContain(HELLO);
  });

  it("is refused TLS 1.1", async () => {
    const { code } = await client(["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "");
    expect(code).not.toBe(0);
    await harness.journal.waitFor({ service: "https", event: "tls-failed" });
  });

  it("takes up a session again", async () => {
    const session = join(folder, "session.pem");
    const request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    await client(["-ign_eof", "-sess_out", session], request);
    expect((await client(["-ign_eof", "-sess_in", session], request)).stdout).toContain("Reused, TLSv1.3");
  });
});

const PYTHON = `
import ssl, sys, urllib.error, urllib.request
url, ca = sys.argv[1:]
print(urllib.request.urlopen(url, context=ssl.create_default_context(cafile=ca)).read().decode(), end="")
try:
    urllib.request.urlopen(url)
except urllib.error.URLError as error:
    print(type(error.reason).__name__)
`;

witness("python3", () => {
  it("trusts the authority of the harness, and nobody without it", async () => {
    const url = `https://localhost:${port}/pub/hello.txt`;
    expect((await succeed("python3", ["-c", PYTHON, url, ca])).stdout).toBe(`${HELLO}SSLCertVerificationError\n`);
  });
});

describe("https of Node", SLOW, () => {
  const fetched = (options: object) =>
    new Promise<string>((resolve, reject) => {
      get({ host: "127.0.0.1", port, path: "/pub/hello.txt", agent: false, ...options }, (answer) =>
        text(answer).then(resolve, reject),
      ).on("error", reject);
    });

  it("trusts the authority of the harness, and nobody without it", async () => {
    expect(await fetched({ ca: harness.ca.pem, servername: "www.example.test" })).toBe(HELLO);
    await expect(fetched({ servername: "www.example.test" })).rejects.toThrow(/certificate/);
  });
});
