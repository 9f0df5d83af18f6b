import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Transport } from "../../src/contract/service.ts";
import { type Binding, diagnose } from "../../src/ports/diagnose.ts";
import { unprivilegedStart } from "../../src/ports/privilege.ts";
import { thisSystem } from "../../src/ports/system.ts";
import { trialBind } from "../../src/ports/trial-bind.ts";
import { userName } from "../../src/ports/users.ts";
import { type FakeMachine, type FakeProcess, fakeProcesses, fakeSystem, procNet, procNetLine } from "./fake-system.ts";
import { hold, isLinux, isRoot, NOBODY } from "./holder.ts";
import { type OtherProcess, otherProcess } from "./other-process.ts";

function smtpAt(host: string, port: number, transport: Transport = "tcp"): Binding {
  return { name: "smtp", service: "smtp", wellKnown: 25, transport, host, port };
}

const inUse = { code: "EADDRINUSE", message: "address already in use" };
const denied = { code: "EACCES", message: "permission denied" };

/** Binds for a moment, and has the failure explained. */
async function failAndDiagnose(binding: Binding) {
  const error = await trialBind(binding.host, binding.port, binding.transport);
  if (error === undefined) throw new Error("the port could be bound");
  return diagnose(binding, error);
}

describe("on this machine a failed bind", () => {
  const start = unprivilegedStart(thisSystem);
  let other: OtherProcess;
  beforeAll(async () => {
    other = await otherProcess();
  });
  afterAll(() => other[Symbol.dispose]());

  // Other systems than Linux let a narrower TCP socket in beside a wider one; see shadows.
  const overlaps = [
    ["tcp", "0.0.0.0", "127.0.0.1"],
    ["tcp", "127.0.0.1", "0.0.0.0"],
    ["udp", "127.0.0.1", "0.0.0.0"],
  ] as const;
  it.each([
    ["tcp", "127.0.0.1", "127.0.0.1"],
    ["udp", "127.0.0.1", "127.0.0.1"],
    ...(isLinux ? overlaps : []),
  ] as const)("names who holds it: %s, theirs on %s, ours on %s", async (transport, theirs, ours) => {
    await using holder = await hold({ transport, host: theirs });
    const { code, reason, owner, remedies } = await failAndDiagnose(smtpAt(ours, holder.port, transport));
    expect(code).toBe("PORT_TAKEN");
    expect(owner).toMatchObject({
      pid: holder.pid,
      user: thisSystem.user,
      address: theirs,
      port: holder.port,
      transport,
    });
    expect(reason).toMatch(
      new RegExp(`^smtp cannot listen on ${ours}:${holder.port} \\(${transport}\\): .*\\(pid ${holder.pid}, .*\\.$`),
    );
    expect(remedies).toContain(thisSystem.platform === "win32" ? `taskkill /PID ${holder.pid}` : `kill ${holder.pid}`);
    expect(remedies.find((remedy) => /^portwright up smtp:\d+$/.test(remedy))).toBeDefined();
    expect(remedies.find((remedy) => /^portwright up --ports offset:\d+$/.test(remedy))).toBeDefined();
  });

  it("suggests a port that is free", async () => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" });
    const { remedies } = await failAndDiagnose(smtpAt("127.0.0.1", holder.port));
    const port = Number(/^portwright up smtp:(\d+)$/.exec(remedies[0] ?? "")?.[1]);
    expect(await trialBind("127.0.0.1", port, "tcp")).toBeUndefined();
  });

  it("stops nobody", async () => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" });
    await failAndDiagnose(smtpAt("127.0.0.1", holder.port));
    expect(process.kill(holder.pid, 0)).toBe(true);
  });

  it.runIf(isRoot && isLinux)("names another user's process to root", async () => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" }, NOBODY);
    const { owner, remedies } = await failAndDiagnose(smtpAt("127.0.0.1", holder.port));
    expect(owner).toMatchObject({ pid: holder.pid, user: userName(NOBODY, thisSystem) });
    expect(remedies.at(-1)).toBe(`kill ${holder.pid}`);
  });

  it.runIf(isRoot && isLinux)("names at least the user to somebody who may not see the process", async () => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" });
    const binding = smtpAt("127.0.0.1", holder.port);
    const { code, reason, owner, remedies } = await other.ask("diagnose", NOBODY, binding, inUse);
    expect(code).toBe("PORT_TAKEN");
    expect(owner).toMatchObject({ user: "root", address: "127.0.0.1", port: holder.port });
    expect(owner?.pid).toBeUndefined();
    expect(reason).toContain("a process of user root that cannot be seen from here already has it");
    expect(remedies.at(-1)).toBe(`sudo ss -ltnp "sport = :${holder.port}"`);
  });

  it.runIf(isRoot && isLinux && start > 25)("for want of privilege says so, and how to get it", async () => {
    expect(await other.ask("trialBind", NOBODY, "127.0.0.1", 25, "tcp")).toBe("EACCES");
    const { code, reason, remedies } = await other.ask("diagnose", NOBODY, smtpAt("127.0.0.1", 25), denied);
    expect(code).toBe("PORT_FORBIDDEN");
    expect(reason).toContain(
      `smtp cannot listen on 127.0.0.1:25 (tcp): ports below ${start} need CAP_NET_BIND_SERVICE, which this process of user nobody lacks`,
    );
    expect(remedies[0]).toMatch(/^portwright up --ports offset:\d+0000$/);
    expect(remedies).toContain("sudo sysctl net.ipv4.ip_unprivileged_port_start=25");
    expect(remedies).toContain(`sudo setcap cap_net_bind_service=+ep ${process.execPath}`);
  });

  it("on an absent address says which addresses there are", async () => {
    const { code, reason, remedies } = await failAndDiagnose(smtpAt("198.51.100.7", 0));
    expect(code).toBe("ADDRESS_ABSENT");
    expect(reason).toMatch(/no interface of this machine has that address; there are .*127\.0\.0\.1/);
    expect(remedies).toEqual(["portwright up --host localhost", "portwright up --host 127.0.0.1"]);
    expect(
      Object.values(networkInterfaces())
        .flat()
        .every((each) => each && reason.includes(each.address)),
    ).toBe(true);
  });

  it("of another kind repeats what the system said", async () => {
    const { code, reason } = await diagnose(smtpAt("127.0.0.1", 25), {
      code: "EMFILE",
      message: "too many open files",
    });
    expect([code, reason]).toEqual(["PORT_UNUSABLE", "smtp cannot listen on 127.0.0.1:25 (tcp): too many open files."]);
  });
});

