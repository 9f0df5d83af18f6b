import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { type Owner, ownerText, whoHolds } from "../../src/ports/owners.ts";
import { thisSystem } from "../../src/ports/system.ts";
import { userName } from "../../src/ports/users.ts";
import { fakeProcesses, fakeSystem, procNet, procNetLine } from "./fake-system.ts";
import { hold, isLinux, isRoot, NOBODY } from "./holder.ts";

describe("who holds a port of this machine", () => {
  it.each([
    { transport: "tcp", host: "127.0.0.1" },
    { transport: "tcp", host: "0.0.0.0" },
    { transport: "udp", host: "127.0.0.1" },
    { transport: "udp", host: "0.0.0.0" },
  ] as const)("is found for another process of the same user: $transport on $host", async (spec) => {
    await using holder = await hold(spec);
    const { owners } = await whoHolds(holder.port, spec.transport);
    expect(owners).toHaveLength(1);
    expect(owners[0]).toMatchObject({
      pid: holder.pid,
      user: thisSystem.user,
      address: spec.host,
      port: holder.port,
      transport: spec.transport,
      state: "listening",
    });
    expect(owners[0]?.command).toMatch(isLinux ? /^\S*node\S* -e / : /node/);
  });

  it.runIf(isRoot && isLinux)("is found for another user's process", async () => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" }, NOBODY);
    const { owners } = await whoHolds(holder.port, "tcp");
    expect(owners).toMatchObject([{ pid: holder.pid, user: userName(NOBODY, thisSystem) }]);
  });

  it("is this process where it listens itself", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    expect((await whoHolds(port, "tcp")).owners).toMatchObject([{ pid: process.pid }]);
    server.close();
  });

  it.runIf(isLinux)("is the client whose connection uses the number, where nobody listens", async () => {
    const accepted: Socket[] = [];
    const server = createServer((socket) => accepted.push(socket)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = connect((server.address() as { port: number }).port, "127.0.0.1");
    await once(client, "connect");
    const { owners } = await whoHolds(client.localPort as number, "tcp");
    expect(owners).toMatchObject([{ pid: process.pid, state: "connected", address: "127.0.0.1" }]);
    client.destroy();
    for (const socket of accepted) socket.destroy();
    server.close();
  });

  it("is nobody where the port is free", async () => {
    const port = await hold({ transport: "tcp", host: "127.0.0.1" }).then(async (holder) => {
      await holder[Symbol.asyncDispose]();
      return holder.port;
    });
    expect(await whoHolds(port, "tcp")).toEqual({ owners: [] });
  });
});

const passwd = "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000:Alice:/home/alice:/bin/sh\nbroken line\n";

