import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loopbackHosts } from "../../src/ports/addresses.ts";
import { portsReport, whoReport } from "../../src/ports/report.ts";
import { thisSystem } from "../../src/ports/system.ts";
import { fakeSystem, procNet, procNetLine } from "./fake-system.ts";
import { hold, isLinux, isRoot, NOBODY } from "./holder.ts";
import { type OtherProcess, otherProcess } from "./other-process.ts";

const hasLsof = (await thisSystem.run("lsof", ["-v"])) !== undefined;

const smtp = { name: "smtp", service: "smtp", wellKnown: 25, why: "Asked for.", transports: ["tcp"] as const };
const dns = { name: "dns", service: "dns", wellKnown: 53, why: "Asked for.", transports: ["tcp", "udp"] as const };

const has6 = loopbackHosts().includes("::1");

describe("what would become of a plan", () => {
  let other: OtherProcess;
  beforeAll(async () => {
    other = await otherProcess();
  });
  afterAll(() => other[Symbol.dispose]());

  it("is told for each transport and host", async () => {
    const report = await portsReport([{ ...dns, port: 0 }], ["127.0.0.1", "::1"]);
    expect(report.map(({ transport, host, status }) => `${transport} ${host} ${status}`)).toEqual([
      "tcp 127.0.0.1 chosen-later",
      "tcp ::1 chosen-later",
      "udp 127.0.0.1 chosen-later",
      "udp ::1 chosen-later",
    ]);
  });

  it("names the holder of a taken port, and leaves the other transport free", async () => {
    await using holder = await hold({ transport: "udp", host: "127.0.0.1" });
    const [tcp, udp] = await portsReport([{ ...dns, port: holder.port }], ["127.0.0.1"]);
    expect(tcp).toEqual({
      name: "dns",
      service: "dns",
      wellKnown: 53,
      port: holder.port,
      transport: "tcp",
      host: "127.0.0.1",
      why: "Asked for.",
      status: "free",
    });
    expect(udp).toMatchObject({ status: "taken", code: "PORT_TAKEN", owner: { pid: holder.pid }, transport: "udp" });
    expect(udp?.remedies).toContain(`kill ${holder.pid}`);
  });

  it.runIf(isLinux && has6)("is not spoiled by an IPv6-only wildcard of somebody else", async () => {
    await using holder = await hold({ transport: "tcp", host: "::", ipv6Only: true });
    const report = await portsReport([{ ...smtp, port: holder.port }], ["127.0.0.1", "::1"]);
    expect(report.map(({ status }) => status)).toEqual(["free", "taken"]);
  });

  it.runIf(isLinux && has6)("is spoiled by a dual-stack one", async () => {
    await using holder = await hold({ transport: "tcp", host: "::" });
    const report = await portsReport([{ ...smtp, port: holder.port }], ["127.0.0.1", "::1"]);
    expect(report.map(({ status, owner }) => [status, owner?.pid])).toEqual([
      ["taken", holder.pid],
      ["taken", holder.pid],
    ]);
  });

  it("is absent where the address is", async () => {
    const [report] = await portsReport([{ ...smtp, port: 10_025 }], ["198.51.100.7"]);
    expect(report).toMatchObject({ status: "absent", code: "ADDRESS_ABSENT" });
  });

  it.runIf(isRoot && isLinux)("is forbidden to nobody below 1024", async () => {
    const [report] = await other.ask("portsReport", NOBODY, [{ ...smtp, port: 1 }], ["127.0.0.1"]);
    expect(report).toMatchObject({ status: "forbidden", code: "PORT_FORBIDDEN" });
  });

  it("is tried where the system has no tables", async () => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" });
    const blind = { ...thisSystem, platform: "sunos", run: async () => undefined } as const;
    const [taken] = await portsReport([{ ...smtp, port: holder.port }], ["127.0.0.1"], blind);
    expect(taken).toMatchObject({
      status: "taken",
      reason: expect.stringContaining("on sunos only lsof tells who holds a port"),
    });
    await holder[Symbol.asyncDispose]();
    const [free] = await portsReport([{ ...smtp, port: holder.port }], ["127.0.0.1"], blind);
    expect(free?.status).toBe("free");
  });

  it("binds nothing where the tables tell", async () => {
    const files = { "/proc/net/tcp": procNet(procNetLine("127.0.0.1", 10_025, 7001)), "/proc/net/udp": procNet() };
    const report = await portsReport([{ ...smtp, port: 10_025 }], ["127.0.0.1", "::1"], fakeSystem({ files }));
    expect(report.map(({ status }) => status)).toEqual(["taken", "free"]);
  });
});

describe("who holds a port", () => {
  it("is asked for both transports, or one", async () => {
    await using holder = await hold({ transport: "udp", host: "127.0.0.1" });
    const [tcp, udp] = await whoReport(String(holder.port));
    expect(tcp).toEqual({ port: holder.port, transport: "tcp", owners: [] });
    expect(udp).toMatchObject({ port: holder.port, transport: "udp", owners: [{ pid: holder.pid }] });
    expect(await whoReport(`${holder.port}/udp`)).toHaveLength(1);
    expect(await whoReport(`${holder.port}/TCP`)).toEqual([tcp]);
  });

  it.each(["", "0", "65536", "25/sctp", "smtp", "-1", "25.5", "1e3"])("is not asked by %j", async (text) => {
    await expect(whoReport(text)).rejects.toThrow(`who: "${text}" is not a port such as 25, 53/udp or 443/tcp`);
  });

  it.runIf(isLinux && hasLsof)("is told by a real lsof as it is on macOS", async () => {
    const system = { ...thisSystem, platform: "darwin" } as const;
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" });
    const [report] = await whoReport(`${holder.port}/tcp`, system);
    expect(report?.owners).toMatchObject([{ pid: holder.pid, user: thisSystem.user, address: "127.0.0.1" }]);
  });
});
