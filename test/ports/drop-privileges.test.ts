import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PortwrightError } from "../../src/errors.ts";
import { dropPrivileges, type Identities } from "../../src/ports/drop-privileges.ts";
import { thisSystem } from "../../src/ports/system.ts";
import { localUsers } from "../../src/ports/users.ts";
import { fakeSystem } from "./fake-system.ts";
import { isRoot, NOBODY } from "./holder.ts";
import { type OtherProcess, otherProcess } from "./other-process.ts";

describe.runIf(isRoot)("a process of root's", () => {
  let other: OtherProcess;
  beforeAll(async () => {
    other = await otherProcess();
  });
  afterAll(() => other[Symbol.dispose]());

  const nobody = localUsers(thisSystem).find(({ uid }) => uid === NOBODY);

  it.each([
    ["by name", nobody?.name ?? "nobody"],
    ["by number", String(NOBODY)],
  ])("becomes another user's %s, groups and all", async (_, user) => {
    expect(await other.ask("dropPrivileges", undefined, user)).toEqual({
      user: nobody,
      uid: nobody?.uid,
      gid: nobody?.gid,
      groups: [nobody?.gid],
    });
  });

  it("becomes a number's that has no name", async () => {
    expect(await other.ask("dropPrivileges", undefined, "54321")).toMatchObject({
      uid: 54_321,
      gid: 54_321,
      groups: [54_321],
    });
  });

  it.each([
    ["nobodi", "user: there is no user nobodi; did you mean nobody?"],
    ["no such user at all", "user: there is no user no such user at all"],
    ["", "user: there is no user "],
    ["root", "user: root is root, and gives up nothing"],
    ["0", "user: 0 is root, and gives up nothing"],
    ["-1", "user: there is no user -1"],
  ])("does not become %j", async (user, message) => {
    await expect(other.ask("dropPrivileges", undefined, user)).rejects.toMatchObject({ code: "USER_UNKNOWN", message });
  });

  it("cannot be changed by anybody else", async () => {
    await expect(other.ask("dropPrivileges", NOBODY, "daemon")).rejects.toMatchObject({
      code: "PRIVILEGE_KEPT",
      message: "user: only root can become daemon; this process is nobody's",
      remedies: [expect.stringContaining("up --user")],
    });
  });
});

describe("dropping privileges", () => {
  const system = fakeSystem({ uid: 0, user: "root", files: { "/etc/passwd": "alice:x:1000:100::/:\n" } });

  /** Accepts everything but what `refuse` names, and writes it down. */
  function identities(calls: string[], refuse: (call: string) => boolean): Identities {
    const note =
      (name: string) =>
      (...given: unknown[]) => {
        const call = `${name}(${given.join()})`;
        calls.push(call);
        if (refuse(call)) throw new Error("EPERM, Operation not permitted");
      };
    return {
      geteuid: () => 0,
      setgroups: note("setgroups"),
      initgroups: note("initgroups"),
      setgid: note("setgid"),
      setuid: note("setuid"),
    };
  }

  it("changes groups, group and user in this order, and tries to come back", () => {
    const calls: string[] = [];
    expect(
      dropPrivileges(
        "alice",
        system,
        identities(calls, (call) => call === "setuid(0)"),
      ),
    ).toEqual({
      name: "alice",
      uid: 1000,
      gid: 100,
    });
    expect(calls).toEqual(["initgroups(alice,100)", "setgid(100)", "setuid(1000)", "setuid(0)"]);
  });

  it.each<[string, (call: string) => boolean, string]>([
    [
      "root can be had again",
      () => false,
      "user: this process became alice's, and root's again: a capability such as CAP_SETUID outlives the change",
    ],
    [
      "the system refuses a step",
      (call) => call.startsWith("setgid"),
      "user: the system refuses to make this process alice's: EPERM, Operation not permitted",
    ],
  ])("fails if %s", (_, refuse, message) => {
    const drop = () => dropPrivileges("alice", system, identities([], refuse));
    expect(drop).toThrow(PortwrightError);
    expect(drop).toThrow(message);
  });

  it("says where a system has no such thing", () => {
    const windows = fakeSystem({ platform: "win32", uid: undefined });
    expect(() => dropPrivileges("alice", windows, {})).toThrow("user: win32 has no way to become another user");
  });
});
