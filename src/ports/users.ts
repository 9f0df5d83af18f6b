import type { System } from "./system.ts";

/** A line of the system's user list. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The users in /etc/passwd (passwd(5)); users from a directory service are not among them. */
export function localUsers(system: System): User[] {
  const lines = system.readText("/etc/passwd")?.split("\n") ?? [];
  return lines.flatMap((line) => {
    const [name = "", , uid = "", gid = ""] = line.split(":");
    return name !== "" && /^\d+$/.test(uid) && /^\d+$/.test(gid) ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/** A user's name, or the number as text where the list has no name for it. */
export function userName(uid: number, system: System): string {
  return localUsers(system).find((user) => user.uid === uid)?.name ?? String(uid);
}