/** A Linux machine on which one process holds a port of 127.0.0.1, or another address. */
function machineWith(
  owner: FakeProcess,
  at: { host?: string; port?: number; udp?: boolean } = {},
  more: FakeMachine = {},
) {
  const { host = "127.0.0.1", port = 10_025, udp = false } = at;
  const line = procNetLine(host, port, 7001, { uid: owner.uid ?? 0, ...(udp ? { state: "07" } : {}) });
  const { files, links } = fakeProcesses([
    { ...owner, inode: 7001 },
    { pid: 1, command: "/usr/lib/systemd/systemd" },
  ]);
  const base = {
    "/etc/passwd": "root:x:0:0::/:\nalice:x:1000:1000::/:\nsystemd-resolve:x:991:991::/:\nbob:x:1001:1001::/:\n",
    [udp ? "/proc/net/udp" : "/proc/net/tcp"]: procNet(line),
    "/proc/1/comm": "systemd\n",
  };
  return fakeSystem({ ...more, files: { ...base, ...files, ...more.files }, links: links ?? {} });
}

const CONTAINER = "0123456789abcdef".repeat(4);

describe("the way to stop an owner", () => {
  it.each<[string, FakeProcess, FakeMachine, readonly string[]]>([
    ["of this user is kill", { pid: 900, command: "node x.js", uid: 1000 }, {}, ["kill 900"]],
    ["of another user is sudo kill", { pid: 900, command: "node x.js", uid: 1001 }, {}, ["sudo kill 900"]],
    ["for root is kill", { pid: 900, command: "node x.js", uid: 1001 }, { uid: 0, user: "root" }, ["kill 900"]],
    [
      "that is a service is systemctl",
      { pid: 900, command: "/usr/sbin/master", cgroup: "/system.slice/postfix.service" },
      {},
      ["sudo systemctl stop postfix"],
    ],
    [
      "that is an instance of a service is systemctl, as root without sudo",
      { pid: 900, command: "/usr/sbin/master", cgroup: "/system.slice/system-postfix.slice/postfix@-.service" },
      { uid: 0, user: "root" },
      ["systemctl stop postfix@-"],
    ],
    [
      "that is a service of this user is systemctl --user",
      {
        pid: 900,
        command: "mpd",
        uid: 1000,
        cgroup: "/user.slice/user-1000.slice/user@1000.service/app.slice/mpd.service",
      },
      {},
      ["systemctl --user stop mpd"],
    ],
    [
      "that somebody started in a login is kill, though the login is in a scope",
      { pid: 900, command: "node x.js", uid: 1000, cgroup: "/user.slice/user-1000.slice/session-2.scope" },
      {},
      ["kill 900"],
    ],
    [
      "that somebody started below a service is kill, and leaves the service alone",
      { pid: 900, command: "node x.js", uid: 1000, cgroup: "/system.slice/ssh.service", parent: 800 },
      { files: { "/proc/800/comm": "bash\n" } },
      ["kill 900"],
    ],
    [
      "in the same service as this process is kill",
      { pid: 900, command: "node x.js", uid: 1000, cgroup: "/system.slice/runner.service" },
      { files: { "/proc/self/cgroup": "0::/system.slice/runner.service\n" } },
      ["kill 900"],
    ],
    [
      "in a container is docker stop",
      { pid: 900, command: "nginx", cgroup: `/system.slice/docker-${CONTAINER}.scope` },
      {},
      ["docker stop 0123456789ab"],
    ],
    [
      "in a cgroupfs container is docker stop",
      { pid: 900, command: "nginx", cgroup: `/docker/${CONTAINER}` },
      {},
      ["docker stop 0123456789ab"],
    ],
    [
      "in a podman container is podman stop",
      { pid: 900, command: "nginx", cgroup: `/machine.slice/libpod-${CONTAINER}.scope` },
      {},
      ["podman stop 0123456789ab"],
    ],
    [
      "that publishes a container's port is docker stop, not kill",
      {
        pid: 900,
        command: "/usr/bin/docker-proxy -proto tcp -host-port 10025",
        cgroup: "/system.slice/docker.service",
      },
      {},
      ["docker ps --filter publish=10025", "docker stop $(docker ps -q --filter publish=10025)"],
    ],
    [
      "that is systemd itself is to find the socket unit",
      { pid: 1, command: "/usr/lib/systemd/systemd" },
      {},
      ["systemctl list-sockets"],
    ],
    ["that is this process is none", { pid: 900, command: "node x.js", uid: 1000 }, { pid: 900 }, []],
  ])("%s", async (_, owner, machine, commands) => {
    const system = machineWith(owner, {}, machine);
    const { code, remedies } = await diagnose(smtpAt("127.0.0.1", 10_025), inUse, system);
    expect(code).toBe("PORT_TAKEN");
    expect(remedies.filter((remedy) => !remedy.startsWith("portwright"))).toEqual(commands);
  });

  it.each([
    [
      "is taskkill",
      "  TCP    127.0.0.1:10025        0.0.0.0:0              LISTENING       4711\n",
      "taskkill /PID 4711",
    ],
    [
      "that is the kernel is to find who asked it",
      "  TCP    0.0.0.0:10025          0.0.0.0:0              LISTENING       4\n",
      "netsh http show servicestate",
    ],
    ["that is not shown is to look as administrator", "\n", "netstat -abno -p tcp"],
  ])("on Windows %s", async (_, netstat, command) => {
    const system = fakeSystem({ platform: "win32", uid: undefined, runs: { "netstat -ano": netstat } });
    const { remedies } = await diagnose(smtpAt("127.0.0.1", 10_025), inUse, system);
    expect(remedies.filter((remedy) => !remedy.startsWith("portwright"))).toEqual([command]);
  });
});

