import { createSocket } from "node:dgram";
import { connect as connectSocket } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import type { Endpoint } from "../contract/machine.ts";

/** How long a connection and its TLS handshake may take. */
const CONNECT_MS = 5000;

/** The client's side of a real connection: for the probes that prove an endpoint ready, and for dialogues. */
export interface WireClient {
  send(bytes: Uint8Array): void;
  end(): void;
  destroy(): void;
}

export interface WireEvents {
  data(bytes: Uint8Array): void;
  /** The peer's FIN. */
  end(): void;
  failed(error: Error): void;
  /** The client has an address of its own, and has said nothing yet: not even TLS's hello. */
  connected?(local: Endpoint): void;
}

export interface ClientTls {
  /** Whom the client trusts, and what it offers. */
  readonly context: SecureContext;
  readonly servername: string;
  /** The last session with this server, for the next connection to resume (RFC 8446 section 2.2). */
  session?: Buffer;
}

/** TLS for a client that trusts one authority only, given as PEM. */
export function trusting(ca: string, servername: string): ClientTls {
  return { context: createSecureContext({ ca }), servername };
}

/** Rejects if the connection or its TLS handshake fails; later failures go to `events.failed`. */
export function connectTcp(host: string, port: number, events: WireEvents, tls?: ClientTls): Promise<WireClient> {
  return new Promise((resolve, reject) => {
    const to = { host, port, noDelay: true, allowHalfOpen: true };
    const socket = tls ? connectSecurely(to, tls) : connectSocket(to);
    let connected = false;
    const late = () => socket.destroy(new Error(`no ${tls ? "TLS " : ""}connection within ${CONNECT_MS} ms`));
    const deadline = setTimeout(late, CONNECT_MS);
    socket.once("close", () => clearTimeout(deadline));
    socket.on("error", (error) => (connected ? events.failed(error) : reject(error)));
    socket.on("data", (bytes: Uint8Array) => events.data(bytes));
    socket.on("end", () => events.end());
    socket.once("connect", () => {
      events.connected?.({ address: socket.localAddress ?? "", port: socket.localPort ?? 0 });
    });
    socket.once(tls ? "secureConnect" : "connect", () => {
      connected = true;
      clearTimeout(deadline);
      resolve({
        send: (bytes) => socket.write(bytes),
        end: () => socket.end(),
        destroy: () => socket.destroy(),
      });
    });
  });
}

function connectSecurely(to: { readonly host: string; readonly port: number }, tls: ClientTls): TLSSocket {
  const { context: secureContext, servername, session } = tls;
  const socket = connectTls({ ...to, secureContext, servername, ...(session ? { session } : {}) });
  socket.on("session", (fresh) => {
    tls.session = fresh;
  });
  return socket;
}

/** A UDP socket whose datagrams go to one address and come only from there. */
export function connectUdp(host: string, port: number, events: WireEvents): Promise<WireClient> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    const unreachable = (error: Error) => {
      socket.close();
      reject(error);
    };
    socket.once("error", unreachable);
    socket.on("message", (bytes) => events.data(bytes));
    // As a callback it would be called after a failure too.
    socket.once("connect", () => {
      socket.off("error", unreachable);
      socket.on("error", (error) => events.failed(error));
      let open = true;
      const { address, port: localPort } = socket.address();
      events.connected?.({ address, port: localPort });
      resolve({
        send: (bytes) => socket.send(bytes),
        end: () => undefined,
        destroy: () => {
          if (open) socket.close();
          open = false;
        },
      });
    });
    socket.connect(port, host);
  });
}
