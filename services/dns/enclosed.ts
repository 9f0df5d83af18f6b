import type { Service } from "../../src/contract/service.ts";
import { EMPTY } from "../../src/wire/bytes.ts";
import { describeReply, describeRequest } from "./exchange.ts";
import { decode, HEADERLESS, type ResourceRecord } from "./message.ts";
import { nameserverOf } from "./nameserver.ts";
import type { dnsOptions } from "./options.ts";
import type { dnsStub } from "./stub.ts";
import { RCODE, TYPE } from "./types.ts";

/** DNS queries inside HTTP requests (RFC 8484); what HTTP has to do with it, services/http knows. */
export const enclosed: NonNullable<Service<string, typeof dnsOptions, typeof dnsStub>["enclosed"]> = {
  mediaType: "application/dns-message",
  respond({ octets, peer, now }, context, rules) {
    const query = decode(octets);
    if (query?.message.response) return undefined;
    const request = describeRequest(query, octets.length, "https");
    const ruling = rules.any ? rules.ask(request) : undefined;
    if (ruling?.instead) return { request, reply: {}, octets: undefined, freshSeconds: 0, ruling };
    if (!query && !ruling?.reply) return undefined;
    const asker = { transport: "tcp", address: peer.address, now, octets, isEnclosed: true } as const;
    const answer = nameserverOf(context).respond(query ?? HEADERLESS, asker, ruling?.reply) ?? EMPTY;
    return { request, reply: describeReply(answer), octets: answer, freshSeconds: freshSeconds(answer), ruling };
  },
};

/** RFC 2181 section 8: more is taken for 0. */
const MOST_SECONDS = 2 ** 31 - 1;

/** RFC 8484 section 5.1: the smallest TTL of the answers or, where there are none, what the SOA says (RFC 2308 section 5). */
function freshSeconds(answer: Uint8Array): number {
  const decoded = decode(answer);
  if (!decoded || decoded.problem !== undefined) return 0;
  const { rcode, answers, authority } = decoded.message;
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return 0;
  const soa = authority.filter(({ type }) => type === TYPE.SOA);
  const ttls = answers.length > 0 ? answers.map(({ ttl }) => ttl) : soa.flatMap((one) => [one.ttl, minimumOf(one)]);
  return ttls.length === 0 ? 0 : Math.min(...ttls.map((ttl) => (ttl > MOST_SECONDS ? 0 : ttl)));
}

/** The last number of an SOA (RFC 1035 section 3.3.13). */
function minimumOf({ rdata }: ResourceRecord): number {
  // A rule may have made it of anything.
  if (rdata.length < 4) return 0;
  return new DataView(rdata.buffer, rdata.byteOffset, rdata.length).getUint32(rdata.length - 4);
}