describe("a taken port", () => {
  it("of another portwright is said to be one", async () => {
    const system = machineWith({ pid: 900, command: "node /usr/bin/portwright up", uid: 1000 });
    const { reason } = await diagnose(smtpAt("127.0.0.1", 10_025), inUse, system);
    expect(reason).toBe(
      "smtp cannot listen on 127.0.0.1:10025 (tcp): another portwright has it, perhaps in another terminal: node /usr/bin/portwright up (pid 900, user alice).",
    );
  });

  it("of this very process is said to be", async () => {
    const system = machineWith({ pid: 900, command: "node x.js", uid: 1000 }, {}, { pid: 900 });
    const { reason } = await diagnose(smtpAt("127.0.0.1", 10_025), inUse, system);
    expect(reason).toMatch(/: this very process already has it, in another harness or listener\.$/);
  });

  it("that no table shows is one that is bound and not listened on", async () => {
    const system = fakeSystem({ files: { "/proc/net/tcp": procNet() } });
    const { reason, owner, remedies } = await diagnose(smtpAt("127.0.0.1", 10_025), inUse, system);
    expect(reason).toMatch(/no table of this system shows by whom: a socket that is bound and does not listen\.$/);
    expect(owner).toBeUndefined();
    expect(remedies).toContain('sudo ss -ltnp "sport = :10025"');
  });

  it("on a system without tables says why nobody is named", async () => {
    const { reason, remedies } = await diagnose(smtpAt("127.0.0.1", 10_025), inUse, fakeSystem({ platform: "darwin" }));
    expect(reason).toMatch(
      /the port is taken, and on darwin only lsof tells who holds a port, and it cannot be run\.$/,
    );
    expect(remedies).toContain("sudo lsof -nP -iTCP:10025 -sTCP:LISTEN");
  });

  it("held by a connection is told from one that is listened on", async () => {
    const { files, links } = fakeProcesses([{ pid: 900, command: "curl example.test", uid: 1000, inode: 7001 }]);
    const table = procNet(procNetLine("127.0.0.1", 40_025, 7001, { state: "01", uid: 1000 }));
    const system = fakeSystem({ files: { ...files, "/proc/net/tcp": table }, links: links ?? {} });
    const { reason } = await diagnose(smtpAt("127.0.0.1", 40_025), inUse, system);
    expect(reason).toMatch(
      /: curl example\.test \(pid 900, user 1000\) uses the number for a connection of its own\.$/,
    );
  });

  it("held on one address is no reason to give up the others", async () => {
    const system = machineWith({ pid: 900, command: "node x.js", uid: 1000 });
    const { reason, remedies } = await diagnose(smtpAt("0.0.0.0", 10_025), inUse, system);
    expect(reason).toMatch(/: node x\.js \(pid 900, user alice\) already has 127\.0\.0\.1:10025, which overlaps\.$/);
    expect(remedies[0]).toBe("portwright up --host localhost");
  });

  it("is not blamed on somebody with the same number elsewhere", async () => {
    const system = machineWith({ pid: 900, command: "node x.js" }, { host: "192.0.2.1" });
    expect((await diagnose(smtpAt("127.0.0.1", 10_025), inUse, system)).owner).toBeUndefined();
    expect((await diagnose(smtpAt("::", 10_025), inUse, system)).owner).toBeUndefined();
  });

  it("offers an offset under which nobody holds the port", async () => {
    const system = machineWith({ pid: 900, command: "node x.js" }, { port: 20_025 });
    const { remedies } = await diagnose(smtpAt("127.0.0.1", 10_025), inUse, system);
    expect(remedies).toContain("portwright up --ports offset:30000");
  });

  it("of a named instance is moved by that name", async () => {
    const system = machineWith({ pid: 900, command: "node x.js" });
    const { remedies } = await diagnose({ ...smtpAt("127.0.0.1", 10_025), name: "mx2" }, inUse, system);
    expect(remedies[0]).toMatch(/^portwright up mx2=smtp:\d+$/);
  });
});

