import { type KeyObject, sign } from "node:crypto";
import {
  bitString,
  contextConstructed,
  integer,
  objectIdentifier,
  sequence,
  setOfOne,
  time,
  utf8String,
} from "./der.ts";

/** The two attributes of a distinguished name that people look at. */
export interface DistinguishedName {
  readonly organization: string;
  /** RFC 5280 appendix A.1, ub-common-name: at most 64 characters. */
  readonly commonName?: string;
}

/** What a certificate says (RFC 5280 section 4.1). Times are milliseconds since the epoch. */
export interface CertificateContent {
  /** Positive, at most 20 octets (section 4.1.2.2). */
  readonly serial: bigint;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: number;
  readonly notAfter: number;
  /** The subject's SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  /** As `extensions.ts` makes them. */
  readonly extensions: readonly Uint8Array[];
}

const VERSION_3 = contextConstructed(0, integer(2));
const ECDSA_WITH_SHA256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
const ORGANIZATION = objectIdentifier("2.5.4.10");
const COMMON_NAME = objectIdentifier("2.5.4.3");

/** The certificate in DER, signed by an authority's P-256 key. It states what it is told: a wrong content makes a wrong certificate. */
export function signCertificate(content: CertificateContent, authorityKey: KeyObject): Buffer {
  const toBeSigned = sequence(
    VERSION_3,
    integer(content.serial),
    ECDSA_WITH_SHA256,
    distinguishedName(content.issuer),
    sequence(time(content.notBefore), time(content.notAfter)),
    distinguishedName(content.subject),
    content.publicKey,
    contextConstructed(3, sequence(...content.extensions)),
  );
  return sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(sign("sha256", toBeSigned, authorityKey)));
}

function distinguishedName({ organization, commonName }: DistinguishedName): Buffer {
  const organizationOnly = attribute(ORGANIZATION, organization);
  return commonName === undefined
    ? sequence(organizationOnly)
    : sequence(organizationOnly, attribute(COMMON_NAME, commonName));
}

function attribute(type: Buffer, value: string): Buffer {
  return setOfOne(sequence(type, utf8String(value)));
}
