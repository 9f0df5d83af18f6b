import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIdentity } from "../../src/transport/identity/identity.ts";
import { isDispensable } from "./clients.ts";

const run = promisify(execFile);
const CLIENT_MS = 20_000;

const PYTHON = `
import socket, ssl, sys
ca, port, name = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
context.verify_flags |= ssl.VERIFY_X509_STRICT
with context.wrap_socket(socket.create_connection(("127.0.0.1", int(port))), server_hostname=name) as client:
    print("verified", client.version())
`;

const JAVA = `
import java.io.FileInputStream;
import java.net.Socket;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.*;

class Client {
  public static void main(String[] args) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    var ca = CertificateFactory.getInstance("X.509").generateCertificate(new FileInputStream(args[0]));
    trusted.setCertificateEntry("ca", ca);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    int port = Integer.parseInt(args[1]);
    Socket plain = new Socket("127.0.0.1", port);
    SSLSocket client = (SSLSocket) context.getSocketFactory().createSocket(plain, args[2], port, true);
    SSLParameters parameters = client.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    client.setSSLParameters(parameters);
    client.startHandshake();
    System.out.println("verified " + client.getSession().getProtocol());
    client.close();
  }
}
`;

/** How each client is told to connect to 127.0.0.1, ask for a name, and trust one authority alone. */
const CLIENTS: readonly {
  readonly name: string;
  readonly command: string;
  readonly present: readonly string[];
  readonly args: (ca: string, port: string, name: string) => readonly string[];
  readonly verified: RegExp;
}[] = [
  {
    name: "curl",
    command: "curl",
    present: ["--version"],
    args: (ca, port, name) => [
      ...["-sS", "--cacert", ca, "--resolve", `${name}:${port}:127.0.0.1`],
      `https://${name}:${port}/`,
    ],
    verified: /^hello$/,
  },
  {
    name: "openssl s_client, strict",
    command: "openssl",
    present: ["version"],
    args: (ca, port, name) => [
      ...["s_client", "-connect", `127.0.0.1:${port}`, "-servername", name, "-verify_hostname", name],
      ...["-CAfile", ca, "-no-CApath", "-no-CAstore", "-x509_strict", "-verify_return_error"],
    ],
    verified: /Verify return code: 0 \(ok\)/,
  },
  {
    name: "gnutls-cli",
    command: "gnutls-cli",
    present: ["--version"],
    args: (ca, port, name) => [
      ...["--x509cafile", ca, "--port", port, "--sni-hostname", name, "--verify-hostname", name],
      "127.0.0.1",
    ],
    verified: /Status: The certificate is trusted/,
  },
  {
    name: "Python's ssl, strict",
    command: "python3",
    present: ["-c", "import ssl"],
    args: (ca, port, name) => ["-c", PYTHON, ca, port, name],
    verified: /^verified TLSv1\.3/,
  },
  {
    name: "Java",
    command: "java",
    present: ["--describe-module", "jdk.compiler"],
    args: (ca, port, name) => [join(ca, "..", "Client.java"), ca, port, name],
    verified: /^verified TLSv1\.3/,
  },
];

describe("a harness's certificates satisfy", () => {
  const folder = mkdtempSync(join(tmpdir(), "certificates-test-"));
  const ca = join(folder, "ca.pem");
  let server: Server;
  let port: string;

  beforeAll(async () => {
    writeFileSync(join(folder, "Client.java"), JAVA);
    const identity = createIdentity({ now: Date.now(), domain: "example.test" });
    identity.ca.file(ca);
    const { certPem: cert, keyPem: key } = identity.leaf();
    server = createServer({ cert, key, SNICallback: identity.sniCallback }, (_request, response) => {
      response.end("hello");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    port = String((server.address() as AddressInfo).port);
  });

  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  for (const { name, command, present, args, verified } of CLIENTS) {
    const installed = spawnSync(command, present).status === 0;
    // Java is not installed for this alone.
    it.skipIf(command === "java" ? !installed : isDispensable(installed))(
      name,
      async () => {
        for (const servername of ["localhost", "mail.example.test", "elsewhere.test"]) {
          const client = run(command, args(ca, port, servername), { timeout: CLIENT_MS });
          client.child.stdin?.end();
          expect((await client).stdout).toMatch(verified);
        }
      },
      4 * CLIENT_MS,
    );
  }
});
