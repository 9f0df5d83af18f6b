import { createServer, type Server, type Socket } from "node:net";
import type { Endpoint } from "../contract/machine.ts";
import type { ChannelListener, Connection, ListenEvents, Network } from "./connection.ts";
import { SocketConnection } from "./socket-connection.ts";

/** A bound TCP port. It accepts nothing into the hands of others before `accept` is set. */
export interface TcpListener {
  readonly local: Endpoint;
  /** Refuses new connections from now on; those accepted live on. Resolves when the port is free. */
  close(): Promise<void>;
}

export interface TcpListenOptions {
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  /** Called for each connection; not before the listener is returned. */
  accept(socket: Socket): void;
  /** Accepting failed, for want of descriptors for instance; the listener goes on. */
  failed(error: Error): void;
}

/** Binds a TCP port. Rejects with the system's error (`EACCES`, `EADDRINUSE`, `EADDRNOTAVAIL` ...). */
export function listenTcp(options: TcpListenOptions): Promise<TcpListener> {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => options.accept(socket));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: options.host, port: options.port, ipv6Only: true, exclusive: true }, () => {
      server.off("error", reject);
      server.on("error", (error) => options.failed(error));
      resolve({ local: localOf(server), close: () => closeServer(server) });
    });
  });
}

/** A TCP connection from a client, as the session wants it. */
export function tcpConnection(socket: Socket): Connection {
  return new SocketConnection(socket);
}

function localOf(server: Server): Endpoint {
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("a TCP server has an address and a port");
  return { address: address.address, port: address.port };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** Secondary connections over TCP. `ports` limits them to a range, for firewalls and containers. */
export function tcpNetwork(ports?: { readonly from: number; readonly to: number }): Network {
  let next = ports?.from ?? 0;
  return {
    listen(address, peer, events) {
      if (!ports) return listenForOne(address, [0], peer, events);
      const range = Array.from({ length: ports.to - ports.from + 1 }, (_, index) => {
        return ports.from + ((next - ports.from + index) % (ports.to - ports.from + 1));
      });
      next = next >= ports.to ? ports.from : next + 1;
      return listenForOne(address, range, peer, events);
    },
  };
}

/** Tries the ports in order, then waits for one connection from `peer`; anybody else's is reset. */
function listenForOne(address: string, ports: readonly number[], peer: string, events: ListenEvents): ChannelListener {
  const server = createServer({ noDelay: true, allowHalfOpen: true });
  let tried = 0;
  let closed = false;
  const bind = () => server.listen({ host: address, port: ports[tried] ?? 0, exclusive: true });
  server.on("error", (error: NodeJS.ErrnoException) => {
    tried += 1;
    if (error.code === "EADDRINUSE" && tried < ports.length && !closed) {
      bind();
      return;
    }
    if (server.listening) server.close();
    events.failed(error);
  });
  server.on("listening", () => {
    if (closed) server.close();
    else events.listening(localOf(server));
  });
  server.on("connection", (socket) => {
    socket.on("error", () => socket.destroy());
    // Reset before it was looked at, a connection has no address any more; it is told, and is broken.
    const from = socket.remoteAddress;
    if (from === undefined) socket.destroy();
    if (closed || (from !== undefined && from !== peer)) {
      socket.resetAndDestroy();
      return;
    }
    closed = true;
    server.close();
    events.connection(new SocketConnection(socket));
  });
  bind();
  return {
    close() {
      closed = true;
      if (server.listening) server.close();
    },
  };
}
