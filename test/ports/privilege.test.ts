import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mayBind, unprivilegedStart } from "../../src/ports/privilege.ts";
import { thisSystem } from "../../src/ports/system.ts";
import { trialBind } from "../../src/ports/trial-bind.ts";
import { type FakeMachine, fakeSystem } from "./fake-system.ts";
import { isLinux, isRoot, NOBODY } from "./holder.ts";
import { type OtherProcess, otherProcess } from "./other-process.ts";

const START = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
const NONE = "Name:\tnode\nCapEff:\t0000000000000000\n";
const ALL = "Name:\tnode\nCapEff:\t000001ffffffffff\n";
const BIND_ONLY = "Name:\tnode\nCapEff:\t0000000000000400\n";
const ALL_BUT_BIND = "Name:\tnode\nCapEff:\t000001fffffffbff\n";
const INITIAL = "         0          0 4294967295\n";

function linux(status: string, start: string | undefined, more: FakeMachine = {}): FakeMachine {
  const files = { "/proc/self/status": status, "/proc/self/uid_map": INITIAL, ...more.files };
  return { ...more, files: start === undefined ? files : { ...files, [START]: start } };
}

describe("on Linux a port may be bound", () => {
  it.each<[string, FakeMachine, number, boolean, string | RegExp]>([
    ["by nobody special from 1024 up", linux(NONE, "1024\n"), 1024, true, "ports from 1024 up need no privilege here"],
    [
      "below 1024 not without the capability",
      linux(NONE, "1024\n"),
      1023,
      false,
      "ports below 1024 need CAP_NET_BIND_SERVICE, which this process of user alice lacks",
    ],
    [
      "below 1024 with that capability alone",
      linux(BIND_ONLY, "1024\n"),
      25,
      true,
      "this process has CAP_NET_BIND_SERVICE",
    ],
    ["below 1024 by root with all of them", linux(ALL, "1024\n", { uid: 0 }), 25, true, /has CAP_NET_BIND_SERVICE/],
    [
      "below 1024 not by root without it",
      linux(ALL_BUT_BIND, "1024\n", { uid: 0, user: "root" }),
      25,
      false,
      /which this process of user root lacks/,
    ],
    ["from where the sysctl says", linux(NONE, "25\n"), 25, true, "ports from 25 up need no privilege here"],
    ["and not below", linux(NONE, "25\n"), 24, false, /ports below 25 need/],
    ["everywhere if it says 0", linux(NONE, "0\n"), 1, true, /from 0 up/],
    ["not even at 1024 if it says 2000", linux(NONE, "2000\n"), 1024, false, /below 2000/],
    ["as before 4.11 where there is no sysctl", linux(NONE, undefined), 1023, false, /below 1024/],
    ["if the system may choose it", linux(NONE, "1024\n"), 0, true, /need no privilege/],
    ["by root where /proc/self tells nothing", { uid: 0, files: {} }, 25, true, /CAP_NET_BIND_SERVICE/],
    ["by nobody else there", { files: {} }, 25, false, /lacks/],
    [
      "with the capability of a user namespace that owns its network, as in a rootless container",
      linux(ALL, "1024\n", {
        uid: 0,
        files: { "/proc/self/uid_map": "0 1000 1\n1 100000 65536\n" },
        owners: { [START]: 0 },
      }),
      25,
      true,
      /has CAP_NET_BIND_SERVICE/,
    ],
    [
      "not with the capability of a user namespace inside somebody else's network (unshare -r)",
      linux(ALL, "1024\n", { uid: 0, files: { "/proc/self/uid_map": "0 1000 1\n" }, owners: { [START]: 65_534 } }),
      25,
      false,
      "CAP_NET_BIND_SERVICE holds only inside a user namespace that does not own the network",
    ],
    [
      "nor when it is root who made that namespace",
      linux(ALL, "1024\n", { uid: 0, files: { "/proc/self/uid_map": "0 0 1\n" }, owners: { [START]: 0 } }),
      25,
      false,
      /user namespace/,
    ],
    [
      "nor in one without a root of its own",
      linux(ALL, "1024\n", { files: { "/proc/self/uid_map": "1000 1000 1\n" }, owners: { [START]: 65_534 } }),
      25,
      false,
      /user namespace/,
    ],
  ])("%s", (_, machine, port, allowed, why) => {
    const verdict = mayBind(port, "127.0.0.1", fakeSystem(machine));
    expect(verdict.allowed).toBe(allowed);
    expect(verdict.why).toMatch(why);
  });
});

describe("elsewhere a port may be bound", () => {
  it.each<[string, FakeMachine, string, number, boolean, RegExp]>([
    ["on macOS by all, on all addresses", { platform: "darwin" }, "0.0.0.0", 25, true, /on all addresses at once/],
    ["on macOS by all, on all IPv6 addresses", { platform: "darwin" }, "::", 25, true, /on all addresses at once/],
    ["on macOS not on one address", { platform: "darwin" }, "127.0.0.1", 25, false, /on a single address such as 127/],
    ["on macOS by root on one address", { platform: "darwin", uid: 0 }, "127.0.0.1", 25, true, /root/],
    ["on macOS by all from 1024 up", { platform: "darwin" }, "127.0.0.1", 1024, true, /from 1024 up/],
    ["on Windows by all", { platform: "win32", uid: undefined }, "127.0.0.1", 25, true, /every user bind every port/],
    ["on FreeBSD by root", { platform: "freebsd", uid: 0 }, "127.0.0.1", 25, true, /root/],
    ["on FreeBSD not by others", { platform: "freebsd" }, "0.0.0.0", 25, false, /below 1024 are root's/],
  ])("%s", (_, machine, host, port, allowed, why) => {
    const verdict = mayBind(port, host, fakeSystem(machine));
    expect(verdict.allowed).toBe(allowed);
    expect(verdict.why).toMatch(why);
  });
});

describe("on this machine the verdict is what binding says", () => {
  let other: OtherProcess;
  beforeAll(async () => {
    other = await otherProcess();
  });
  afterAll(() => other[Symbol.dispose]());

  const start = unprivilegedStart(thisSystem);
  const numbers = [1, start - 1, start, 1024].filter((port) => port > 0);

  it.each(numbers)("for port %i and this process", async (port) => {
    const error = await trialBind("127.0.0.1", port, "tcp");
    expect(mayBind(port, "127.0.0.1").allowed).toBe(error?.code !== "EACCES");
  });

  it.runIf(isRoot).each(numbers)("for port %i and nobody", async (port) => {
    const outcome = await other.ask("trialBind", NOBODY, "127.0.0.1", port, "tcp");
    const verdict = await other.ask("mayBind", NOBODY, port, "127.0.0.1");
    expect(verdict.allowed).toBe(outcome !== "EACCES");
  });

  it.runIf(isRoot && isLinux && start > 1)("nobody is refused a low port by name", async () => {
    expect(await other.ask("mayBind", NOBODY, 1, "127.0.0.1")).toEqual({
      allowed: false,
      why: `ports below ${start} need CAP_NET_BIND_SERVICE, which this process of user nobody lacks`,
    });
  });
});
