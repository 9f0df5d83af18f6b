import type { DnsReply } from "./dns-reply.ts";
import { type Edns, encode, MAX_MESSAGE_OCTETS, type Message, type ResourceRecord } from "./message.ts";
import { responseTo } from "./response.ts";
import { encodeRuled } from "./ruled-response.ts";
import { isNewer, serialOf } from "./serial.ts";
import { RCODE, TYPE } from "./types.ts";
import type { AuthoritativeZone } from "./zone.ts";
import type { ZoneHistory } from "./zone-history.ts";

/** Before compression, which reaches 16 KiB far (RFC 1035 section 4.1.4). */
const MESSAGE_OCTETS = 32_000;

/** The messages of a zone transfer, or what a rule makes of it. */
export function* transferMessages(
  query: Message,
  transferred: Iterable<ResourceRecord>,
  edns: Edns | undefined,
  ruled?: DnsReply,
): Generator<Uint8Array> {
  let answers: ResourceRecord[] = [];
  let octets = 0;
  const message = () => {
    const response = responseTo(query, { rcode: RCODE.NOERROR, authoritative: true, answers }, edns);
    return ruled ? encodeRuled(ruled, query, response, MAX_MESSAGE_OCTETS) : encode(response);
  };
  for (const record of transferred) {
    const recordOctets = record.name.length + record.rdata.length;
    if (octets > 0 && octets + recordOctets > MESSAGE_OCTETS) {
      yield message();
      answers = [];
      octets = 0;
    }
    answers.push(record);
    octets += recordOctets;
  }
  yield message();
}

/** What a transfer consists of: of AXFR all (RFC 5936 section 2.2), of IXFR what the client lacks, if that is known (RFC 1995). */
export function* transferOf(
  query: Message,
  zone: AuthoritativeZone,
  history: ZoneHistory,
  isWhole = true,
): Generator<ResourceRecord> {
  yield zone.soa;
  const [known] = query.questions[0]?.type === TYPE.IXFR ? query.authority : [];
  if (known?.type === TYPE.SOA && known.rdata.length >= MIN_SOA_OCTETS) {
    // RFC 1995 section 2: there is nothing newer.
    if (!isNewer(serialOf(zone.soa), serialOf(known))) return;
    const changes = history.since(zone, serialOf(known));
    for (const { from, removed, to, added } of changes) {
      yield from.soa;
      yield* removed;
      yield to.soa;
      yield* added;
    }
    if (changes.length === 0) yield* zone.records();
  } else yield* zone.records();
  if (isWhole) yield zone.soa;
}

/** Two names of one octet, and five numbers of four. */
const MIN_SOA_OCTETS = 22;