describe("systemd-resolved on 53", () => {
  const dns = (host: string): Binding => ({
    name: "dns",
    service: "dns",
    wellKnown: 53,
    transport: "udp",
    host,
    port: 53,
  });

  it.each<[string, FakeProcess, FakeMachine]>([
    ["by its command", { pid: 600, command: "/lib/systemd/systemd-resolved", uid: 991 }, { uid: 0, user: "root" }],
    ["by its user where the process is hidden", { pid: 600, command: "x", uid: 991 }, { links: {} }],
  ])("is recognised %s, and shown around", async (_, owner, machine) => {
    const base = machineWith(owner, { host: "127.0.0.53", port: 53, udp: true }, machine);
    const system = machine.links === undefined ? base : { ...base, readLink: () => undefined };
    const { reason, remedies } = await diagnose(dns("0.0.0.0"), inUse, system);
    expect(reason).toContain("systemd-resolved, the system's local name server, has 127.0.0.53:53, which overlaps");
    expect(remedies[0]).toBe("portwright up --host localhost");
    expect(remedies.slice(-3)).toEqual([
      'sudo mkdir -p /etc/systemd/resolved.conf.d && printf "[Resolve]\\nDNSStubListener=no\\n" | sudo tee /etc/systemd/resolved.conf.d/no-stub.conf',
      "sudo ln -sf /run/systemd/resolve/resolv.conf /etc/resolv.conf",
      "sudo systemctl restart systemd-resolved",
    ]);
  });

  it("is not in the way of 127.0.0.1", async () => {
    const system = machineWith(
      { pid: 600, command: "/lib/systemd/systemd-resolved" },
      { host: "127.0.0.53", port: 53, udp: true },
    );
    expect((await diagnose(dns("127.0.0.1"), inUse, system)).owner).toBeUndefined();
  });
});

