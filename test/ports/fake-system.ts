import type { System } from "../../src/ports/system.ts";

/** A machine made of texts: what tests say about it and nothing else. */
export interface FakeMachine
  extends Partial<Omit<System, "readText" | "list" | "readLink" | "ownerOf" | "run" | "addresses">> {
  /** Texts by path; folders follow from the paths. */
  readonly files?: { readonly [path: string]: string };
  readonly links?: { readonly [path: string]: string };
  readonly owners?: { readonly [path: string]: number };
  readonly addresses?: readonly string[];
  /** Standard output by command line. */
  readonly runs?: { readonly [commandLine: string]: string };
}

export function fakeSystem(machine: FakeMachine): System {
  const { files = {}, links = {}, owners = {}, addresses = ["127.0.0.1", "::1"], runs = {}, ...rest } = machine;
  const paths = [...Object.keys(files), ...Object.keys(links)];
  return {
    platform: "linux",
    endianness: "LE",
    pid: 99_999,
    uid: 1000,
    user: "alice",
    execPath: "/usr/bin/node",
    ...rest,
    readText: (path) => files[path],
    readLink: (path) => links[path],
    ownerOf: (path) => owners[path],
    list: (path) => [
      ...new Set(paths.filter((each) => each.startsWith(`${path}/`)).map((each) => firstName(each, path))),
    ],
    addresses: () => addresses,
    run: async (command, args) => runs[[command, ...args].join(" ")],
  };
}

function firstName(path: string, folder: string): string {
  return path.slice(folder.length + 1).split("/")[0] as string;
}

/** A process that holds a socket, as /proc shows it. */
export interface FakeProcess {
  readonly pid: number;
  readonly command: string;
  readonly uid?: number;
  readonly cgroup?: string;
  readonly parent?: number;
  readonly inode?: number;
}

/** The files and links of processes under /proc. */
export function fakeProcesses(processes: readonly FakeProcess[]): Pick<FakeMachine, "files" | "links"> {
  const files: { [path: string]: string } = {};
  const links: { [path: string]: string } = {};
  for (const { pid, command, uid = 0, cgroup, parent = 1, inode } of processes) {
    files[`/proc/${pid}/cmdline`] = `${command.replaceAll(" ", "\0")}\0`;
    files[`/proc/${pid}/comm`] = `${command.split(" ")[0]?.split("/").at(-1)}\n`;
    files[`/proc/${pid}/status`] = `Name:\tx\nPPid:\t${parent}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`;
    if (cgroup !== undefined) files[`/proc/${pid}/cgroup`] = `0::${cgroup}\n`;
    if (inode !== undefined) links[`/proc/${pid}/fd/7`] = `socket:[${inode}]`;
  }
  return { files, links };
}

/** A line of /proc/net/tcp or /proc/net/udp on a little-endian machine. */
export function procNetLine(
  address: string,
  port: number,
  inode: number,
  options: { state?: string; uid?: number } = {},
): string {
  const { state = "0A", uid = 0 } = options;
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, "0");
  const local = address
    .split(".")
    .reverse()
    .map((octet) => hex(Number(octet), 2))
    .join("");
  return `   0: ${local}:${hex(port, 4)} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0 100 0 0 10 0`;
}

/** A table of /proc/net. */
export function procNet(...lines: readonly string[]): string {
  return [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    ...lines,
    "",
  ].join("\n");
}
