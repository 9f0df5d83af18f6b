import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeed } from "../clients.ts";

const INSIDE = join(import.meta.dirname, "inside.ts");
const ROOT = join(import.meta.dirname, "../../..");

/** A network and files of our own: in them this process may have port 53, and /etc/resolv.conf names it. */
const UNSHARE = ["--user", "--map-root-user", "--net", "--mount"];

const FILES: { readonly [path: string]: string } = {
  "/etc/resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:2\n",
  "/etc/nsswitch.conf": "hosts: dns\n",
};

/** Binds our files over the system's ($1 is a folder with ours), and runs the rest. */
const SETTING =
  'ip link set lo up && for file in resolv.conf nsswitch.conf; do [ ! -e "/etc/$file" ] || mount --bind "$1/$file" "/etc/$file" || exit 1; done; shift; exec "$@"';

/** Whether this system lets us have such a network. */
export function canBeAlone(): boolean {
  const probe = "ip link set lo up && mount --bind /etc/resolv.conf /etc/resolv.conf";
  return existsSync("/etc/resolv.conf") && spawnSync("unshare", [...UNSHARE, "sh", "-c", probe]).status === 0;
}

/** What glibc's getaddrinfo() does when it meets each of these faults. */
export async function glibcReactions(names: readonly string[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "glibc-"));
  try {
    for (const [path, text] of Object.entries(FILES)) writeFileSync(join(folder, path.replace("/etc/", "")), text);
    const program = [process.execPath, "--import", "tsx", INSIDE, JSON.stringify(names)];
    const { stdout } = await succeed("unshare", [...UNSHARE, "sh", "-c", SETTING, "sh", folder, ...program], {
      cwd: ROOT,
      timeoutMs: 60_000 + names.length * 5000,
    });
    return JSON.parse(stdout) as readonly string[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
