import { concat, EMPTY, fromUtf8 } from "../../src/wire/bytes.ts";
import type { Asker } from "./asker.ts";
import { type Cookies, isCookieLength } from "./cookies.ts";
import { CLIENT_SUBNET, COOKIE, EXTENDED_ERROR, NSID, PADDING, TCP_KEEPALIVE } from "./edns-options.ts";
import type { Edns, EdnsOption } from "./message.ts";
import type { DnsOptions } from "./options.ts";
import type { Outcome } from "./response.ts";

/** RFC 6891 section 6.1.3. */
export const EDNS_VERSION = 0;
/** RFC 8914 section 4.25: the zone that should answer has no valid data. */
const INVALID_DATA = 24;
const MAX_EXTRA_TEXT_OCTETS = 200;
/** RFC 7828 section 3.1: a timeout counts tenths of a second, in 16 bits. */
const KEEPALIVE_UNIT_MS = 100;
const MAX_KEEPALIVE = 0xffff;
/** RFC 8467 section 4.1. */
export const PADDED_OCTETS = 468;

/** What a server says of itself in OPT records. */
export interface EdnsSource {
  readonly options: DnsOptions;
  readonly hostname: string;
  readonly cookies: Cookies;
}

/**
 * The OPT record that answers an OPT record (RFC 6891 section 6.1.1). DO comes back as it was (RFC 3225 section 3). A COOKIE
 * comes last: the responder writes another in its place.
 */
export function ednsAnswer(
  asked: Edns,
  outcome: Outcome,
  asker: Asker,
  { options, hostname, cookies }: EdnsSource,
): Edns {
  const answered: EdnsOption[] = [];
  const find = (code: number) => asked.options.find((option) => option.code === code);
  if (find(NSID)) answered.push({ code: NSID, data: fromUtf8(hostname) });
  const subnet = find(CLIENT_SUBNET);
  if (subnet && isSubnet(subnet.data)) answered.push(subnet);
  // RFC 7828 section 3.3.2: over UDP it means nothing.
  if (asker.transport === "tcp" && !asker.isEnclosed && find(TCP_KEEPALIVE)) answered.push(keepalive(options.idleMs));
  const error = outcome.broken ? INVALID_DATA : outcome.extendedError;
  if (error !== undefined) {
    const text = outcome.broken ? fromUtf8(outcome.broken.message).subarray(0, MAX_EXTRA_TEXT_OCTETS) : EMPTY;
    answered.push({ code: EXTENDED_ERROR, data: concat([Uint8Array.of(error >> 8, error & 0xff), text]) });
  }
  const cookie = find(COOKIE);
  if (cookie && isCookieLength(cookie.data.length) && options.cookies !== "ignored")
    answered.push({ code: COOKIE, data: cookies.answer(cookie.data, asker.address, asker.now).octets });
  return { udpOctets: options.maxUdpOctets, version: EDNS_VERSION, dnssecOk: asked.dnssecOk, options: answered };
}

/** An option is not what its RFC says it must be, which is a FORMERR. */
export function hasMalformedOption({ options }: Edns): boolean {
  return options.some(
    ({ code, data }) =>
      // RFC 7873 section 5.2.2; RFC 7871 section 7.1.2.
      (code === COOKIE && !isCookieLength(data.length)) || (code === CLIENT_SUBNET && !isSubnet(data)),
  );
}

/**
 * RFC 7871 section 6: FAMILY, SOURCE and SCOPE PREFIX-LENGTH, and as much of the address as the former says, without any other
 * bit. The answer is the same with its SCOPE of 0: nothing here depends on the client's network.
 */
function isSubnet(data: Uint8Array): boolean {
  const [high, family, source = 0, scope, ...address] = data;
  const most = high === 0 && family === 1 ? 32 : high === 0 && family === 2 ? 128 : -1;
  const spare = 8 * address.length - source;
  const isAddress = scope === 0 && spare >= 0 && spare < 8 && ((address.at(-1) ?? 0) & ((1 << spare) - 1)) === 0;
  return source <= most && isAddress;
}

function keepalive(idleMs: number): EdnsOption {
  const timeout = Math.min(Math.floor(idleMs / KEEPALIVE_UNIT_MS), MAX_KEEPALIVE);
  return { code: TCP_KEEPALIVE, data: Uint8Array.of(timeout >> 8, timeout & 0xff) };
}

/** The padding (RFC 7830) that makes a message of so many octets as long as others (RFC 8467 section 4.1). */
export function paddingOf(octets: number, maxOctets: number): EdnsOption {
  const padded = Math.min(Math.ceil((octets + 4) / PADDED_OCTETS) * PADDED_OCTETS, maxOctets);
  return { code: PADDING, data: new Uint8Array(Math.max(0, padded - octets - 4)) };
}

/** The client can take a padded answer, and wants it. */
export function wantsPadding({ options }: Edns): boolean {
  return options.some(({ code }) => code === PADDING);
}
