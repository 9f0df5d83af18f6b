import type { SessionRecord } from "../../journal/entry.ts";

/** The well-known port of a service, or `undefined` to show ports as they are. */
export type PortsShown = (service: string) => number | undefined;

/** Where the same protocol is without TLS (IANA's registry). */
const PLAIN_PORTS: { readonly [port: number]: number } = {
  443: 80,
  465: 25,
  853: 53,
  990: 21,
  992: 23,
  993: 143,
  995: 110,
};

/**
 * The port by which whoever reads the capture knows the protocol: the service's well-known one, and for what was inside
 * TLS, that of the protocol without it.
 */
export function shownPort(ports: PortsShown, service: string, actual: number, isPlain: boolean): number {
  const port = ports(service);
  if (port === undefined) return actual;
  return isPlain ? (PLAIN_PORTS[port] ?? port) : port;
}

/** It listens on every address, and was asked from this machine: at the address that the question came from. */
export function isAskedFromHere({ local, peer }: SessionRecord): boolean {
  const isAny = local.address === "0.0.0.0" || local.address === "::";
  return isAny && (peer.address.startsWith("127.") || peer.address === "::1");
}
