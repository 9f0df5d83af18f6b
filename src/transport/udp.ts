import { createSocket } from "node:dgram";
import type { Clock } from "../contract/clock.ts";
import type { Endpoint } from "../contract/machine.ts";
import { DatagramFlow, type Source } from "../fault/datagram-flow.ts";
import type { ImpairedDatagram } from "../fault/impair-datagram.ts";
import { UdpSources } from "./udp-sources.ts";

/** A bound UDP port. */
export interface UdpListener {
  readonly local: Endpoint;
  close(): Promise<void>;
}

export interface UdpListenOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  /** A number in [0, 1), for faults that need chance. */
  random(): number;
  /** Called for each datagram; what it returns is sent back, as its faults want it. */
  datagram(bytes: Uint8Array, peer: Endpoint): Uint8Array | ImpairedDatagram | undefined;
  /** Sending an answer failed (no route, for instance); the listener goes on. */
  failed(error: Error): void;
}

/** What the kernel may hold for us while we answer others. */
const RECEIVE_BUFFER_OCTETS = 1024 * 1024;

/** Binds a UDP port. Rejects with the system's error. */
export function listenUdp(options: UdpListenOptions): Promise<UdpListener> {
  const { clock, failed } = options;
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
      socket.on("error", (error) => failed(error));
      const { address, port } = socket.address();
      const local = { address, port };
      const sent = (error: Error | null) => {
        if (error) failed(error);
      };
      let flow: DatagramFlow | undefined;
      let sources: UdpSources | undefined;
      const send = (bytes: Uint8Array, peer: Endpoint, source?: Source) => {
        if (!source) {
          socket.send(bytes, peer.port, peer.address, sent);
          return;
        }
        sources ??= new UdpSources(local, clock, failed);
        sources.send(bytes, peer, source);
      };
      socket.on("message", (bytes, peer) => {
        const answer = options.datagram(bytes, peer);
        // RFC 768: source port 0 means that no answer can be had; Node would throw, and after a close too.
        if (!answer || peer.port === 0 || !open) return;
        if (answer instanceof Uint8Array) {
          socket.send(answer, peer.port, peer.address, sent);
          flow?.passed();
          return;
        }
        flow ??= new DatagramFlow({ clock, random: () => options.random(), send });
        flow.answer(answer, { address: peer.address, port: peer.port });
      });
      resolve({
        local,
        close: async () => {
          open = false;
          flow?.close();
          await Promise.all([sources?.close(), new Promise<void>((closed) => socket.close(() => closed()))]);
        },
      });
    });
  });
}