describe("a forbidden port", () => {
  const status = { "/proc/self/status": "CapEff:\t0000000000000000\n" };

  it("that is taken besides says that too", async () => {
    const system = machineWith({ pid: 900, command: "/usr/sbin/master" }, { port: 25 }, { files: status });
    const { reason, owner } = await diagnose(smtpAt("127.0.0.1", 25), denied, system);
    expect(reason).toMatch(
      /which this process of user alice lacks; besides, \/usr\/sbin\/master \(pid 900, user root\) already has it\.$/,
    );
    expect(owner?.pid).toBe(900);
  });

  it.each<[string, FakeMachine, readonly string[]]>([
    [
      "on Linux",
      { files: status, execPath: "/opt/my node/bin/node" },
      [
        "sudo sysctl net.ipv4.ip_unprivileged_port_start=25",
        "sudo setcap cap_net_bind_service=+ep '/opt/my node/bin/node'",
        `sudo '/opt/my node/bin/node' "$(command -v portwright)" up --user alice`,
      ],
    ],
    [
      "to root without the capability",
      { files: status, uid: 0, user: "root" },
      ["sudo sysctl net.ipv4.ip_unprivileged_port_start=25"],
    ],
    [
      "on macOS",
      { platform: "darwin" },
      [
        "portwright up --host 0.0.0.0 --expose --allow 127.0.0.0/8",
        'sudo /usr/bin/node "$(command -v portwright)" up --user alice',
      ],
    ],
    ["on FreeBSD", { platform: "freebsd" }, ['sudo /usr/bin/node "$(command -v portwright)" up --user alice']],
    ["on Windows", { platform: "win32", uid: undefined }, ["netsh interface ipv4 show excludedportrange protocol=tcp"]],
  ])("%s is had so", async (_, machine, commands) => {
    const { code, remedies } = await diagnose(smtpAt("127.0.0.1", 25), denied, fakeSystem(machine));
    expect(code).toBe("PORT_FORBIDDEN");
    expect(remedies.slice(2)).toEqual(commands);
    expect(remedies.slice(0, 2)).toEqual([
      expect.stringMatching(/^portwright up --ports offset:\d+$/),
      expect.stringMatching(/^portwright up smtp:\d+$/),
    ]);
  });

  it("that needs no privilege is a matter of policy", async () => {
    const { reason } = await diagnose(smtpAt("127.0.0.1", 10_025), denied, fakeSystem({ files: status }));
    expect(reason).toMatch(
      /ports from 1024 up need no privilege here, yet the system refuses \(permission denied\): a sandbox/,
    );
  });
});

describe("an absent address", () => {
  it.each(["EADDRNOTAVAIL", "EAFNOSUPPORT"])("of IPv6 where that is off says so (%s)", async (code) => {
    const system = fakeSystem({ addresses: ["127.0.0.1"] });
    const { reason } = await diagnose(smtpAt("::1", 10_025), { code, message: "no" }, system);
    expect(reason).toBe("smtp cannot listen on [::1]:10025 (tcp): IPv6 is switched off on this machine.");
  });
});
