import { isIP, isIPv4 } from "node:net";
import { domainToASCII } from "node:url";
import { PortwrightError } from "../../errors.ts";

// RFC 1035 section 2.3.4: labels of at most 63 octets, names of at most 253 characters. The underscore is no part of a
// host name (RFC 952), but test set-ups use it. A last label of digits alone would make it an IPv4 address.
const LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const DNS_NAME = new RegExp(`^(?=.{1,253}$)(?:${LABEL}\\.)*(?!\\d+$)${LABEL}$`);

const LOOPBACK = ["localhost", "127.0.0.1", "::1"];

/**
 * The name in lower case if a leaf may be made for it: a DNS name in ASCII without a final dot.
 * RFC 6066 section 3: IP addresses are not permitted as server names, and IDNA names come as A-labels.
 */
export function normalizeServername(servername: string): string | undefined {
  const name = servername.toLowerCase();
  return DNS_NAME.test(name) ? name : undefined;
}

/** A name as a certificate states it: a DNS name (IDNA as A-labels), `*.` and a DNS name, or an IP address. */
export function normalizeSubject(name: string): string | undefined {
  if (isIP(name)) return name.replace(/%.*$/, ""); // the zone of an address means nothing to others
  if (!name.startsWith("*.")) return normalizeServername(domainToASCII(name));
  const parent = normalizeServername(domainToASCII(name.slice(2)));
  // OpenSSL and GnuTLS match no wildcard directly below a top-level domain.
  return parent?.includes(".") && parent.length <= 251 ? `*.${parent}` : undefined;
}

/** The names of the default leaf, each once: loopback, the domain, hosts in it and whatever is one label below it, and more. */
export function defaultNames(domain: string, hosts: readonly string[], more: readonly string[]): readonly string[] {
  const named = [domain, ...more].map((name) => {
    const subject = normalizeSubject(name);
    if (subject === undefined) {
      throw new PortwrightError("CONFIG_INVALID", `${JSON.stringify(name)} is neither a DNS name nor an IP address`);
    }
    return subject;
  });
  // Of a very long domain, what still fits.
  const ofDomain = [...hosts, "*"].map((host) => normalizeSubject(`${host}.${domain}`));
  const [subject, ...others] = named;
  return [...new Set([...LOOPBACK, subject, ...ofDomain, ...others])].filter((name) => name !== undefined);
}

/** RFC 6125 section 6.4.3: a wildcard stands for the leftmost label and nothing else. */
export function isCovered(servername: string, names: ReadonlySet<string>): boolean {
  return names.has(servername) || names.has(`*${servername.slice(Math.max(0, servername.indexOf(".")))}`);
}

/** An IP address in network order: 4 or 16 octets. */
export function addressOctets(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split("."), Number);
  // The URL parser writes every IPv6 address as groups of hexadecimal digits.
  const [head = "", tail = ""] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const [before, after] = [head, tail].map((part) => part.split(":").filter(Boolean)) as [string[], string[]];
  const zeros: string[] = Array(8 - before.length - after.length).fill("0");
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join(""), "hex");
}