describe("who holds a port of a Linux machine as /proc tells it", () => {
  const tcp = procNet(procNetLine("127.0.0.1", 25, 7001), procNetLine("127.0.0.1", 80, 7002, { uid: 33 }));

  it("is the oldest process that has the socket open", async () => {
    const { files, links } = fakeProcesses([
      { pid: 1200, command: "/usr/sbin/worker", inode: 7001, uid: 1000 },
      { pid: 900, command: "/usr/sbin/master -d", inode: 7001 },
    ]);
    const system = fakeSystem({ files: { ...files, "/etc/passwd": passwd, "/proc/net/tcp": tcp }, links: links ?? {} });
    expect((await whoHolds(25, "tcp", system)).owners).toEqual([
      {
        pid: 900,
        command: "/usr/sbin/master -d",
        user: "root",
        address: "127.0.0.1",
        port: 25,
        transport: "tcp",
        state: "listening",
        inode: 7001,
      },
    ]);
  });

  it("is the user alone where the process is hidden, by number if it has no name", async () => {
    const system = fakeSystem({ files: { "/etc/passwd": passwd, "/proc/net/tcp": tcp } });
    const [root] = (await whoHolds(25, "tcp", system)).owners;
    const [other] = (await whoHolds(80, "tcp", system)).owners;
    expect([root?.user, root?.pid, other?.user]).toEqual(["root", undefined, "33"]);
  });

  it.each([
    ["cat\u001b[2J\u0007\nrm", "cat?[2J??rm"],
    ["café \u202egnp.exe", "café ?gnp.exe"],
    [`node ${"x".repeat(300)}`, `node ${"x".repeat(154)}…`],
  ])("shows no control that a command line may hold: %j", async (command, shown) => {
    const { files, links } = fakeProcesses([{ pid: 900, command, inode: 7001 }]);
    const system = fakeSystem({ files: { ...files, "/proc/net/tcp": tcp }, links: links ?? {} });
    expect((await whoHolds(25, "tcp", system)).owners[0]?.command).toBe(shown);
  });

  it("falls back to the process's name where it has no command line", async () => {
    const { files, links } = fakeProcesses([{ pid: 900, command: "x", inode: 7001 }]);
    const cleared = { ...files, "/proc/900/cmdline": "", "/proc/900/comm": "kworker\n" };
    const system = fakeSystem({ files: { ...cleared, "/proc/net/tcp": tcp }, links: links ?? {} });
    expect((await whoHolds(25, "tcp", system)).owners[0]?.command).toBe("kworker");
  });

  it("cannot be told where /proc is shut", async () => {
    expect(await whoHolds(25, "tcp", fakeSystem({}))).toEqual({ owners: [], noWay: "/proc/net cannot be read" });
  });
});

describe("who holds a port of another system", () => {
  it("is told by lsof on macOS", async () => {
    const system = fakeSystem({
      platform: "darwin",
      runs: {
        "lsof +c0 -nPw -iTCP -sTCP:LISTEN -iUDP -FpcLPnt":
          "p501\ncnode\nLalice\nf22\ntIPv4\nPTCP\nn127.0.0.1:8025\nf23\ntIPv6\nPTCP\nn[::1]:8025\n",
      },
    });
    expect((await whoHolds(8025, "tcp", system)).owners).toMatchObject([
      { pid: 501, command: "node", user: "alice", address: "127.0.0.1" },
      { pid: 501, command: "node", user: "alice", address: "::1" },
    ]);
  });

  it("is told by netstat and tasklist on Windows", async () => {
    const system = fakeSystem({
      platform: "win32",
      runs: {
        "netstat -ano": "  TCP    127.0.0.1:25           0.0.0.0:0              LISTENING       4711\r\n",
        "tasklist /FI PID eq 4711 /FO CSV /NH /V":
          '"node.exe","4711","Console","1","45,032 K","Running","LAB\\alice","0:00:01","N/A"\r\n',
      },
    });
    expect((await whoHolds(25, "tcp", system)).owners).toMatchObject([
      { pid: 4711, command: "node.exe", user: "LAB\\alice", address: "127.0.0.1" },
    ]);
  });

  it.each([
    ["darwin", "on darwin only lsof tells who holds a port, and it cannot be run"],
    ["freebsd", "on freebsd only lsof tells who holds a port, and it cannot be run"],
    ["win32", "netstat cannot be run"],
  ] as const)("cannot be told on %s without its tool, and that is said", async (platform, noWay) => {
    expect(await whoHolds(25, "tcp", fakeSystem({ platform }))).toEqual({ owners: [], noWay });
  });
});

describe("an owner in a sentence", () => {
  const at = { address: "127.0.0.1", port: 25, transport: "tcp", state: "listening" } as const;
  it.each<[string, Owner]>([
    ["node server.js (pid 4711, user alice)", { ...at, pid: 4711, command: "node server.js", user: "alice" }],
    ["node.exe (pid 4711)", { ...at, pid: 4711, command: "node.exe" }],
    ["a process (pid 4711)", { ...at, pid: 4711 }],
    ["a process of user root that cannot be seen from here", { ...at, user: "root" }],
    ["a process that the system does not name", at],
  ])("reads: %s", (text, owner) => {
    expect(ownerText(owner)).toBe(text);
  });
});
