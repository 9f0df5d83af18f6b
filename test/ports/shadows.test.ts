import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { loopbackHosts } from "../../src/ports/addresses.ts";
import type { Binding } from "../../src/ports/diagnose.ts";
import { findShadows } from "../../src/ports/shadows.ts";
import { type FakeMachine, fakeSystem, procNet, procNetLine } from "./fake-system.ts";
import { type HeldSpec, hold, isLinux } from "./holder.ts";

function at(host: string, port: number, transport: "tcp" | "udp" = "tcp"): Binding {
  return { name: "smtp", service: "smtp", wellKnown: 25, transport, host, port };
}

/** Listens in this process while `during` looks. */
async function listening<T>(spec: HeldSpec & { port: number }, during: () => Promise<T>): Promise<T> {
  const { transport, host, port, ipv6Only = host.includes(":"), reuseAddr = false } = spec;
  const socket =
    transport === "tcp"
      ? createServer().listen({ host, port, ipv6Only, exclusive: true })
      : createSocket({ type: ipv6Only ? "udp6" : "udp4", ipv6Only, reuseAddr }).bind({
          address: host,
          port,
          exclusive: true,
        });
  await once(socket, "listening");
  try {
    return await during();
  } finally {
    await new Promise<void>((closed) => socket.close(() => closed()));
  }
}

