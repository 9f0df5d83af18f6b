import { execFileSync } from "node:child_process";
import { PortwrightError } from "../errors.ts";
import { nearest } from "../wire/nearest.ts";
import { type System, thisSystem } from "./system.ts";
import { localUsers, type User } from "./users.ts";

/** The part of `process` that changes users; absent on Windows. */
export interface Identities {
  readonly geteuid?: () => number;
  readonly setgroups?: (groups: readonly number[]) => void;
  readonly initgroups?: (user: string, group: number) => void;
  readonly setgid?: (id: number) => void;
  readonly setuid?: (id: number) => void;
}

const REMEDY = 'sudo "$(command -v node)" "$(command -v portwright)" up --user nobody';

/**
 * Makes this process another user's for good: its groups, its group, its user, in this order, and proves that root cannot
 * be had again. `user` is a name or a number. Throws `USER_UNKNOWN` or `PRIVILEGE_KEPT`; after the latter the process
 * may be half changed, and should end.
 */
export function dropPrivileges(
  user: string,
  system: System = thisSystem,
  identities: Identities = process as Identities,
): User {
  const { geteuid, setgroups, initgroups, setgid, setuid } = identities;
  if (!geteuid || !setgroups || !initgroups || !setgid || !setuid) {
    throw kept(`${system.platform} has no way to become another user`);
  }
  if (geteuid() !== 0) throw kept(`only root can become ${user}; this process is ${system.user}'s`, [REMEDY]);
  const target = findUser(user, system);
  if (target.uid === 0) throw unknown(`${user} is root, and gives up nothing`);
  try {
    if (target.name === String(target.uid)) setgroups([target.gid]);
    else initgroups(target.name, target.gid);
    setgid(target.gid);
    setuid(target.uid);
  } catch (cause) {
    throw kept(`the system refuses to make this process ${user}'s: ${(cause as Error).message}`, [], cause);
  }
  proveDropped(user, setuid);
  return target;
}

/** setuid(2): once real, effective and saved user are another's, nobody without CAP_SETUID comes back. */
function proveDropped(user: string, setuid: (id: number) => void): void {
  try {
    setuid(0);
  } catch {
    return; // refused, as it must be
  }
  throw kept(`this process became ${user}'s, and root's again: a capability such as CAP_SETUID outlives the change`);
}

function findUser(user: string, system: System): User {
  const users = localUsers(system);
  if (/^\d+$/.test(user)) {
    const uid = Number(user);
    // A number without a name is usual in containers; its group is then taken to have the same number.
    return users.find((candidate) => candidate.uid === uid) ?? { name: user, uid, gid: uid };
  }
  const found = users.find(({ name }) => name === user) ?? fromDirectory(user);
  if (found !== undefined) return found;
  const meant = nearest(
    user,
    users.map(({ name }) => name),
  );
  throw unknown(`there is no user ${user}${meant === undefined ? "" : `; did you mean ${meant}?`}`);
}

/** A user that only a directory service knows; `id` asks it. */
function fromDirectory(name: string): User | undefined {
  const ask = (option: string) => {
    try {
      return execFileSync("id", [option, "--", name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
      return ""; // id knows no such user either
    }
  };
  const uid = ask("-u");
  const gid = ask("-g");
  return /^\d+$/.test(uid) && /^\d+$/.test(gid) ? { name, uid: Number(uid), gid: Number(gid) } : undefined;
}

function unknown(message: string): PortwrightError {
  return new PortwrightError("USER_UNKNOWN", message, { place: "user" });
}

function kept(message: string, remedies: readonly string[] = [], cause?: unknown): PortwrightError {
  return new PortwrightError("PRIVILEGE_KEPT", message, { place: "user", remedies, cause });
}
