import { Resolver } from "node:dns/promises";
import { describe, expect, it } from "vitest";
import { DnsResponder } from "../../../services/dns/responder.ts";
import type { Reachable } from "../../../src/contract/service.ts";
import { start } from "../../../src/index.ts";
import { contextOf, PEER, print, query } from "./world.ts";

const at = (service: string, host: string, port: number, transport: "tcp" | "udp" = "tcp", address = "127.0.0.1") => ({
  service,
  transport,
  hostname: `${host}.example.test`,
  address,
  port,
});

function asker(endpoints: () => readonly Reachable[], zone?: string) {
  const context = { ...contextOf({ services: true }), endpoints };
  if (zone !== undefined) context.world.zones.set("example.test", zone);
  const responder = new DnsResponder(context);
  const ask = (text: string) =>
    print(responder.respond(query(text), PEER, 0)).match(/(?<=^answer \S+ \d+ IN ).*/gm) ?? [];
  return { ask, world: context.world };
}

describe("where the services are", () => {
  it("is in the zone with the ports they have, in place of others", async () => {
    await using harness = await start({ services: { smtp: {}, http: {}, dns: { services: true } }, host: "127.0.0.1" });
    const resolver = new Resolver();
    resolver.setServers([`127.0.0.1:${harness.endpoint("dns").port}`]);
    const found = async (name: string) =>
      (await resolver.resolveSrv(`${name}.example.test`)).map(({ name, port }) => [name, port]);
    expect(await found("_smtp._tcp")).toEqual([["mail.example.test", harness.endpoint("smtp").port]]);
    expect(await found("_submission._tcp")).toEqual([["mail.example.test", harness.endpoint("smtp").port]]);
    expect(await found("_http._tcp")).toEqual([["web.example.test", harness.endpoint("http").port]]);
    expect(await found("_domain._udp")).toEqual([["ns1.example.test", harness.endpoint("dns").port]]);
    expect(await found("_ssh._tcp")).toEqual([["ssh.example.test", 22]]);
    harness.reset();
    expect(await found("_smtp._tcp")).toEqual([["mail.example.test", harness.endpoint("smtp").port]]);
  });

  it("is as the zone has it where nobody asks for more", async () => {
    const { ask } = asker(() => [], undefined);
    expect(ask("_smtp._tcp.example.test SRV")).toEqual(["SRV 0 0 25 mail.example.test."]);
  });

  it("is known once all are bound, and changed then", () => {
    let reachable: readonly Reachable[] = [];
    const { ask } = asker(() => reachable);
    expect(ask("_smtp._tcp.example.test SRV")).toEqual(["SRV 0 0 25 mail.example.test."]);
    reachable = [at("smtp", "mail", 10_025)];
    expect(ask("_imap._tcp.example.test SRV")).toEqual([]);
    expect(ask("_smtp._tcp.example.test SRV")).toEqual(["SRV 0 0 10025 mail.example.test."]);
    expect(ask("example.test MX")).toEqual(["MX 10 mail.example.test.", "MX 20 backup.mail.example.test."]);
    expect(ask("mail.example.test A")).toEqual(["A 127.0.0.1"]);
  });

  it("comes with an exchange and addresses that the zone lacks", () => {
    const { ask } = asker(
      () => [
        at("smtp", "mail", 25),
        at("smtp", "mail", 25, "tcp", "::1"),
        at("smtp", "mail", 2525),
        at("dot", "ns1", 853),
      ],
      '@ 60 SOA ns1 hostmaster 1 1h 15m 4w 5m\nns1 60 TXT "no address"\n',
    );
    expect(ask("_smtp._tcp.example.test SRV")).toEqual([
      "SRV 0 0 25 mail.example.test.",
      "SRV 0 0 2525 mail.example.test.",
    ]);
    expect(ask("example.test MX")).toEqual(["MX 10 mail.example.test."]);
    expect([...ask("mail.example.test A"), ...ask("mail.example.test AAAA")]).toEqual(["A 127.0.0.1", "AAAA ::1"]);
    expect(ask("_domain-s._tcp.example.test SRV")).toEqual(["SRV 0 0 853 ns1.example.test."]);
    expect(ask("ns1.example.test A")).toEqual([]);
  });

  it("is not in a zone that cannot be read, nor in one that was put there later", () => {
    const { ask, world } = asker(() => [at("smtp", "mail", 25)], "@ 60 SOA nonsense");
    expect(ask("_smtp._tcp.example.test SRV")).toEqual([]);
    world.zones.set("example.test", "@ 60 SOA ns1 hostmaster 1 1h 15m 4w 5m\n");
    expect(ask("_smtp._tcp.example.test SRV")).toEqual([]);
  });
});
