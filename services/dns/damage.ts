import { asBuffer, concat, copyOf, fromLatin1 } from "../../src/wire/bytes.ts";
import { COUNTED_SECTIONS, type Damage } from "./dns-reply.ts";
import { HEADER_OCTETS, MAX_MESSAGE_OCTETS } from "./message.ts";
import { OctetReader } from "./octets.ts";

const COUNTS_AT = 4;
/** QTYPE and QCLASS. */
const QUESTION_OCTETS = 4;
/** TYPE, CLASS and TTL. */
const RECORD_OCTETS = 8;
const POINTER = 0xc000;

/** A label of 64 octets, one more than there may be: its length octet begins with a bit that means nothing. */
const LONG_LABEL = fromLatin1(`${String.fromCharCode(64)}${"x".repeat(64)}\0`);
/** Five labels of 63 octets: 321 octets, where 255 may be. */
const LONG_NAME = fromLatin1(`${`${String.fromCharCode(63)}${"x".repeat(63)}`.repeat(5)}\0`);

/** A message whose octets are no longer what they should be; itself, if nothing is to be done. */
export function damaged(message: Uint8Array, damage: Damage): Uint8Array {
  let octets = copyOf(message);
  if (damage.badName !== undefined || damage.rdlength !== undefined) octets = withBadRecord(octets, damage);
  for (const [index, section] of COUNTED_SECTIONS.entries()) {
    const count = damage.counts[section];
    if (count !== undefined) asBuffer(octets).writeUInt16BE(count, COUNTS_AT + 2 * index);
  }
  if (damage.trailing) octets = concat([octets, damage.trailing]).subarray(0, MAX_MESSAGE_OCTETS);
  return damage.cut > 0 ? octets.subarray(0, Math.max(0, octets.length - damage.cut)) : octets;
}

/** The first record, or where there is none the question, has another name; the record another RDLENGTH. */
function withBadRecord(octets: Uint8Array, { badName, rdlength }: Damage): Uint8Array {
  const reader = new OctetReader(octets, HEADER_OCTETS);
  let at = HEADER_OCTETS;
  for (let left = asBuffer(octets).readUInt16BE(COUNTS_AT); left > 0; left -= 1) {
    reader.name();
    reader.octets(QUESTION_OCTETS);
    if (reader.left > 0) at = reader.at;
  }
  reader.at = at;
  reader.name();
  const rest = reader.octets(reader.left);
  const hasRdata = rest.length >= RECORD_OCTETS + 2;
  if (rdlength !== undefined && hasRdata) asBuffer(rest).writeUInt16BE(rdlength, RECORD_OCTETS);
  const name = badName === undefined ? octets.subarray(at, octets.length - rest.length) : nameAt(at, badName);
  return concat([octets.subarray(0, at), name, rest]);
}

function nameAt(at: number, badName: NonNullable<Damage["badName"]>): Uint8Array {
  switch (badName) {
    case "loop":
      return pointer(at);
    case "forward":
      // To the TYPE behind it, whose first octet is 0: to a careless reader the root.
      return pointer(at + 2);
    case "beyond":
      return pointer(0x3fff);
    case "long-label":
      return LONG_LABEL;
    case "long-name":
      return LONG_NAME;
  }
}

function pointer(target: number): Uint8Array {
  const value = POINTER | target;
  return Uint8Array.of(value >> 8, value & 0xff);
}
