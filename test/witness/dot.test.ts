import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { frame, unframe } from "../../services/dns/frames.ts";
import { notation } from "../../services/dns/notation.ts";
import { type RunningHarness, start } from "../../src/index.ts";
import { isInstalled, run, succeed, witness } from "./clients.ts";

let harness: RunningHarness<readonly ["dot"]>;
let port: string;
let folder: string;
let ca: string;

beforeAll(async () => {
  harness = await start({ services: ["dot"] });
  port = String(harness.dot.port);
  folder = mkdtempSync(join(tmpdir(), "dot-witness-"));
  ca = join(folder, "ca.pem");
  harness.ca.file(ca);
});
beforeEach(() => harness.reset());
afterAll(async () => {
  await harness.stop();
  rmSync(folder, { recursive: true });
});

/** The ALPN protocols agreed on, and the names asked for. */
const agreed = () => harness.dot.exchanges().map(({ session }) => [session.tls?.alpn, session.tls?.servername]);

witness(
  "kdig +tls",
  () => {
    const kdig = (...args: readonly string[]) =>
      run("kdig", ["@127.0.0.1", "-p", port, "+retry=0", "+timeout=5", ...args]);
    const strict = () => [`+tls-ca=${ca}`, "+tls-hostname=ns1.example.test"];

    it("knows whom it asks", async () => {
      const { stdout } = await kdig(...strict(), "+short", "www.example.test");
      expect(stdout).toBe("web.example.test.\n127.0.0.1\n");
      expect(agreed()).toEqual([["dot", "ns1.example.test"]]);
    });

    it("asks whoever is there, if it is told of nobody", async () => {
      const { stdout } = await kdig("+tls", "long.example.test", "TXT");
      expect(stdout).toMatch(/;; TLS session \(TLS1\.3\)/);
      expect(stdout.match(/octets \d/g)).toHaveLength(4);
    });

    it("asks nothing if it trusts somebody else, and the next client is served", async () => {
      const { stdout, stderr } = await kdig("+tls-ca", "www.example.test");
      expect(stdout + stderr).toContain("handshake failed (Error in the certificate.)");
      expect((await kdig(...strict(), "+short", "v4only.example.test")).stdout).toMatch(/^[\d.]+\n$/);
      expect(agreed()).toHaveLength(1);
    });

    it("transfers the zone, and pads", async () => {
      expect((await kdig(...strict(), "2.0.192.in-addr.arpa", "AXFR")).stdout.match(/\sSOA\s/g)).toHaveLength(2);
      expect((await kdig(...strict(), "+padding=128", "web.example.test")).stdout).toContain("status: NOERROR");
    });

    it("tells what goes wrong", async () => {
      harness.dot.stub({ when: { name: "www.example.test" }, reply: "SERVFAIL", times: 1 });
      expect((await kdig("+tls", "www.example.test")).stdout).toContain("status: SERVFAIL");
      harness.dot.stub({ when: { name: "www.example.test" }, fault: "reset" });
      // Whether its exit code says so as well, depends on its version.
      const { stdout, stderr } = await kdig("+tls", "www.example.test");
      expect(stdout + stderr).toContain("TLS, failed to receive reply");
    });
  },
  isInstalled("kdig"),
);

const DIG = "dig";
/** BIND 9.18 and newer. */
const digHasTls = (spawnSync(DIG, ["+tls", "-v"], { encoding: "utf8" }).stderr ?? "").startsWith("DiG 9.");

witness(
  "dig +tls",
  () => {
    const dig = async (...args: readonly string[]) =>
      (await succeed("dig", ["@127.0.0.1", "-p", port, "+tls", "+tries=1", "+time=5", ...args])).stdout;

    it("knows whom it asks", async () => {
      const strict = [`+tls-ca=${ca}`, "+tls-hostname=ns1.example.test"];
      expect(await dig(...strict, "+short", "www.example.test")).toBe("web.example.test.\n127.0.0.1\n");
      expect(agreed()).toEqual([["dot", undefined]]);
    });

    it("asks nobody else", async () => {
      const { stdout } = await run("dig", [
        ...["@127.0.0.1", "-p", port, "+tls", "+tries=1", "+time=5"],
        ...[`+tls-ca=${ca}`, "+tls-hostname=ns1.elsewhere.test", "www.example.test"],
      ]);
      expect(stdout).toContain("failed: hostname mismatch");
      expect(harness.dot.exchanges()).toEqual([]);
    });

    it("transfers the zone", async () => {
      expect((await dig("example.test", "AXFR", "+noall", "+answer")).match(/\sSOA\s/g)).toHaveLength(2);
    });
  },
  digHasTls,
);

witness("openssl", () => {
  const client = (args: readonly string[], input: Uint8Array) =>
    run("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, "-CAfile", ca, "-quiet", ...args], { input });

  it("has a conversation by hand", async () => {
    const queries = ["web.example.test A id=7", "nobody.example.test A id=8"];
    const octets = Buffer.concat(queries.map((one) => frame(notation.read(one))));
    // It waits for the service to end the conversation.
    harness.dot.stub({ when: { id: 8, phase: "after-reply" }, fault: "close" });
    const args = ["-alpn", "dot", "-verify_hostname", "ns1.example.test", "-verify_return_error"];
    const done = await client(args, octets);
    expect(unframe(done.octets).map((one) => notation.write(one).split("\n", 1)[0])).toEqual([
      "NOERROR aa rd id=7",
      "NXDOMAIN aa rd id=8",
    ]);
  });

  it("is refused another protocol", async () => {
    const { code, stderr } = await client(["-alpn", "h2"], new Uint8Array(0));
    expect(code).not.toBe(0);
    expect(stderr).toContain("no application protocol");
  });
});

const PYTHON = `
import ssl, sys, dns.message, dns.query
port, ca = int(sys.argv[1]), sys.argv[2]
question = dns.message.make_query("www.example.test", "A")
context = ssl.create_default_context(cafile=ca)
answer = dns.query.tls(question, "127.0.0.1", port=port, timeout=5, ssl_context=context, server_hostname="ns1.example.test")
print(answer.answer[-1])
try:
    dns.query.tls(question, "127.0.0.1", port=port, timeout=5, server_hostname="ns1.example.test")
except ssl.SSLCertVerificationError as error:
    print(type(error).__name__)
`;

/** Debian's, where another comes first in the path. */
const python = ["python3", "/usr/bin/python3"].find(
  (command) => spawnSync(command, ["-c", "import dns.query"], { stdio: "ignore" }).status === 0,
);

witness(
  "dnspython",
  () => {
    it("trusts the authority of the harness, and nobody without it", async () => {
      const { stdout } = await succeed(python ?? "python3", ["-c", PYTHON, port, ca]);
      expect(stdout).toBe("web.example.test. 3600 IN A 127.0.0.1\nSSLCertVerificationError\n");
    });
  },
  python !== undefined,
);
