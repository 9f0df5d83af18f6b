import { isIP } from "node:net";
import { boolean, contextPrimitive, integer, namedBits, objectIdentifier, octetString, sequence } from "./der.ts";
import { addressOctets } from "./names.ts";

/** The certificate extensions of RFC 5280 section 4.2.1 that a certificate authority and its servers need. */

const BASIC_CONSTRAINTS = objectIdentifier("2.5.29.19");
const KEY_USAGE = objectIdentifier("2.5.29.15");
const EXTENDED_KEY_USAGE = objectIdentifier("2.5.29.37");
const SUBJECT_KEY_IDENTIFIER = objectIdentifier("2.5.29.14");
const AUTHORITY_KEY_IDENTIFIER = objectIdentifier("2.5.29.35");
const SUBJECT_ALT_NAME = objectIdentifier("2.5.29.17");
const CRITICAL = boolean(true);

// Section 4.2.1.6: the tags of GeneralName.
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** RFC 5280 section 4.2.1.3: the bits by number. */
const KEY_USAGES = { digitalSignature: 0, keyCertSign: 5, cRLSign: 6 } as const;

/** RFC 5280 section 4.2.1.12. */
const EXTENDED_KEY_USAGES = { serverAuth: "1.3.6.1.5.5.7.3.1" } as const;

/** Section 4.2.1.9. `pathLength` is how many authorities may stand below this one; `undefined` makes an end entity. */
export function basicConstraints(pathLength: number | undefined): Buffer {
  const constraints = pathLength === undefined ? sequence() : sequence(boolean(true), integer(pathLength));
  return extension(BASIC_CONSTRAINTS, constraints, CRITICAL);
}

export function keyUsage(...usages: readonly (keyof typeof KEY_USAGES)[]): Buffer {
  return extension(KEY_USAGE, namedBits(...usages.map((usage) => KEY_USAGES[usage])), CRITICAL);
}

export function extendedKeyUsage(...usages: readonly (keyof typeof EXTENDED_KEY_USAGES)[]): Buffer {
  const purposes = usages.map((usage) => objectIdentifier(EXTENDED_KEY_USAGES[usage]));
  return extension(EXTENDED_KEY_USAGE, sequence(...purposes));
}

export function subjectKeyIdentifier(keyId: Uint8Array): Buffer {
  return extension(SUBJECT_KEY_IDENTIFIER, octetString(keyId));
}

export function authorityKeyIdentifier(keyId: Uint8Array): Buffer {
  return extension(AUTHORITY_KEY_IDENTIFIER, sequence(contextPrimitive(0, keyId)));
}

/** Section 4.2.1.6: DNS names (A-labels) and IP addresses. */
export function subjectAltName(names: readonly string[]): Buffer {
  return extension(SUBJECT_ALT_NAME, sequence(...names.map(generalName)));
}

function generalName(name: string): Buffer {
  return isIP(name)
    ? contextPrimitive(IP_ADDRESS, addressOctets(name))
    : contextPrimitive(DNS_NAME, Buffer.from(name, "latin1"));
}

function extension(id: Buffer, value: Buffer, ...critical: readonly Buffer[]): Buffer {
  return sequence(id, ...critical, octetString(value));
}
