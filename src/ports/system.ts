import { execFile } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { endianness, networkInterfaces, userInfo } from "node:os";

const RUN_TIMEOUT_MS = 5_000;
const RUN_MAX_OCTETS = 16 * 1024 * 1024;

/**
 * What this folder asks of the operating system. Everything that cannot be had is `undefined` or empty: a missing file,
 * a file of another user and a process that has ended in the meantime are ordinary answers here.
 */
export interface System {
  readonly platform: NodeJS.Platform;
  readonly endianness: "LE" | "BE";
  readonly pid: number;
  /** The effective user, where the system has such numbers. */
  readonly uid: number | undefined;
  /** That user's name; its number as text where it has none. */
  readonly user: string;
  /** The running `node`. */
  readonly execPath: string;
  readText(path: string): string | undefined;
  list(path: string): readonly string[];
  readLink(path: string): string | undefined;
  /** The user id that owns a file. */
  ownerOf(path: string): number | undefined;
  /** The addresses of the machine's interfaces, without zone. */
  addresses(): readonly string[];
  /** A command's standard output, whatever its exit code; `undefined` if there is no such command or it hangs. */
  run(command: string, args: readonly string[]): Promise<string | undefined>;
}

/** The machine this process runs on. */
export const thisSystem: System = {
  platform: process.platform,
  endianness: endianness(),
  pid: process.pid,
  get uid() {
    return process.geteuid?.();
  },
  get user() {
    return orUndefined(() => userInfo().username) ?? String(process.geteuid?.());
  },
  execPath: process.execPath,
  readText: (path) => orUndefined(() => readFileSync(path, "utf8")),
  list: (path) => orUndefined(() => readdirSync(path)) ?? [],
  readLink: (path) => orUndefined(() => readlinkSync(path)),
  ownerOf: (path) => orUndefined(() => statSync(path).uid),
  addresses: () => Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? []),
  run(command, args) {
    const options = { timeout: RUN_TIMEOUT_MS, maxBuffer: RUN_MAX_OCTETS, windowsHide: true } as const;
    return new Promise((resolve) => {
      execFile(command, args, { ...options, env: { ...process.env, LC_ALL: "C" } }, (error, stdout) => {
        // A number is the command's own exit code: lsof says 1 where it finds nothing.
        resolve(error === null || typeof error.code === "number" ? stdout : undefined);
      });
    });
  },
};

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // absent, forbidden or gone: see System
  }
}
