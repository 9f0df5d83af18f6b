import { CLASS, OPCODE, TYPE } from "../../services/dns/types.ts";
import { fromLatin1 } from "../../src/wire/bytes.ts";
import { sign } from "../services/dns/tsig-client.ts";
import { query } from "../services/dns/world.ts";
import { below, pick, type Random } from "./inputs.ts";

const MAX_OCTETS = 4096;
const MAX_MUTATIONS = 6;
const HEADER_OCTETS = 12;

const NAMES = [
  "example.test",
  "www.example.test",
  "many.example.test",
  "x.wild.example.test",
  "x.legacy.example.test",
  "loop1.example.test",
  "www.child.example.test",
  "nobody.example.test",
  "long.example.test",
  "1.0.0.127.in-addr.arpa",
  "elsewhere.test",
  ".",
];

const EXTRAS = ["", "", "+edns=512", "+edns=4096 +do", "+edns=1232 +option=10:0102030405060708", "rd=0", "class=CH"];

const UPDATES = [
  "example.test SOA opcode=UPDATE | update new.example.test. 60 IN A 192.0.2.1",
  "example.test SOA opcode=UPDATE | prerequisite www.example.test. 0 ANY CNAME | update www.example.test. 0 ANY ANY",
  "example.test SOA opcode=UPDATE | prerequisite no.example.test. 0 NONE ANY | update _acme-challenge.example.test. 60 IN TXT token",
  "example.test SOA opcode=UPDATE | update www.elsewhere.test. 60 IN A 192.0.2.1",
  "example.test SOA opcode=NOTIFY",
  "id.server TXT class=CH",
  "example.test AXFR",
  "example.test IXFR",
];

/** Queries such as they should be, and what is more than a query: updates, transfers; and the same signed with `test-key`. */
const PACKETS: readonly (readonly Uint8Array[])[] = [
  NAMES.flatMap((name) =>
    Object.keys(TYPE)
      .filter((type) => !["AXFR", "IXFR", "OPT"].includes(type))
      .map((type, at) => query(`${name} ${type} ${EXTRAS[at % EXTRAS.length]}`)),
  ),
  UPDATES.map((text) => query(text)),
  ["www.example.test A", "long.example.test TXT +edns=1232", ...UPDATES].map((text) => sign(query(text)).octets),
];

/** Octets that mean something wherever they come to stand. */
const PIECES = [
  "\xc0\x00", // a pointer to the header
  "\xc0\x0c", // to the question, which may hold it
  "\xc0\xff",
  "\xff\xff",
  "\x00",
  "\x3f",
  "\x40",
  "\x80",
  "\x00\x00\x29\x10\x00\x00\x00\x80\x00\x00\x00", // an OPT record
  "\x00\x00\x29\x02\x00\x00\x01\x00\x00\xff\xff", // one of another version, with a length that lies
  "\x01a".repeat(127),
  "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01",
].map(fromLatin1);

/** A valid packet, and what becomes of it on a bad way: bits flip, ends are missing, others' pieces, lying counts, pointers. */
export function mutatedPacket(random: Random): Uint8Array {
  let octets: Uint8Array = Uint8Array.from(goodPacket(random));
  for (let left = below(random, MAX_MUTATIONS + 1); left > 0; left -= 1) octets = mutate(random, octets);
  return octets.subarray(0, MAX_OCTETS);
}

function goodPacket(random: Random): Uint8Array {
  const kind = random();
  return pick(random, PACKETS[kind < 0.8 ? 0 : kind < 0.96 ? 1 : 2] ?? []);
}

function mutate(random: Random, octets: Uint8Array): Uint8Array {
  const at = below(random, octets.length + 1);
  switch (below(random, 8)) {
    case 0: {
      if (at < octets.length) octets[at] = (octets[at] ?? 0) ^ (1 << below(random, 8));
      return octets;
    }
    case 1:
      return random() < 0.5 ? octets.slice(0, at) : octets.slice(0, Math.max(0, octets.length - 1 - below(random, 4)));
    case 2:
      return splice(octets, at, 0, pick(random, PIECES));
    case 3: {
      const other = goodPacket(random);
      return splice(octets, at, below(random, 20), other.subarray(below(random, other.length)));
    }
    // RFC 1035 section 4.1.1: how many records there are in each section.
    case 4:
      return put(octets, 4 + 2 * below(random, 4), random() < 0.5 ? below(random, 4) : below(random, 65_536));
    // A pointer: forwards, backwards, to itself.
    case 5:
      return put(octets, HEADER_OCTETS + below(random, 40), 0xc000 | below(random, octets.length + 8));
    // Another opcode, type or class.
    case 6: {
      if (random() < 0.3) return put(octets, 2, pick(random, Object.values(OPCODE)) << 11);
      const end = octets.length - (random() < 0.5 ? 2 : 4);
      return put(octets, end, pick(random, Object.values(random() < 0.5 ? TYPE : CLASS)));
    }
    default:
      return splice(octets, at, below(random, 12), new Uint8Array(0));
  }
}

function splice(octets: Uint8Array, at: number, gone: number, come: Uint8Array): Uint8Array {
  return Buffer.concat([octets.subarray(0, at), come, octets.subarray(at + gone)]);
}

function put(octets: Uint8Array, at: number, value: number): Uint8Array {
  if (at < 0 || at + 2 > octets.length) return octets;
  octets[at] = value >> 8;
  octets[at + 1] = value & 0xff;
  return octets;
}
