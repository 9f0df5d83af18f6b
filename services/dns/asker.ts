import type { Transport } from "../../src/contract/service.ts";

/** Who sent a message, how, and when. */
export interface Asker {
  readonly transport: Transport;
  readonly address: string;
  /** In milliseconds since the epoch. */
  readonly now: number;
  /** The message itself. */
  readonly octets: Uint8Array;
  /** It came inside another protocol, whose the connection is. */
  readonly isEnclosed?: boolean;
}

/** RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3; also as IPv6 sockets see IPv4 peers. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}

/** What an option says about who may do something. */
export function mayDo(allowed: "loopback" | "any" | "none", { address }: Asker): boolean {
  return allowed === "any" || (allowed === "loopback" && isLoopback(address));
}
