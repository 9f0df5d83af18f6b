import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { notation } from "../../services/dns/notation.ts";
import { type RunningHarness, start } from "../../src/index.ts";
import { run, SLOW, succeed, witness } from "./clients.ts";

let harness: RunningHarness<readonly ["dns", "https"]>;
let port: number;
let url: string;
let folder: string;
let ca: string;

beforeAll(async () => {
  harness = await start({ services: ["dns", "https"] });
  port = harness.https.port;
  url = `https://127.0.0.1:${port}/dns-query`;
  folder = mkdtempSync(join(tmpdir(), "doh-witness-"));
  ca = join(folder, "ca.pem");
  harness.ca.file(ca);
});
beforeEach(() => harness.reset());
afterAll(async () => {
  await harness.stop();
  rmSync(folder, { recursive: true });
});

/** What was asked inside HTTP, in order of type. */
const asked = () =>
  harness.dns
    .exchanges({ transport: "https" })
    .map(({ request }) => `${request.name} ${request.type}`)
    .sort();

witness("curl", () => {
  const fetched = () =>
    run("curl", ["-sS", "--cacert", ca, "--doh-url", url, `https://www.example.test:${port}/pub/hello.txt`]);

  it("finds by DNS over HTTPS where a name is", async () => {
    expect((await fetched()).stdout).toBe("Hello from example.test.\n");
    expect(asked()).toEqual(["www.example.test A", "www.example.test AAAA"]);
    expect(harness.https.exchanges({ method: "POST" }).map(({ request }) => request.headers)).toMatchObject([
      { "content-type": "application/dns-message" },
      { "content-type": "application/dns-message" },
    ]);
  });

  it.each([
    ["SERVFAIL", { reply: "SERVFAIL" }],
    ["no content that it could read", { reply: { cut: 20 } }],
    ["RST", { fault: "reset" }],
  ] as const)("finds nothing where there is %s", async (_, consequence) => {
    harness.dns.stub({ when: { transport: "https" }, ...consequence });
    // CURLE_COULDNT_RESOLVE_HOST
    expect((await fetched()).code).toBe(6);
    expect(asked()).toContain("www.example.test A");
  });

  it("asks by GET and by POST", async () => {
    const octets = notation.read("web.example.test A id=0");
    const get = await succeed("curl", [
      "-sS",
      "--cacert",
      ca,
      `${url}?dns=${Buffer.from(octets).toString("base64url")}`,
    ]);
    const type = "content-type: application/dns-message";
    const post = await succeed("curl", ["-sS", "--cacert", ca, "-H", type, "--data-binary", "@-", url], {
      input: octets,
    });
    expect(notation.write(get.octets)).toContain("answer web.example.test. 3600 IN A 127.0.0.1");
    expect(post.octets).toEqual(get.octets);
  });
});

const PYTHON = `
import sys, dns.message, dns.query
url, ca = sys.argv[1:]
question = dns.message.make_query("www.example.test", "A")
for post in (True, False):
    print(dns.query.https(question, url, verify=ca, post=post, timeout=5).answer[-1])
`;

/** Debian's, where another comes first in the path. */
const python = ["python3", "/usr/bin/python3"].find(
  (command) => spawnSync(command, ["-c", "import dns.query, httpx"], { stdio: "ignore" }).status === 0,
);

witness(
  "dnspython with httpx",
  () => {
    it("asks by POST and by GET", async () => {
      const { stdout } = await succeed(python ?? "python3", ["-c", PYTHON, url, ca]);
      expect(stdout).toBe("web.example.test. 3600 IN A 127.0.0.1\n".repeat(2));
      expect(asked()).toEqual(["www.example.test A", "www.example.test A"]);
    });
  },
  python !== undefined,
);

const NODE = `
const [url, hex] = process.argv.slice(1);
const response = await fetch(url, {
  method: "POST",
  headers: { "content-type": "application/dns-message", accept: "application/dns-message" },
  body: Buffer.from(hex, "hex"),
});
console.log(response.status, response.headers.get("cache-control"));
console.log(Buffer.from(await response.arrayBuffer()).toString("hex"));
`;

describe("fetch of Node", SLOW, () => {
  it("asks by POST", async () => {
    const hex = Buffer.from(notation.read("nobody.example.test A id=0")).toString("hex");
    const { stdout } = await succeed(process.execPath, ["--input-type=module", "-e", NODE, url, hex], {
      env: { NODE_EXTRA_CA_CERTS: ca },
    });
    const [status, octets = ""] = stdout.split("\n");
    expect(status).toBe("200 max-age=300");
    expect(notation.write(Buffer.from(octets, "hex"))).toMatch(/^NXDOMAIN aa rd id=0/);
  });
});

witness("kdig", () => {
  it("knows HTTP/2 only, and is told that there is none", async () => {
    const { stdout, stderr } = await run("kdig", [
      ...["@127.0.0.1", "-p", String(port), "+retry=0", "+timeout=5"],
      ...["+https", `+tls-ca=${ca}`, "+tls-hostname=localhost", "www.example.test"],
    ]);
    expect(stdout + stderr).toContain("TLS, handshake failed");
    await harness.journal.waitFor({ service: "https", event: "tls-failed" });
    expect(asked()).toEqual([]);
  });
});
