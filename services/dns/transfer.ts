import type { DnsReply } from "./dns-reply.ts";
import { type Edns, encode, MAX_MESSAGE_OCTETS, type Message, type ResourceRecord } from "./message.ts";
import { responseTo } from "./response.ts";
import { encodeRuled } from "./ruled-response.ts";
import { RCODE } from "./types.ts";
import type { AuthoritativeZone } from "./zone.ts";

/** Before compression, which reaches 16 KiB far (RFC 1035 section 4.1.4). */
const MESSAGE_OCTETS = 32_000;

/** The messages of a zone transfer (RFC 5936 section 2.2): the SOA, every record, and the SOA again; or what a rule makes of it. */
export function* transferMessages(
  query: Message,
  zone: AuthoritativeZone,
  edns: Edns | undefined,
  ruled?: DnsReply,
): Generator<Uint8Array> {
  let answers: ResourceRecord[] = [zone.soa];
  let octets = 0;
  const message = () => {
    const response = responseTo(query, { rcode: RCODE.NOERROR, authoritative: true, answers }, edns);
    return ruled ? encodeRuled(ruled, query, response, MAX_MESSAGE_OCTETS) : encode(response);
  };
  for (const record of zone.records()) {
    const recordOctets = record.name.length + record.rdata.length;
    if (octets > 0 && octets + recordOctets > MESSAGE_OCTETS) {
      yield message();
      answers = [];
      octets = 0;
    }
    answers.push(record);
    octets += recordOctets;
  }
  if (ruled?.soa.final !== false) answers.push(zone.soa);
  yield message();
}
