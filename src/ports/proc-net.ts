import type { Transport } from "../contract/service.ts";
import { canonicalAddress } from "./addresses.ts";
import type { HeldSocket } from "./held-socket.ts";

/** include/net/tcp_states.h; an unconnected UDP socket is in TCP_CLOSE. */
const TCP_LISTEN = "0A";
const TCP_CLOSE = "07";

/** Reads a table of /proc/net: tcp, tcp6, udp or udp6 (proc_net_tcp in the kernel's documentation). */
export function parseProcNet(text: string, transport: Transport, endianness: "LE" | "BE"): HeldSocket[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, local = "", , state, , , , uid, , inode] = line.trim().split(/\s+/);
      const [hexAddress, hexPort] = local.split(":");
      // Without an inode nobody has it open: TIME_WAIT, or a connection that is not accepted yet.
      if (hexAddress === undefined || hexPort === undefined || inode === undefined || inode === "0") return [];
      const address = readAddress(hexAddress, endianness);
      if (address === undefined) return [];
      const listening = state === (transport === "tcp" ? TCP_LISTEN : TCP_CLOSE);
      return [
        {
          transport,
          address,
          port: Number.parseInt(hexPort, 16),
          state: listening ? ("listening" as const) : ("connected" as const),
          inode: Number(inode),
          uid: Number(uid),
        },
      ];
    });
}

/** The kernel prints an address as numbers of 32 bits in the machine's own order. */
function readAddress(hex: string, endianness: "LE" | "BE"): string | undefined {
  const words = Buffer.from(hex, "hex");
  if (words.length !== 4 && words.length !== 16) return undefined;
  if (endianness === "LE") words.swap32();
  if (words.length === 4) return words.join(".");
  return canonicalAddress((words.toString("hex").match(/.{4}/g) ?? []).join(":"));
}
