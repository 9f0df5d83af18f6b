import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import type { Clock } from "../contract/clock.ts";
import type { Endpoint } from "../contract/machine.ts";
import type { Connection } from "./connection.ts";
import { SocketConnection } from "./socket-connection.ts";
import { TlsTap, type WitnessTls } from "./tls-wire.ts";

/** The certificates a TLS port shows. */
export interface TlsCredentials {
  /** The context for a name asked for by SNI; the default leaf's without one. */
  secureContext(servername?: string): SecureContext;
  /** Asked of each connection whether somebody wants to see its records; nobody does, if it is absent. */
  readonly witness?: WitnessTls | undefined;
}

export interface TlsServerOptions {
  readonly credentials: TlsCredentials;
  /** Protocols to agree on; a client that offers only others is refused (RFC 7301 section 3.2). */
  readonly alpn: readonly string[];
  readonly clock: Clock;
}

/** How long a client may take for its handshake. */
const HANDSHAKE_MS = 10_000;

/** A handshake that came to nothing, and who ended it. */
export class TlsFailure extends Error {
  readonly by: "peer" | "service" | "reset";

  constructor(message: string, by: TlsFailure["by"], cause?: Error) {
    super(message, { cause });
    this.by = by;
  }
}

/** TLS as a server on an accepted socket. `done` gets the connection, or why there is none. */
export function secureServerSide(
  socket: Socket,
  { credentials, alpn, clock }: TlsServerOptions,
  done: (outcome: Connection | TlsFailure) => void,
): void {
  const wire = credentials.witness?.(endpointsOf(socket));
  // Otherwise TLS works on the system's socket itself.
  const secure = new TLSSocket(wire ? new TlsTap(socket, wire) : socket, {
    isServer: true,
    secureContext: credentials.secureContext(),
    ALPNProtocols: [...alpn],
    SNICallback: (servername, answer) => answer(null, credentials.secureContext(servername)),
  });
  if (wire) {
    secure.on("keylog", (line) => wire.key(line));
    // Otherwise TLS would learn that its stream is gone, and not why.
    socket.on("error", (error) => secure.destroy(error));
  }
  let settled = false;
  const settle = (outcome: Connection | TlsFailure) => {
    if (settled) return;
    settled = true;
    deadline.stop();
    done(outcome);
  };
  const fail = (error: TlsFailure) => {
    settle(error);
    secure.destroy();
    socket.destroy();
  };
  const deadline = clock.timer(HANDSHAKE_MS, () => fail(new TlsFailure("no TLS handshake in time", "service")));
  const left = () => fail(new TlsFailure("the peer left before the TLS handshake was complete", "peer"));
  const broken = (error: Error) => fail(failureOf(error));
  secure.on("error", broken);
  // The TCP socket keeps a listener of its own: an RST below TLS must not end the process.
  socket.on("error", broken);
  secure.once("close", left);
  // Half-open is for conversations: whoever sends FIN now will never finish the handshake.
  secure.once("end", left);
  secure.once("secure", () => {
    secure.off("end", left);
    wire?.secured();
    // Node tells a broken record of a server's socket by no other event than this, and leaves the socket as it is.
    secure.on("_tlsError", (error: Error) => secure.destroy(failureOf(error)));
    const connection = new SocketConnection(secure, socket, {
      protocol: secure.getProtocol() ?? "",
      cipher: secure.getCipher()?.name ?? "",
      servername: (secure as TLSSocket & { servername?: string | false }).servername || undefined,
      alpn: secure.alpnProtocol || undefined,
    });
    // Node is still inside OpenSSL's handshake here: a connection that were ended now would have no close_notify.
    setImmediate(() => settle(connection));
  });
}

function endpointsOf(socket: Socket): { readonly local: Endpoint; readonly peer: Endpoint } {
  return {
    local: { address: socket.localAddress ?? "", port: socket.localPort ?? 0 },
    peer: { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
  };
}

/** OpenSSL's reason, without the line of its source; or what the TCP socket says. */
function failureOf(error: Error & { readonly reason?: string; readonly code?: string }): TlsFailure {
  const by = error.code === "ECONNRESET" || error.code === "EPIPE" ? "reset" : "service";
  return new TlsFailure(error.reason ?? error.message, by, error);
}
