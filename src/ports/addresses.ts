import { isIP, isIPv4, SocketAddress } from "node:net";
import { PortwrightError } from "../errors.ts";
import { type System, thisSystem } from "./system.ts";

const LOOPBACKS = ["127.0.0.1", "::1"] as const;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;

/**
 * The one spelling of an IP address that the rest of this folder compares: shortest IPv6, IPv4-mapped IPv6 as IPv4,
 * no brackets, no zone. `undefined` if the text is no address.
 */
export function canonicalAddress(text: string): string | undefined {
  const bare = text.replace(/^\[(.*)\]$/, "$1").replace(/%.*$/, "");
  const family = isIP(bare);
  if (family === 0) return undefined;
  if (family === 4) return bare;
  const { address } = new SocketAddress({ address: bare, family: "ipv6" });
  return MAPPED.exec(address)?.[1] ?? address;
}

/** 127.0.0.0/8 (RFC 1122 section 3.2.1.3) or ::1 (RFC 4291 section 2.5.3). */
export function isLoopback(address: string): boolean {
  const canonical = canonicalAddress(address);
  return canonical === "::1" || (canonical !== undefined && isIPv4(canonical) && canonical.startsWith("127."));
}

/** All addresses of the machine: `0.0.0.0` or `::`. */
export function isWildcard(address: string): boolean {
  const canonical = canonicalAddress(address);
  return canonical === "0.0.0.0" || canonical === "::";
}

/** The address is the same, or a wildcard of the same family: how our own sockets cover addresses, `::` being IPv6 only. */
export function covers(wide: string, narrow: string): boolean {
  if (wide === narrow) return true;
  return wide === (isIPv4(narrow) ? "0.0.0.0" : "::");
}

/** Like `covers` for a socket of somebody else, whose `::` may be dual-stack and have IPv4's clients too. */
export function mayCover(wide: string, narrow: string): boolean {
  return wide === "::" || covers(wide, narrow);
}

/** The loopback addresses this machine has: 127.0.0.1, and ::1 unless IPv6 is switched off. */
export function loopbackHosts(system: System = thisSystem): string[] {
  const present = system.addresses().map(canonicalAddress);
  const found = LOOPBACKS.filter((address) => present.includes(address));
  // Some sandboxes list no interfaces at all; IPv4's loopback is there all the same.
  return found.length === 0 ? [LOOPBACKS[0]] : found;
}

/** All addresses at once: `0.0.0.0`, and `::` unless IPv6 is switched off. */
export function wildcardHosts(system: System = thisSystem): string[] {
  return loopbackHosts(system).map((host) => (host === "::1" ? "::" : "0.0.0.0"));
}

/** The addresses to listen on for what the user wrote: IP addresses, or `localhost` for both loopbacks. */
export function listenHosts(hosts: readonly string[], system: System = thisSystem): string[] {
  const addresses = hosts.flatMap((host) => {
    if (host.toLowerCase() === "localhost") return loopbackHosts(system);
    const canonical = canonicalAddress(host);
    if (canonical !== undefined) return [canonical];
    throw new PortwrightError("ADDRESS_INVALID", `"${host}" is not an IP address; a harness listens on addresses`, {
      place: "host",
      remedies: ["portwright up --host localhost", "portwright up --host 127.0.0.1"],
    });
  });
  return [...new Set(addresses)];
}

/** `127.0.0.1:25`, `[::1]:25`. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
