import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import type { Transport } from "../contract/service.ts";

/**
 * What binding an address and port would fail with, found by doing it for a moment; `undefined` if nothing. Only for
 * reports: by the time of a real bind the answer may be another.
 */
export function trialBind(
  host: string,
  port: number,
  transport: Transport,
): Promise<NodeJS.ErrnoException | undefined> {
  const ipv6Only = host.includes(":");
  return new Promise((resolve) => {
    if (transport === "tcp") {
      const server = createServer();
      server.once("error", resolve);
      server.listen({ host, port, ipv6Only, exclusive: true }, () => server.close(() => resolve(undefined)));
    } else {
      const socket = createSocket({ type: ipv6Only ? "udp6" : "udp4", ipv6Only });
      socket.once("error", (error) => socket.close(() => resolve(error)));
      socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve(undefined)));
    }
  });
}
