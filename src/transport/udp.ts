import { createSocket } from "node:dgram";
import type { Endpoint } from "../contract/machine.ts";

/** A bound UDP port. */
export interface UdpListener {
  readonly local: Endpoint;
  close(): Promise<void>;
}

export interface UdpListenOptions {
  readonly host: string;
  readonly port: number;
  /** Called for each datagram; what it returns is sent back. */
  datagram(bytes: Uint8Array, peer: Endpoint): Uint8Array | undefined;
  /** Sending an answer failed (no route, for instance); the listener goes on. */
  failed(error: Error): void;
}

/** What the kernel may hold for us while we answer others. */
const RECEIVE_BUFFER_OCTETS = 1024 * 1024;

/** Binds a UDP port. Rejects with the system's error. */
export function listenUdp(options: UdpListenOptions): Promise<UdpListener> {
  const socket = createSocket({
    type: options.host.includes(":") ? "udp6" : "udp4",
    ipv6Only: options.host.includes(":"),
    recvBufferSize: RECEIVE_BUFFER_OCTETS,
    // Only addresses come here, never names: nothing to look up, nothing to wait for.
    lookup: (address, family, found) => {
      const version = typeof family === "object" ? family.family : family;
      found(null, address, Number(version) || (address.includes(":") ? 6 : 4));
    },
  });
  let open = true;
  return new Promise((resolve, reject) => {
    const unbound = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.once("error", unbound);
    socket.bind({ address: options.host, port: options.port, exclusive: true }, () => {
      socket.off("error", unbound);
      socket.on("error", (error) => options.failed(error));
      const sent = (error: Error | null) => {
        if (error) options.failed(error);
      };
      socket.on("message", (bytes, peer) => {
        const answer = options.datagram(bytes, peer);
        // RFC 768: source port 0 means that no answer can be had; Node would throw, and after a close too.
        if (answer && peer.port !== 0 && open) socket.send(answer, peer.port, peer.address, sent);
      });
      const { address, port } = socket.address();
      resolve({
        local: { address, port },
        close: () =>
          new Promise((closed) => {
            open = false;
            socket.close(() => closed());
          }),
      });
    });
  });
}
