import type { HeldSocket } from "./held-socket.ts";
import { parseLsof } from "./lsof.ts";
import { parseNetstat } from "./netstat.ts";
import { parseProcNet } from "./proc-net.ts";
import type { System } from "./system.ts";

/** All sockets this process may see, or why the system does not tell. */
export type SocketTable =
  | { readonly sockets: readonly HeldSocket[]; readonly noWay?: undefined }
  | { readonly sockets?: undefined; readonly noWay: string };

const PROC_TABLES = [
  ["tcp", "/proc/net/tcp"],
  ["tcp", "/proc/net/tcp6"],
  ["udp", "/proc/net/udp"],
  ["udp", "/proc/net/udp6"],
] as const;

/** A snapshot of the sockets that hold ports: from /proc on Linux, from netstat on Windows, from lsof elsewhere. */
export async function readSocketTable(system: System): Promise<SocketTable> {
  switch (system.platform) {
    case "linux":
    case "android":
      return fromProc(system);
    case "win32": {
      const text = await system.run("netstat", ["-ano"]);
      return text === undefined ? { noWay: "netstat cannot be run" } : { sockets: parseNetstat(text) };
    }
    default: {
      const text = await system.run("lsof", ["+c0", "-nPw", "-iTCP", "-sTCP:LISTEN", "-iUDP", "-FpcLPnt"]);
      if (text !== undefined) return { sockets: parseLsof(text) };
      return { noWay: `on ${system.platform} only lsof tells who holds a port, and it cannot be run` };
    }
  }
}

function fromProc(system: System): SocketTable {
  const texts = PROC_TABLES.map(([transport, path]) => ({ transport, text: system.readText(path) }));
  if (texts.every(({ text }) => text === undefined)) return { noWay: "/proc/net cannot be read" };
  const sockets = texts.flatMap(({ transport, text = "" }) => parseProcNet(text, transport, system.endianness));
  return { sockets };
}
