import type { NameAddresses } from "../contract/world.ts";

/** RFC 2544: 198.18.0.0/15, of which the first and the last address are left out. */
const NETWORK = (198 << 24) | (18 << 16);
const HOSTS = 2 ** 17;
/** RFC 3849: `2001:db8::198.18.0.0` and what follows. */
const TWINS = "2001:db8::";
/** Half of what there is, so that free addresses are found soon. */
const MAX_NAMES = HOSTS / 2;

/** Addresses for names, by a hash of name and seed: the same names have the same addresses in another run. */
export class NameTable implements NameAddresses {
  readonly #seed: number;
  readonly #hosts = new Map<string, number>();
  readonly #names = new Map<number, string>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  of(name: string): { ipv4: string; ipv6: string } | undefined {
    const host = this.#hosts.get(name) ?? this.#take(name);
    if (host === undefined) return undefined;
    const address = NETWORK | host;
    const groups = [(address >>> 16).toString(16), (address & 0xffff).toString(16)];
    const ipv4 = [24, 16, 8, 0].map((bits) => (address >>> bits) & 0xff).join(".");
    return { ipv4, ipv6: TWINS + groups.join(":") };
  }

  nameOf(address: string): string | undefined {
    const host = hostOf(address.toLowerCase());
    return host === undefined ? undefined : this.#names.get(host);
  }

  clear(): void {
    this.#hosts.clear();
    this.#names.clear();
  }

  /** Of two names with one hash, the one that comes later has the next address. */
  #take(name: string): number | undefined {
    if (this.#hosts.size >= MAX_NAMES) return undefined;
    let host = hash(name, this.#seed) % HOSTS;
    while (host === 0 || host === HOSTS - 1 || this.#names.has(host)) host = (host + 1) % HOSTS;
    this.#hosts.set(name, host);
    this.#names.set(host, name);
    return host;
  }
}

/** FNV-1a, with 32 bits, and mixed once more: its low bits are not good enough by themselves. */
function hash(text: string, seed: number): number {
  let value = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

/** `198.18.1.2`, also as IPv6 sockets see it (`::ffff:198.18.1.2`), or `2001:db8::c612:102`. */
function hostOf(address: string): number | undefined {
  const [, ...octets] = /^(?:::ffff:|2001:db8::)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address) ?? [];
  const [, high, low] = /^2001:db8::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  const number =
    high !== undefined && low !== undefined
      ? (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16)
      : octets.reduce((all, octet) => (all << 8) | Number(octet), 0);
  return (number & ~(HOSTS - 1)) === NETWORK ? number & (HOSTS - 1) : undefined;
}
