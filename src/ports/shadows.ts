import { canonicalAddress, covers, hostAndPort, isLoopback, isWildcard, mayCover } from "./addresses.ts";
import type { Binding, Diagnosis } from "./diagnose.ts";
import type { HeldSocket } from "./held-socket.ts";
import { openInodes, ownersOf, ownerText } from "./owners.ts";
import { portSpec } from "./plan.ts";
import { readSocketTable } from "./socket-table.ts";
import { stopCommands } from "./stop-commands.ts";
import { type System, thisSystem } from "./system.ts";

/** A bound endpoint beside which another process has the same number, so that some clients reach that one. */
export interface Shadow extends Diagnosis {
  readonly code: "PORT_SHADOWED";
  readonly binding: Binding;
  readonly kind: ShadowKind;
  /** Who answers a client of the endpoint's own address. */
  readonly reached: "us" | "them" | "either";
}

/**
 * How two sockets come to share a number, as measured for `listen` and `bind` of Node:
 *
 * - `localhost`: we have one loopback address and they have the other. Possible everywhere. A client that asks for
 *   `localhost` tries ::1 first (RFC 6724 section 2.1, policy table), then 127.0.0.1.
 * - `narrower`: we have all addresses and they have one of them. macOS and Windows allow it, Linux only if both sockets
 *   ask for it (SO_REUSEADDR over UDP). The narrower socket wins.
 * - `wider`: we have one address and they have all. As before, the other way round.
 * - `same`: both have the same address (SO_REUSEPORT, or SO_REUSEADDR over UDP): the kernel picks one.
 */
type ShadowKind = "localhost" | "narrower" | "wider" | "same";

const REACHED: { readonly [kind in ShadowKind]: Shadow["reached"] } = {
  localhost: "us",
  narrower: "them",
  wider: "us",
  same: "either",
};

const LOCALHOSTS = ["::1", "127.0.0.1"];

/** The sockets of other processes that share a number with bound endpoints where a client may take one for the other. */
export async function findShadows(bindings: readonly Binding[], system: System = thisSystem): Promise<Shadow[]> {
  const table = await readSocketTable(system);
  const ours = system.platform === "linux" ? openInodes("self", system) : undefined;
  const foreign = (table.sockets ?? []).filter(({ state, inode, pid }) => {
    const own = ours === undefined ? pid === system.pid : inode !== undefined && ours.has(inode);
    return state === "listening" && !own;
  });
  const found = bindings.flatMap((binding) =>
    foreign.flatMap((socket) => {
      const kind = shadowKind(binding, socket, bindings, system);
      return kind === undefined ? [] : [{ binding, socket, kind }];
    }),
  );
  const owners = await ownersOf(
    found.map(({ socket }) => socket),
    system,
  );
  return found.flatMap(({ binding, kind }, index) => {
    const owner = owners[index];
    if (owner === undefined) return [];
    const reached = REACHED[kind];
    const where = hostAndPort(owner.address, owner.port);
    const reason = `${binding.name} listens on ${hostAndPort(binding.host, binding.port)} (${binding.transport}), and ${ownerText(owner)} on ${where}: ${CONSEQUENCE[kind](owner.address)}.`;
    const remedies = [`portwright up ${portSpec(binding, 0)}`, ...stopCommands(owner, system)];
    return [{ code: "PORT_SHADOWED" as const, reason, owner, remedies, binding, kind, reached }];
  });
}

const CONSEQUENCE: { readonly [kind in ShadowKind]: (address: string) => string } = {
  localhost: () => "a client that asks for localhost may reach either",
  narrower: (address) => `clients of ${address} reach that process`,
  wider: () => "clients of this machine's other addresses reach that process",
  same: () => "the system gives a client to either",
};

function shadowKind(
  binding: Binding,
  socket: HeldSocket,
  bindings: readonly Binding[],
  system: System,
): ShadowKind | undefined {
  if (socket.transport !== binding.transport || socket.port !== binding.port) return undefined;
  const host = canonicalAddress(binding.host) ?? binding.host;
  if (socket.address === host) return "same";
  if (covers(host, socket.address)) return "narrower";
  if (mistakenForLocalhost(binding, socket, bindings)) return "localhost";
  // Linux would have refused one of the two, were their `::` dual-stack.
  const wide = system.platform === "linux" ? covers : mayCover;
  return wide(socket.address, host) ? "wider" : undefined;
}

/** The socket has a loopback address that none of our endpoints with this number has, while we have the other. */
function mistakenForLocalhost(binding: Binding, socket: HeldSocket, bindings: readonly Binding[]): boolean {
  if (!isLoopback(binding.host) && !isWildcard(binding.host)) return false;
  const siblings = bindings.filter(({ transport, port }) => transport === binding.transport && port === binding.port);
  return LOCALHOSTS.some(
    (address) =>
      mayCover(socket.address, address) &&
      !siblings.some(({ host }) => covers(canonicalAddress(host) ?? host, address)),
  );
}
