import type { Transport } from "../contract/service.ts";

/** A socket that holds a port of this machine. What the system does not tell is absent. */
export interface HeldSocket {
  readonly transport: Transport;
  /** In the canonical spelling. */
  readonly address: string;
  readonly port: number;
  /** `connected`: the port is the local end of a connection (TCP) or of a socket with one peer (UDP). */
  readonly state: "listening" | "connected";
  /** Linux: the number by which a process's open files name the socket. */
  readonly inode?: number;
  /** Linux: who made the socket. */
  readonly uid?: number;
  readonly pid?: number;
  readonly command?: string;
  readonly user?: string;
}