describe.runIf(loopbackHosts().includes("::1"))("on this machine", () => {
  it.each([
    ["::1", "127.0.0.1", "tcp"],
    ["127.0.0.1", "::1", "tcp"],
    ["::1", "0.0.0.0", "tcp"],
    ["::1", "127.0.0.1", "udp"],
  ] as const)("who has %s shadows %s for clients of localhost (%s)", async (theirs, ours, transport) => {
    await using holder = await hold({ transport, host: theirs });
    const { port } = holder;
    const shadows = await listening({ transport, host: ours, port }, () => findShadows([at(ours, port, transport)]));
    expect(shadows).toMatchObject([
      { code: "PORT_SHADOWED", kind: "localhost", reached: "us", owner: { pid: holder.pid, address: theirs, port } },
    ]);
    expect(shadows[0]?.reason).toMatch(
      /^smtp listens on .*, and .*\(pid \d+, user .*: a client that asks for localhost may reach either\.$/,
    );
    expect(shadows[0]?.remedies).toEqual(["portwright up smtp:0", expect.stringContaining(String(holder.pid))]);
  });

  it("nobody shadows who has both loopbacks", async () => {
    const holder = await hold({ transport: "tcp", host: "127.0.0.1" });
    await holder[Symbol.asyncDispose]();
    const { port } = holder;
    const bindings = [at("127.0.0.1", port), at("::1", port)];
    const shadows = await listening({ transport: "tcp", host: "127.0.0.1", port }, () =>
      listening({ transport: "tcp", host: "::1", port }, () => findShadows(bindings)),
    );
    expect(shadows).toEqual([]);
  });
});

describe.runIf(isLinux)("over UDP on Linux, where both sockets ask for it (SO_REUSEADDR)", () => {
  it.each([
    ["127.0.0.1", "0.0.0.0", "narrower", "them"],
    ["0.0.0.0", "127.0.0.1", "wider", "us"],
    ["127.0.0.1", "127.0.0.1", "same", "either"],
  ] as const)("theirs on %s beside ours on %s is %s, and %s are reached", async (theirs, ours, kind, reached) => {
    await using holder = await hold({ transport: "udp", host: theirs, reuseAddr: true });
    const { port } = holder;
    const shadows = await listening({ transport: "udp", host: ours, port, reuseAddr: true }, () =>
      findShadows([at(ours, port, "udp")]),
    );
    expect(shadows).toMatchObject([{ kind, reached, owner: { pid: holder.pid, address: theirs } }]);
  });

  it.each([
    ["0.0.0.0", "127.0.0.1", "ours"],
    ["127.0.0.1", "0.0.0.0", "theirs"],
  ])("a datagram reaches the narrower socket: ours on %s, theirs on %s, %s", async (ours, theirs, reached) => {
    const [mine, other, sender] = [0, 1, 2].map(() => createSocket({ type: "udp4", reuseAddr: true }));
    if (!mine || !other || !sender) throw new Error("three sockets were made");
    mine.bind({ address: ours, port: 0, exclusive: true });
    await once(mine, "listening");
    const { port } = mine.address();
    other.bind({ address: theirs, port, exclusive: true });
    await once(other, "listening");
    const winner = reached === "ours" ? other : mine;
    const arrival = once(winner, "message");
    sender.send("x", port, "127.0.0.1");
    await arrival;
    for (const socket of [mine, other, sender]) socket.close();
  });
});

describe("on macOS and Windows, where a narrower socket may be bound beside a wider one", () => {
  const lsof = (lines: string) => ({ "lsof +c0 -nPw -iTCP -sTCP:LISTEN -iUDP -FpcLPnt": lines });
  const theirs = (name: string, family = "IPv4") => lsof(`p501\ncpython\nLbob\nf3\nt${family}\nPTCP\nn${name}:25\n`);

  it.each<[string, string, FakeMachine["runs"], string, string, string]>([
    ["one of all", "0.0.0.0", theirs("127.0.0.1"), "narrower", "them", "clients of 127.0.0.1 reach that process"],
    [
      "all beside one",
      "127.0.0.1",
      theirs("*"),
      "wider",
      "us",
      "clients of this machine's other addresses reach that process",
    ],
    ["all of both families", "127.0.0.1", theirs("*", "IPv6"), "localhost", "us", "may reach either"],
    [
      "one of all in IPv6",
      "::",
      theirs("[fe80::1%lo0]", "IPv6"),
      "narrower",
      "them",
      "clients of fe80::1 reach that process",
    ],
    ["the same", "127.0.0.1", theirs("127.0.0.1"), "same", "either", "the system gives a client to either"],
  ])("%s", async (_, ours, runs, kind, reached, consequence) => {
    const system = fakeSystem({ platform: "darwin", ...(runs ? { runs } : {}) });
    const shadows = await findShadows([at(ours, 25)], system);
    expect(shadows).toMatchObject([{ kind, reached, owner: { pid: 501, command: "python", user: "bob" } }]);
    expect(shadows[0]?.reason).toContain(consequence);
    expect(shadows[0]?.remedies).toEqual(["portwright up smtp:0", "sudo kill 501"]);
  });

  it.each<[string, string, FakeMachine["runs"]]>([
    ["another address", "127.0.0.1", theirs("192.0.2.1")],
    ["a loopback address that is not localhost", "127.0.0.1", theirs("127.0.0.9")],
    ["the other family, for who is not on loopback", "192.0.2.1", theirs("[::1]", "IPv6")],
    ["our own process", "127.0.0.1", lsof("p99999\ncnode\nf3\ntIPv4\nPTCP\nn127.0.0.1:25\n")],
    ["another transport", "127.0.0.1", lsof("p501\ncx\nf3\ntIPv4\nPUDP\nn127.0.0.1:25\n")],
    ["another number", "127.0.0.1", lsof("p501\ncx\nf3\ntIPv4\nPTCP\nn127.0.0.1:26\n")],
    ["a machine without lsof", "127.0.0.1", {}],
  ])("%s is no shadow", async (_, ours, runs) => {
    expect(await findShadows([at(ours, 25)], fakeSystem({ platform: "darwin", ...(runs ? { runs } : {}) }))).toEqual(
      [],
    );
  });
});

describe("on Linux as /proc tells it", () => {
  it("an IPv6 wildcard beside ours is IPv6 only, and shadows localhost alone", async () => {
    const tcp6 = `0: 00000000000000000000000000000000:0019 0:0 0A 0:0 00:0 0 0 0 8001 1 0`;
    const ours = { "/proc/self/fd/5": "socket:[7001]" };
    const system = fakeSystem({
      files: { "/proc/net/tcp": procNet(procNetLine("127.0.0.1", 25, 7001)), "/proc/net/tcp6": procNet(tcp6) },
      links: ours,
    });
    expect(await findShadows([at("127.0.0.1", 25)], system)).toMatchObject([{ kind: "localhost" }]);
    expect(await findShadows([at("0.0.0.0", 25), at("::1", 25)], system)).toMatchObject([{ kind: "wider" }]);
  });
});
