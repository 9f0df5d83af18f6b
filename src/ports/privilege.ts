import { isWildcard } from "./addresses.ts";
import { type System, thisSystem } from "./system.ts";

/** Whether this process may bind a port, and why; the reason is a clause without capital and full stop. */
export interface Privilege {
  readonly allowed: boolean;
  readonly why: string;
}

const UNPRIVILEGED_START = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
const FIRST_USER_PORT = 1024;
/** capabilities(7): CAP_NET_BIND_SERVICE. */
const NET_BIND_SERVICE = 1n << 10n;

/** Whether the system lets this process bind a port on an address, as far as privilege goes; it may still be taken. */
export function mayBind(port: number, host: string, system: System = thisSystem): Privilege {
  switch (system.platform) {
    case "linux":
    case "android":
      return onLinux(port, system);
    case "win32":
      return { allowed: true, why: "Windows lets every user bind every port" };
    case "darwin":
      return onDarwin(port, host, system);
    default:
      return onOtherUnix(port, system);
  }
}

/** The lowest port that needs no privilege on this machine. */
export function unprivilegedStart(system: System = thisSystem): number {
  if (system.platform === "win32") return 0;
  const text = system.platform === "linux" ? system.readText(UNPRIVILEGED_START) : undefined;
  return text === undefined ? FIRST_USER_PORT : Number(text);
}

function onLinux(port: number, system: System): Privilege {
  const start = unprivilegedStart(system);
  if (port === 0 || port >= start) return { allowed: true, why: `ports from ${start} up need no privilege here` };
  const effective = /^CapEff:\s*([0-9a-f]+)$/im.exec(system.readText("/proc/self/status") ?? "")?.[1];
  const capable = effective === undefined ? system.uid === 0 : (BigInt(`0x${effective}`) & NET_BIND_SERVICE) !== 0n;
  if (!capable) {
    const why = `ports below ${start} need CAP_NET_BIND_SERVICE, which this process of user ${system.user} lacks`;
    return { allowed: false, why };
  }
  if (!ownsNetwork(system)) {
    return {
      allowed: false,
      why: "CAP_NET_BIND_SERVICE holds only inside a user namespace that does not own the network",
    };
  }
  return { allowed: true, why: "this process has CAP_NET_BIND_SERVICE" };
}

/**
 * A capability counts in the user namespace that owns the network (user_namespaces(7)). The kernel shows that namespace's
 * root as the owner of the network's sysctl files; seen from a namespace where that is somebody else, it is not ours.
 */
function ownsNetwork(system: System): boolean {
  const maps = system.readText("/proc/self/uid_map");
  if (maps === undefined) return true; // a kernel without user namespaces
  const [, outside, count] = /^\s*0\s+(\d+)\s+(\d+)/m.exec(maps) ?? [];
  if (outside === "0" && count === "4294967295") return true; // the initial namespace
  return outside !== undefined && outside !== "0" && system.ownerOf(UNPRIVILEGED_START) === 0;
}

function onDarwin(port: number, host: string, system: System): Privilege {
  // Since macOS 10.14 low ports need no privilege on the wildcard address, and still need it on any other.
  if (isWildcard(host)) return { allowed: true, why: "macOS lets every user bind every port on all addresses at once" };
  const verdict = onOtherUnix(port, system);
  return verdict.allowed
    ? verdict
    : {
        allowed: false,
        why: `on a single address such as ${host}, macOS keeps ports below ${FIRST_USER_PORT} for root`,
      };
}

function onOtherUnix(port: number, system: System): Privilege {
  if (port === 0 || port >= FIRST_USER_PORT)
    return { allowed: true, why: `ports from ${FIRST_USER_PORT} up are for all` };
  if (system.uid === 0) return { allowed: true, why: "this process is root's" };
  return { allowed: false, why: `ports below ${FIRST_USER_PORT} are root's` };
}
