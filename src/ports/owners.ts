import type { Transport } from "../contract/service.ts";
import type { HeldSocket } from "./held-socket.ts";
import { parseTask } from "./netstat.ts";
import { readSocketTable } from "./socket-table.ts";
import { type System, thisSystem } from "./system.ts";
import { userName } from "./users.ts";

/** Who holds a port. What the system hides from this user is absent. */
export interface Owner {
  readonly address: string;
  readonly port: number;
  readonly transport: Transport;
  readonly state: HeldSocket["state"];
  readonly pid?: number;
  /** The command line, cut to one line that a terminal can show. */
  readonly command?: string;
  readonly user?: string;
  readonly inode?: number;
}

/** The answer to "who holds this port"; `noWay` says why there is none on this system. */
export interface Holders {
  readonly owners: readonly Owner[];
  readonly noWay?: string;
}

const COMMAND_CHARACTERS = 160;

/** Who holds a port: those that listen, and where nobody does, the connections that use the number. */
export async function whoHolds(port: number, transport: Transport, system: System = thisSystem): Promise<Holders> {
  const table = await readSocketTable(system);
  if (table.sockets === undefined) return { owners: [], noWay: table.noWay };
  const held = table.sockets.filter((socket) => socket.port === port && socket.transport === transport);
  const listening = held.filter(({ state }) => state === "listening");
  return { owners: await ownersOf(listening.length > 0 ? listening : held, system) };
}

/** Finds the processes behind sockets. */
export async function ownersOf(sockets: readonly HeldSocket[], system: System): Promise<Owner[]> {
  const inodes = new Set(sockets.flatMap(({ inode }) => (inode === undefined ? [] : [inode])));
  const pids = findPids(inodes, system);
  return Promise.all(
    sockets.map(async ({ uid, ...socket }) => {
      const pid = socket.pid ?? (socket.inode === undefined ? undefined : pids.get(socket.inode));
      const maker = uid === undefined ? {} : { user: userName(uid, system) };
      const told = pid === undefined ? {} : { pid, ...(await describeProcess(pid, system)) };
      const owner: Owner = { ...socket, ...maker, ...told };
      return owner.command === undefined ? owner : { ...owner, command: printable(owner.command) };
    }),
  );
}

/** The sockets a process has open, by inode (Linux). */
export function openInodes(pid: number | "self", system: System): Set<number> {
  const folder = `/proc/${pid}/fd`;
  const inodes = new Set<number>();
  for (const fd of system.list(folder)) {
    const inode = /^socket:\[(\d+)\]$/.exec(system.readLink(`${folder}/${fd}`) ?? "")?.[1];
    if (inode !== undefined) inodes.add(Number(inode));
  }
  return inodes;
}

/** Looks through the open files of the processes, the oldest first: a parent is named before workers that share its socket. */
function findPids(inodes: ReadonlySet<number>, system: System): Map<number, number> {
  const found = new Map<number, number>();
  if (inodes.size === 0) return found;
  const pids = system.list("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  for (const pid of pids.sort((a, b) => a - b)) {
    for (const inode of openInodes(pid, system)) {
      if (inodes.has(inode) && !found.has(inode)) found.set(inode, pid);
    }
    if (found.size === inodes.size) break;
  }
  return found;
}

async function describeProcess(pid: number, system: System): Promise<{ command?: string; user?: string }> {
  if (system.platform === "win32") {
    const text = await system.run("tasklist", ["/FI", `PID eq ${pid}`, "/FO", "CSV", "/NH", "/V"]);
    return parseTask(text ?? "") ?? {};
  }
  if (system.platform !== "linux" && system.platform !== "android") return {}; // lsof has told already
  const line = system.readText(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ").trim();
  // A process without command line is the kernel's, or has ended and not been waited for.
  const command = line || system.readText(`/proc/${pid}/comm`)?.trim();
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(system.readText(`/proc/${pid}/status`) ?? "")?.[1];
  return {
    ...(command ? { command } : {}),
    ...(uid === undefined ? {} : { user: userName(Number(uid), system) }),
  };
}

/** A process chooses its own command line: nothing in it may reach the terminal as a control. */
function printable(command: string): string {
  const line = command.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
  return line.length > COMMAND_CHARACTERS ? `${line.slice(0, COMMAND_CHARACTERS - 1)}…` : line;
}

/** An owner in a sentence: `node server.js (pid 4711, user alice)`. */
export function ownerText({ command, pid, user }: Owner): string {
  if (pid === undefined) {
    return user === undefined
      ? "a process that the system does not name"
      : `a process of user ${user} that cannot be seen from here`;
  }
  const whose = user === undefined ? `pid ${pid}` : `pid ${pid}, user ${user}`;
  return `${command ?? "a process"} (${whose})`;
}
