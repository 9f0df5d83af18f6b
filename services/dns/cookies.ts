import { concat, fromLatin1, toHex } from "../../src/wire/bytes.ts";
import { sipHash } from "../../src/wire/siphash.ts";
import { parseIpv4, parseIpv6 } from "./addresses.ts";
import { OctetReader, OctetWriter } from "./octets.ts";

/** RFC 7873 section 4: the client's part, and with the server's part. */
export const CLIENT_COOKIE_OCTETS = 8;
const MIN_SERVER_COOKIE_OCTETS = 8;
const MAX_SERVER_COOKIE_OCTETS = 32;
/** RFC 9018 section 4.1: version, three octets of zeros, the time, the hash. */
const VERSION = 1;
const SERVER_COOKIE_OCTETS = 16;
export const COOKIE_OCTETS = CLIENT_COOKIE_OCTETS + SERVER_COOKIE_OCTETS;
const SECRET_OCTETS = 16;
/** RFC 9018 section 4.3, in seconds: how old a cookie may be, how far ahead, and up to what age it need not be renewed. */
const MAX_AGE = 3600;
const MAX_AHEAD = 300;
const FRESH_AGE = 1800;

/** What a client's COOKIE option (RFC 7873) is answered with. */
export interface CookieAnswer {
  /** The whole option: the client's part as it came, and the server's. */
  readonly octets: Uint8Array;
  /** The client has shown a cookie of this server, made for its address. */
  readonly isGood: boolean;
}

/** Makes and knows the cookies of a server, as RFC 9018 has them. */
export class Cookies {
  readonly #secret: Uint8Array;

  /** `random` gives numbers in [0, 1). */
  constructor(random: () => number) {
    this.#secret = Uint8Array.from({ length: SECRET_OCTETS }, () => Math.floor(random() * 256));
  }

  /** `asked` is the client's option, of a length that there may be. */
  answer(asked: Uint8Array, address: string, nowMs: number): CookieAnswer {
    const client = asked.subarray(0, CLIENT_COOKIE_OCTETS);
    const now = Math.floor(nowMs / 1000);
    const shown = asked.length === COOKIE_OCTETS ? new OctetReader(asked, CLIENT_COOKIE_OCTETS) : undefined;
    const hasVersion = shown?.u32() === VERSION * 2 ** 24;
    const madeAt = shown?.u32() ?? 0;
    // RFC 1982: the time goes round in 2106.
    const age = (now - madeAt) | 0;
    const couldBe = shown !== undefined && hasVersion && age <= MAX_AGE && age >= -MAX_AHEAD;
    if (couldBe && toHex(this.#make(client, address, madeAt)) === toHex(asked)) {
      const octets = age < FRESH_AGE ? asked : this.#make(client, address, now);
      return { octets, isGood: true };
    }
    return { octets: this.#make(client, address, now), isGood: false };
  }

  #make(client: Uint8Array, address: string, at: number): Uint8Array {
    const out = new OctetWriter(COOKIE_OCTETS);
    out.bytes(client);
    out.u32(VERSION * 2 ** 24);
    out.u32(at >>> 0);
    const peer = fromLatin1(parseIpv4(address) ?? parseIpv6(address) ?? "");
    out.bytes(sipHash(this.#secret, concat([out.octets, peer])));
    return out.octets;
  }
}

/** RFC 7873 section 5.2.2: other lengths are malformed. */
export function isCookieLength(octets: number): boolean {
  const server = octets - CLIENT_COOKIE_OCTETS;
  return server === 0 || (server >= MIN_SERVER_COOKIE_OCTETS && server <= MAX_SERVER_COOKIE_OCTETS);
}
