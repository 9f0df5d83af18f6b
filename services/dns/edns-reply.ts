import { concat, fromLatin1 } from "../../src/wire/bytes.ts";
import type { DnsReply, EdnsReply } from "./dns-reply.ts";
import { CLIENT_SUBNET, COOKIE } from "./edns-options.ts";
import type { Edns, EdnsOption } from "./message.ts";

const CLIENT_COOKIE_OCTETS = 8;
/** RFC 7873 section 4: 8 to 32 octets. This one never changes. */
const SERVER_COOKIE = fromLatin1("portwrightcookie");
const SHORT_COOKIE_OCTETS = 3;
/** In the client subnet option: FAMILY, SOURCE PREFIX-LENGTH, SCOPE PREFIX-LENGTH. */
const SCOPE_AT = 3;

/** RFC 6891 section 6.1.3: an rcode above 15 does not fit into the header. */
const MAX_HEADER_RCODE = 15;
const PLAIN: Edns = { udpOctets: 1232, version: 0, dnssecOk: false, options: [] };

/** The OPT record of a response that a rule makes: `asked` is the query's, `own` what the service would answer with. */
export function ednsOf(
  wanted: DnsReply["edns"],
  asked: Edns | undefined,
  own: Edns | undefined,
  rcode: number,
): Edns | undefined {
  if (wanted === false) return undefined;
  if (!wanted) return own ?? (rcode > MAX_HEADER_RCODE ? PLAIN : undefined);
  const { udpOctets, version, dnssecOk, owner, copies } = wanted;
  const edns = own ?? PLAIN;
  const options = [...optionsOf(wanted, asked?.options ?? [])];
  return {
    udpOctets: udpOctets ?? edns.udpOctets,
    version: version ?? edns.version,
    dnssecOk: dnssecOk ?? edns.dnssecOk,
    options: [...options, ...edns.options.filter(({ code }) => !isReplaced(code, wanted, options))],
    ...(owner === undefined ? {} : { owner }),
    copies,
  };
}

/** The service's own option of this code is not sent. */
function isReplaced(code: number, { cookie }: EdnsReply, options: readonly EdnsOption[]): boolean {
  return (code === COOKIE && cookie === "missing") || options.some((other) => other.code === code);
}

function* optionsOf(wanted: EdnsReply, asked: readonly EdnsOption[]): Generator<EdnsOption> {
  yield* wanted.options;
  for (const { code, data } of asked) {
    if (wanted.echo) yield { code, data };
    else if (code === COOKIE && wanted.cookie && wanted.cookie !== "missing")
      yield { code, data: cookieOf(wanted.cookie, data) };
    else if (code === CLIENT_SUBNET && wanted.clientSubnetScope !== undefined && data.length > SCOPE_AT) {
      const scope = Uint8Array.of(wanted.clientSubnetScope);
      yield { code, data: concat([data.subarray(0, SCOPE_AT), scope, data.subarray(SCOPE_AT + 1)]) };
    }
  }
}

/** The client's own part comes back before the server's (RFC 7873 section 5.2). */
function cookieOf(wanted: "good" | "short" | "changed", asked: Uint8Array): Uint8Array {
  const client = asked.subarray(0, CLIENT_COOKIE_OCTETS);
  if (wanted === "changed") return concat([client.map((octet) => octet ^ 0xff), SERVER_COOKIE]);
  return concat([client, wanted === "short" ? SERVER_COOKIE.subarray(0, SHORT_COOKIE_OCTETS) : SERVER_COOKIE]);
}
