import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { type DistinguishedName, signCertificate } from "./certificate.ts";
import { toPem } from "./der.ts";
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from "./extensions.ts";

/** A certificate authority in memory; its private key never leaves the process. */
export interface Authority {
  /** Its certificate, signed by itself. */
  readonly pem: string;
  /** SHA-256 of the certificate in DER, in the form that `openssl x509 -fingerprint` prints. */
  readonly fingerprint: string;
  /** A certificate in PEM for a TLS server of these names (`normalizeSubject`) and this SubjectPublicKeyInfo in DER. */
  certify(names: readonly string[], publicKey: Uint8Array): string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Clients take no server certificate of more than 398 days (CA/Browser Forum, Baseline Requirements section 6.3.2). */
const VALID_DAYS = 397;
// RFC 5280 appendix A.1: ub-common-name
const COMMON_NAME_MAX = 64;
const ORGANIZATION = "Portwright";

/** Makes an authority. All it signs is valid from a day before `now`, for clocks differ. */
export function createAuthority(now: number): Authority {
  const { key, publicKey } = createKey();
  const keyId = keyIdentifier(publicKey);
  // A name of its own, lest a trust store takes one harness's authority for another's.
  const name = { organization: ORGANIZATION, commonName: `Portwright CA ${keyId.toString("hex", 0, 4)}` };
  const notBefore = now - DAY_MS;
  const notAfter = notBefore + VALID_DAYS * DAY_MS;
  const signed = (subject: DistinguishedName, subjectKey: Uint8Array, ...profile: readonly Uint8Array[]) => {
    const extensions = [...profile, subjectKeyIdentifier(keyIdentifier(subjectKey)), authorityKeyIdentifier(keyId)];
    const serial = randomSerial();
    return signCertificate(
      { serial, issuer: name, subject, notBefore, notAfter, publicKey: subjectKey, extensions },
      key,
    );
  };
  const certificate = signed(name, publicKey, basicConstraints(0), keyUsage("keyCertSign", "cRLSign"));
  return {
    pem: toPem("CERTIFICATE", certificate),
    fingerprint: fingerprintOf(certificate),
    certify(names, serverKey) {
      const commonName = names[0] ?? "";
      const leaf = signed(
        // A longer name stands in the subjectAltName alone, where clients look (RFC 6125 section 6.4.4).
        { organization: ORGANIZATION, ...(commonName.length <= COMMON_NAME_MAX && { commonName }) },
        serverKey,
        basicConstraints(undefined),
        keyUsage("digitalSignature"),
        extendedKeyUsage("serverAuth"),
        subjectAltName(names),
      );
      return toPem("CERTIFICATE", leaf);
    },
  };
}

/** A new P-256 key, and its public half as SubjectPublicKeyInfo in DER. */
export function createKey(): { readonly key: KeyObject; readonly publicKey: Buffer } {
  const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return { key: pair.privateKey, publicKey: pair.publicKey.export({ type: "spki", format: "der" }) };
}

/** RFC 5280 section 4.2.1.2 leaves the method open; this is RFC 7093's fourth, cut to the usual 160 bits. */
function keyIdentifier(publicKey: Uint8Array): Buffer {
  return createHash("sha256").update(publicKey).digest().subarray(0, 20);
}

/** RFC 5280 section 4.1.2.2: positive, at most 20 octets; here 126 random bits in 16. */
function randomSerial(): bigint {
  const octets = randomBytes(16);
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
  return BigInt(`0x${octets.toString("hex")}`);
}

function fingerprintOf(der: Uint8Array): string {
  const digits = createHash("sha256").update(der).digest("hex").toUpperCase();
  return (digits.match(/../g) ?? []).join(":");
}
