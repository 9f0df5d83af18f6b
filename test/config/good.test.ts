import { describe, expect, it } from "vitest";
import { DEFAULTS } from "../../src/config/check-config.ts";
import { Harness } from "../../src/index.ts";
import { loopbackHosts, wildcardHosts } from "../../src/ports/addresses.ts";
import { toUtf8 } from "../../src/wire/bytes.ts";
import { check, registry } from "./fixture.ts";

describe("a document", () => {
  it("that says nothing is every service, on ephemeral ports of both loopbacks, with the default limits", () => {
    const settings = check({});
    expect(settings.instances.map(({ name }) => name)).toEqual(Object.keys(registry));
    expect(settings).toMatchObject({
      ports: { type: "ephemeral" },
      hosts: loopbackHosts(),
      allow: [],
      seed: 1,
      graceMs: 500,
      limits: DEFAULTS.limits,
      fixtures: { domain: "example.test" },
    });
  });

  it.each<[object, object]>([
    [{ services: ["dns", "smtp"] }, { instances: [{ name: "dns" }, { name: "smtp" }] }],
    [
      { services: { smtp: true, mx2: { service: "smtp", port: 2526, banner: "two" } } },
      {
        instances: [
          { name: "smtp", options: { banner: "ESMTP Portwright" } },
          { name: "mx2", port: 2526, service: { name: "smtp" }, options: { banner: "two" } },
        ],
      },
    ],
    [{ ports: "offset:20000" }, { ports: { type: "offset", by: 20_000 } }],
    [{ host: "::1" }, { hosts: ["::1"] }],
    [{ host: ["127.0.0.2", "localhost"] }, { hosts: ["127.0.0.2", ...loopbackHosts()] }],
    [{ expose: true }, { hosts: wildcardHosts() }],
    [{ host: "192.0.2.1", expose: true }, { hosts: ["192.0.2.1"] }],
    [{ allow: ["10.0.0.0/8", "::1"] }, { allow: ["10.0.0.0/8", "::1"] }],
    [
      { seed: 0, graceMs: 0 },
      { seed: 0, graceMs: 0 },
    ],
    [{ channelPorts: "50000-50100" }, { channelPorts: { from: 50_000, to: 50_100 } }],
    [{ limits: { maxSessions: 5 } }, { limits: { ...DEFAULTS.limits, maxSessions: 5 } }],
    [{ limits: { maxSessions: undefined } }, { limits: DEFAULTS.limits }],
    [{ $schema: "./portwright.schema.json", user: "nobody" }, { user: "nobody" }],
  ])("%j means what it says", (document, settings) => {
    expect(check(document)).toMatchObject(settings);
  });

  it("adds files, zones, people and quotes to the world", () => {
    const { world } = new Harness(
      check({
        world: {
          accounts: [{ name: "carol", password: "secret" }],
          files: { "/new/file.txt": "content", "/readme.txt": "another" },
          zones: {
            "other.test": "@ SOA ns hostmaster 1 1h 15m 4w 5m\n@ NS ns\n",
            "short.test": { www: "192.0.2.10", "@": ["MX 10 mail", "2001:db8::1"] },
          },
          quotes: ["To err is human."],
        },
      }),
    );
    expect(world.accounts.authenticate("carol", "secret")).toMatchObject({ name: "carol", fullName: "carol" });
    expect(world.accounts.find("alice")).toBeUndefined();
    expect(toUtf8(world.tree.read("/new/file.txt") ?? new Uint8Array())).toBe("content");
    expect(toUtf8(world.tree.read("/readme.txt") ?? new Uint8Array())).toBe("another");
    const text = world.zones.all.find(({ origin }) => origin === "short.test.")?.text;
    expect(text).toContain("www A 192.0.2.10\n@ MX 10 mail\n@ AAAA 2001:db8::1\n");
    expect(text).toMatch(/^\$TTL 300\n@ SOA /);
    expect(world.quotes).toEqual(["To err is human."]);
  });

  it("moves the whole world to another domain", () => {
    const { world } = new Harness(check({ world: { domain: "corp.example" } }));
    expect(world.domain).toBe("corp.example");
    expect(world.zones.all.map(({ origin }) => origin)).toContain("corp.example.");
    expect(world.zones.all.map(({ text }) => text).join("\n")).not.toContain("example.test");
    expect(world.mailbox("alice@corp.example").texts[0]).not.toContain("example.test");
  });
});
