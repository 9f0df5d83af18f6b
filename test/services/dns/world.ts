import * as v from "valibot";
import { loadFixtures } from "../../../fixtures/load.ts";
import { dns } from "../../../services/dns/index.ts";
import type { DnsOptions } from "../../../services/dns/options.ts";
import type { Context } from "../../../src/contract/service.ts";
import { MemoryWorld } from "../../../src/world/world.ts";

/** What the machine and the responder are made with, on the default world. */
export function contextOf(options: object = {}): Context<DnsOptions> & { readonly world: MemoryWorld } {
  return {
    options: v.parse(dns.options, options),
    world: new MemoryWorld(loadFixtures()),
    secure: false,
    hostname: "ns1.example.test",
    random: () => 0.5,
  };
}

export const PEER = { address: "127.0.0.1", port: 40_000 };

/** A query's octets, from the notation. */
export function query(text: string): Uint8Array {
  return dns.notation?.read(text) as Uint8Array;
}

/** A response in the notation. */
export function print(octets: Uint8Array | undefined): string {
  return octets ? (dns.notation?.write(octets) as string) : "(silence)";
}
