import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  createServer,
  type Server,
  type TLSSocket,
} from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIdentity } from "../../src/transport/identity/identity.ts";
import { addressOctets, isCovered, normalizeServername, normalizeSubject } from "../../src/transport/identity/names.ts";

const now = Date.now();
const DAY_MS = 24 * 60 * 60 * 1000;
const LABEL = "a".repeat(63);
const LONGEST = `${LABEL}.${LABEL}.${LABEL}.${"a".repeat(61)}`;
const folder = mkdtempSync(join(tmpdir(), "identity-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const identity = createIdentity({
  now,
  domain: "example.test",
  hosts: ["mail", "ns1"],
  names: ["192.0.2.7", "2001:db8::1%eth0", "bücher.test"],
});
const certificate = (servername?: string) => new X509Certificate(identity.leaf(servername).certPem);
const save = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { encoding: "utf8" });

describe("the names a leaf may be made for", () => {
  it.each([
    ["localhost", "localhost"],
    ["A.Example.TEST", "a.example.test"],
    ["_dmarc.example.test", "_dmarc.example.test"],
    ["xn--bcher-kva.test", "xn--bcher-kva.test"],
    ["3com.test", "3com.test"],
    [LONGEST, LONGEST],
    [`${LONGEST}a`, undefined],
    [`${LABEL}a.test`, undefined],
    ["", undefined],
    [".", undefined],
    ["example.test.", undefined],
    [".example.test", undefined],
    ["a..test", undefined],
    ["-a.test", undefined],
    ["a-.test", undefined],
    ["127.0.0.1", undefined],
    ["::1", undefined],
    ["[::1]", undefined],
    ["*.example.test", undefined],
    ["bücher.test", undefined],
    ["a\0.test", undefined],
    ["a b.test", undefined],
    ["a\n.test", undefined],
    ["a/b", undefined],
  ])("come from the server name %j as %j", (servername, name) => {
    expect(normalizeServername(servername)).toBe(name);
  });

  it.each([
    ["bücher.test", "xn--bcher-kva.test"],
    ["*.Example.test", "*.example.test"],
    ["127.0.0.1", "127.0.0.1"],
    ["fe80::1%eth0", "fe80::1"],
    ["*.test", undefined],
    ["*.*.example.test", undefined],
    ["a.*.test", undefined],
    ["a b", undefined],
    ["", undefined],
    ["192.0.2.0/24", undefined],
  ])("come from the option %j as %j", (name, subject) => {
    expect(normalizeSubject(name)).toBe(subject);
  });

  it.each([
    ["example.test", true],
    ["x.example.test", true],
    ["y.x.example.test", false],
    ["badexample.test", false],
    ["test", false],
    ["*.example.test", true],
  ])("cover %j: %j", (name, covered) => {
    expect(isCovered(name, new Set(["example.test", "*.example.test"]))).toBe(covered);
  });

  it.each([
    ["127.0.0.1", "7f000001"],
    ["::", "00".repeat(16)],
    ["::1", `${"00".repeat(15)}01`],
    ["2001:db8::", `20010db8${"00".repeat(12)}`],
    ["2001:db8:0:0:1::1", "20010db8000000000001000000000001"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["::ffff:192.0.2.1", `${"00".repeat(10)}ffffc0000201`],
  ])("have the address %s as octets", (address, octets) => {
    expect(Buffer.from(addressOctets(address)).toString("hex")).toBe(octets);
  });

  it("are refused when they are the user's own and no names", () => {
    expect(() => createIdentity({ now, domain: "no domain" })).toThrow('"no domain" is neither a DNS name nor an IP');
    expect(() => createIdentity({ now, domain: "a.test", names: ["b..test"] })).toThrow('"b..test" is neither');
  });
});

describe("a leaf", () => {
  it.each([undefined, "mail.example.test", "elsewhere.test", `${LABEL}.test`, LONGEST])(
    "for %j passes openssl verify -x509_strict",
    (name) => {
      const ca = save("ca.pem", identity.ca.pem);
      const leaf = save("leaf.pem", identity.leaf(name).certPem);
      const checks = [
        "-x509_strict",
        "-check_ss_sig",
        "-purpose",
        "sslserver",
        "-verify_hostname",
        name ?? "localhost",
      ];
      expect(openssl("verify", ...checks, "-CAfile", ca, leaf)).toBe(`${leaf}: OK\n`);
    },
  );

  it("states what RFC 5280 asks of a TLS server's", () => {
    const text = openssl("x509", "-noout", "-text", "-in", save("leaf.pem", identity.leaf("a.other.test").certPem));
    expect(text).toMatch(/Version: 3 \(0x2\)/);
    expect(text).toMatch(/Issuer: O = Portwright, CN = Portwright CA [0-9a-f]{8}\n/);
    expect(text).toMatch(/Subject: O = Portwright, CN = a\.other\.test\n/);
    expect(text).toMatch(/Signature Algorithm: ecdsa-with-SHA256/);
    expect(text).toMatch(/ASN1 OID: prime256v1/);
    expect(text).toMatch(/Basic Constraints: critical\n\s+CA:FALSE/);
    expect(text).toMatch(/Key Usage: critical\n\s+Digital Signature\n/);
    expect(text).toMatch(/Extended Key Usage: \n\s+TLS Web Server Authentication\n/);
    expect(text).toMatch(/Subject Alternative Name: \n\s+DNS:a\.other\.test\n/);
    const keyId = /Subject Key Identifier: \n\s+([0-9A-F:]{59})\n/;
    expect(text).toMatch(keyId);
    const authorityText = openssl("x509", "-noout", "-text", "-in", save("ca.pem", identity.ca.pem));
    expect(authorityText).toMatch(/Basic Constraints: critical\n\s+CA:TRUE, pathlen:0\n/);
    expect(authorityText).toMatch(/Key Usage: critical\n\s+Certificate Sign, CRL Sign\n/);
    expect(text).toContain(`Authority Key Identifier: \n                ${keyId.exec(authorityText)?.[1]}\n`);
  });

  it("is valid from a day ago, for less than 398 days", () => {
    const { validFrom, validTo } = certificate();
    expect(Date.parse(validFrom)).toBe(Math.floor((now - DAY_MS) / 1000) * 1000);
    expect(Date.parse(validTo) - Date.parse(validFrom)).toBeLessThan(398 * DAY_MS);
    expect(Date.parse(validTo) - now).toBeGreaterThan(365 * DAY_MS);
  });

  it("has a positive serial number of at least 64 bits, never the same", () => {
    const serials = Array.from({ length: 50 }, (_, n) => certificate(`n${n}.other.test`).serialNumber);
    expect(new Set(serials).size).toBe(50);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  it("without a name is for the loopback, the domain, its hosts and the names of the options", () => {
    expect(certificate().subjectAltName?.split(", ")).toEqual([
      "DNS:localhost",
      "IP Address:127.0.0.1",
      "IP Address:0:0:0:0:0:0:0:1",
      "DNS:example.test",
      "DNS:mail.example.test",
      "DNS:ns1.example.test",
      "DNS:*.example.test",
      "IP Address:192.0.2.7",
      "IP Address:2001:DB8:0:0:0:0:0:1",
      "DNS:xn--bcher-kva.test",
    ]);
  });

  it("of 64 characters or fewer has its name as common name too, a longer one in the subjectAltName alone", () => {
    const name = `${"a".repeat(59)}.test`;
    expect(certificate(name).subject).toBe(`O=Portwright\nCN=${name}`);
    expect(certificate(`a${name}`).subject).toBe("O=Portwright");
    expect(certificate(`a${name}`).subjectAltName).toBe(`DNS:a${name}`);
  });

  it.each([undefined, "", "127.0.0.1", "::1", "bücher.test", "a\0b", "any.example.test", `${LONGEST}a`])(
    "for %j is the default leaf",
    (servername) => {
      expect(identity.leaf(servername)).toBe(identity.leaf());
    },
  );

  it("comes with its key, and with its authority in the chain", () => {
    const { certPem, keyPem, chainPem } = identity.leaf("a.other.test");
    const publicKey = openssl("pkey", "-pubout", "-in", save("key.pem", keyPem));
    expect(certificate("a.other.test").publicKey.export({ type: "spki", format: "pem" })).toBe(publicKey);
    expect(chainPem).toBe(certPem + identity.ca.pem);
  });

  it("is made once for a name, whatever its case, while it is in use", () => {
    const own = createIdentity({ now, domain: "example.test" });
    const first = own.leaf("first.other.test");
    const context = own.secureContext("first.other.test");
    const second = own.leaf("second.other.test");
    for (let n = 0; n < 1000; n++) {
      own.leaf(`n${n}.other.test`);
      expect(own.leaf("FIRST.other.test")).toBe(first);
    }
    expect(own.secureContext("first.other.test")).toBe(context);
    expect(own.leaf("second.other.test")).not.toBe(second);
  });

  it("of a very long domain has the names that fit", () => {
    const own = createIdentity({ now, domain: LONGEST, hosts: ["mail"] });
    expect(new X509Certificate(own.leaf().certPem).subjectAltName).toBe(
      `DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:${LONGEST}`,
    );
  });
});

describe("an authority", () => {
  it("has the fingerprint that openssl prints", () => {
    const printed = openssl("x509", "-noout", "-fingerprint", "-sha256", "-in", save("ca.pem", identity.ca.pem));
    expect(printed).toBe(`sha256 Fingerprint=${identity.ca.fingerprint}\n`);
  });

  it("is another one, of another name, for each identity", () => {
    const other = createIdentity({ now, domain: "example.test" });
    expect(other.ca.fingerprint).not.toBe(identity.ca.fingerprint);
    expect(new X509Certificate(other.ca.pem).subject).not.toBe(new X509Certificate(identity.ca.pem).subject);
  });

  it("is written to the path that it is told", () => {
    const path = join(folder, "told.pem");
    expect(identity.ca.file(path)).toBe(path);
    expect(readFileSync(path, "utf8")).toBe(identity.ca.pem);
  });

  it("is written to one temporary file, which goes when the identity goes", () => {
    const own = createIdentity({ now, domain: "example.test" });
    const path = own.ca.file();
    expect(own.ca.file()).toBe(path);
    expect(readFileSync(path, "utf8")).toBe(own.ca.pem);
    own[Symbol.dispose]();
    own[Symbol.dispose]();
    expect(existsSync(path)).toBe(false);
  });
});

describe("a TLS server with an identity", () => {
  let server: Server;
  beforeAll(async () => {
    const { certPem: cert, keyPem: key } = identity.leaf();
    server = createServer({ cert, key, SNICallback: identity.sniCallback }, (socket) => socket.end("hello"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterAll(() => {
    server.close();
  });

  const shake = async (options: ConnectionOptions): Promise<TLSSocket> => {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ host: "127.0.0.1", port, ca: identity.ca.pem, ...options });
    await once(socket, "secureConnect");
    return socket;
  };

  it.each(["localhost", "mail.example.test", "a.other.test", "b.other.test", LONGEST])(
    "shows a client that asks for %j a certificate that Node accepts for it",
    async (servername) => {
      const socket = await shake({ servername });
      expect(socket.authorized).toBe(true);
      expect(checkServerIdentity(servername, socket.getPeerCertificate())).toBeUndefined();
      socket.destroy();
    },
  );

  it.each(["TLSv1.2", "TLSv1.3"] as const)("speaks %s to a client that names no host", async (version) => {
    const socket = await shake({ minVersion: version, maxVersion: version });
    expect(socket.getProtocol()).toBe(version);
    expect(socket.authorized).toBe(true);
    socket.destroy();
  });

  it("refuses TLS 1.1", async () => {
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    await expect(shake(old)).rejects.toThrow(/alert protocol version|unsupported protocol/);
  });

  it("resumes the session of a client that comes back", async () => {
    const first = await shake({ servername: "a.other.test" });
    const [session] = (await once(first, "session")) as [Buffer];
    first.destroy();
    const second = await shake({ servername: "a.other.test", session });
    expect(second.isSessionReused()).toBe(true);
    second.destroy();
  });
});
