import { describe, expect, it } from "vitest";
import { loopbackHosts } from "../../src/ports/addresses.ts";
import { trialBind } from "../../src/ports/trial-bind.ts";
import { type HeldSpec, hold, isLinux } from "./holder.ts";

const has6 = loopbackHosts().includes("::1");

/**
 * What Node lets us bind beside somebody else's socket with the same number, on Linux. Our own sockets are exclusive, and
 * IPv6 only. The two transports agree: SO_REUSEADDR, which Node sets for TCP, lets nobody past a socket that listens.
 */
const FACTS: readonly [theirs: Omit<HeldSpec, "transport">, ours: string, outcome: "bound" | "EADDRINUSE"][] = [
  [{ host: "127.0.0.1" }, "127.0.0.1", "EADDRINUSE"],
  [{ host: "127.0.0.1" }, "127.0.0.2", "bound"],
  [{ host: "127.0.0.1" }, "0.0.0.0", "EADDRINUSE"],
  [{ host: "0.0.0.0" }, "127.0.0.1", "EADDRINUSE"],
  [{ host: "0.0.0.0" }, "0.0.0.0", "EADDRINUSE"],
];

const FACTS_6: typeof FACTS = [
  // The two loopbacks have nothing to do with each other: who binds one is shadowed by who has the other.
  [{ host: "127.0.0.1" }, "::1", "bound"],
  [{ host: "::1" }, "127.0.0.1", "bound"],
  [{ host: "::1" }, "0.0.0.0", "bound"],
  [{ host: "0.0.0.0" }, "::1", "bound"],
  [{ host: "0.0.0.0" }, "::", "bound"],
  [{ host: "::1" }, "::1", "EADDRINUSE"],
  [{ host: "::1" }, "::", "EADDRINUSE"],
  // Dual-stack, `::` is in the way of both families; IPv6 only, of its own.
  [{ host: "::" }, "::1", "EADDRINUSE"],
  [{ host: "::" }, "127.0.0.1", "EADDRINUSE"],
  [{ host: "::" }, "0.0.0.0", "EADDRINUSE"],
  [{ host: "::", ipv6Only: true }, "127.0.0.1", "bound"],
  [{ host: "::", ipv6Only: true }, "0.0.0.0", "bound"],
  [{ host: "::", ipv6Only: true }, "::1", "EADDRINUSE"],
];

describe.runIf(isLinux)("beside another process's socket on Linux", () => {
  describe.each(["tcp", "udp"] as const)("over %s", (transport) => {
    it.each(has6 ? [...FACTS, ...FACTS_6] : FACTS)("%j: ours on %s is %s", async (theirs, ours, outcome) => {
      await using holder = await hold({ ...theirs, transport });
      const error = await trialBind(ours, holder.port, transport);
      expect(error?.code ?? "bound").toBe(outcome);
    });
  });

  it("a UDP socket that others may share is not shared by one that asks for its own", async () => {
    await using holder = await hold({ transport: "udp", host: "127.0.0.1", reuseAddr: true });
    expect((await trialBind("127.0.0.1", holder.port, "udp"))?.code).toBe("EADDRINUSE");
    expect((await trialBind("0.0.0.0", holder.port, "udp"))?.code).toBe("EADDRINUSE");
  });

  it("TCP and UDP have numbers of their own", async () => {
    await using holder = await hold({ transport: "tcp", host: "127.0.0.1" });
    expect(await trialBind("127.0.0.1", holder.port, "udp")).toBeUndefined();
  });
});

describe("binding an address that is not this machine's", () => {
  // RFC 5737: 192.0.2.0/24 is for documentation; this one is nobody's.
  it.each(["tcp", "udp"] as const)("fails with EADDRNOTAVAIL over %s", async (transport) => {
    expect((await trialBind("198.51.100.7", 0, transport))?.code).toBe("EADDRNOTAVAIL");
  });
});
