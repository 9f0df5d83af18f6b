import { canonicalAddress } from "./addresses.ts";
import type { HeldSocket } from "./held-socket.ts";

/**
 * Reads `lsof -F pcLPnt`: one field a line, its first character the field's name. `p` begins a process, and `n`, the last
 * of the fields asked for, ends a socket: `127.0.0.1:25`, `[::1]:25`, `*:25`, `127.0.0.1:53->127.0.0.1:4711`.
 */
export function parseLsof(text: string): HeldSocket[] {
  const sockets: HeldSocket[] = [];
  let fields: { [name: string]: string } = {};
  for (const line of text.split("\n")) {
    const value = line.slice(1);
    if (line[0] === "p") fields = { p: value };
    else if (line[0] !== undefined) fields[line[0]] = value;
    if (line[0] !== "n") continue;
    const [local = "", peer] = value.split("->");
    const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(local) ?? [];
    const address = host === "*" ? (fields.t === "IPv6" ? "::" : "0.0.0.0") : canonicalAddress(host);
    const transport = fields.P?.toLowerCase();
    if (address === undefined || (transport !== "tcp" && transport !== "udp")) continue;
    sockets.push({
      transport,
      address,
      port: Number(port),
      state: peer === undefined ? "listening" : "connected",
      pid: Number(fields.p),
      ...(fields.c === undefined ? {} : { command: fields.c }),
      ...(fields.L === undefined ? {} : { user: fields.L }),
    });
  }
  return sockets;
}
