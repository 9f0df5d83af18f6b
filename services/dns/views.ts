import type { Zone } from "../../src/contract/world.ts";
import { parseIpv4, parseIpv6 } from "./addresses.ts";

/** Zones that are other ones for some clients. */
export interface View {
  /** Of these clients: addresses and networks. */
  readonly peers: readonly string[];
  readonly zones: readonly Zone[];
}

/** How many addresses it is remembered of which view they have. */
const MAX_REMEMBERED = 10_000;

/** Which view a client has: the first that names it. */
export class Views {
  readonly #views: readonly ((octets: string) => boolean)[];
  readonly #known = new Map<string, number>();

  constructor(views: readonly Pick<View, "peers">[]) {
    this.#views = views.map(({ peers }) => {
      const networks = peers.map((peer) => networkOf(peer) as Network);
      return (octets) => networks.some((network) => isWithin(octets, network));
    });
  }

  /** The number of its view, or -1. */
  of(address: string): number {
    if (this.#views.length === 0) return -1;
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const octets = octetsOf(address);
    const view = octets === undefined ? -1 : this.#views.findIndex((holds) => holds(octets));
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    this.#known.set(address, view);
    return view;
  }
}

interface Network {
  readonly octets: string;
  readonly bits: number;
}

/** Whether it is an address, or a network such as `10.0.0.0/8` (RFC 4632 section 3.1). */
export function isNetwork(text: string): boolean {
  return networkOf(text) !== undefined;
}

function networkOf(text: string): Network | undefined {
  const [, address = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const octets = octetsOf(address);
  if (octets === undefined) return undefined;
  const bits = length === undefined ? octets.length * 8 : Number(length);
  return bits <= octets.length * 8 ? { octets, bits } : undefined;
}

/** IPv4 also as IPv6 sockets see it (RFC 4291 section 2.5.5.2). */
function octetsOf(address: string): string | undefined {
  return parseIpv4(address.replace(/^::ffff:(?=\d+\.)/i, "")) ?? parseIpv6(address);
}

function isWithin(octets: string, network: Network): boolean {
  if (octets.length !== network.octets.length) return false;
  const whole = network.bits >> 3;
  if (!octets.startsWith(network.octets.slice(0, whole))) return false;
  const mask = (0xff00 >> (network.bits & 7)) & 0xff;
  return ((octets.charCodeAt(whole) ^ network.octets.charCodeAt(whole)) & mask) === 0;
}
