import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import type { Connection } from "./connection.ts";
import { SocketConnection } from "./socket-connection.ts";

/** The certificates a TLS port shows. */
export interface TlsCredentials {
  /** The context for a name asked for by SNI; the default leaf's without one. */
  secureContext(servername?: string): SecureContext;
}

/** How long a client may take for its handshake. */
const HANDSHAKE_MS = 10_000;

/**
 * TLS as a server on an accepted socket. `done` gets the connection, or the error that ended the handshake.
 */
export function secureServerSide(
  socket: Socket,
  credentials: TlsCredentials,
  alpn: readonly string[],
  done: (outcome: Connection | Error) => void,
): void {
  const secure = new TLSSocket(socket, {
    isServer: true,
    secureContext: credentials.secureContext(),
    ALPNProtocols: [...alpn],
    SNICallback: (servername, answer) => answer(null, credentials.secureContext(servername)),
  });
  let settled = false;
  const settle = (outcome: Connection | Error) => {
    if (settled) return;
    settled = true;
    clearTimeout(deadline);
    done(outcome);
  };
  const fail = (error: Error) => {
    settle(error);
    secure.destroy();
    socket.destroy();
  };
  const deadline = setTimeout(() => fail(new Error("no TLS handshake in time")), HANDSHAKE_MS);
  deadline.unref();
  secure.on("error", fail);
  // The TCP socket keeps a listener of its own: an RST below TLS must not end the process.
  socket.on("error", fail);
  secure.once("close", () => fail(new Error("the connection was closed before the TLS handshake was complete")));
  secure.once("secure", () => {
    settle(
      new SocketConnection(secure, socket, {
        protocol: secure.getProtocol() ?? "",
        cipher: secure.getCipher()?.name ?? "",
        servername: (secure as TLSSocket & { servername?: string | false }).servername || undefined,
        alpn: secure.alpnProtocol || undefined,
      }),
    );
  });
}
