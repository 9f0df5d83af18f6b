import { encode, type Message } from "../../../services/dns/message.ts";
import { type Name, parentOf, parseName, ROOT } from "../../../services/dns/names.ts";
import { CLASS, TYPE } from "../../../services/dns/types.ts";
import { parseZoneFile } from "../../../services/dns/zone-file.ts";
import { ZONES } from "./zones.ts";

export interface Asked {
  readonly message: Message;
  readonly transport: "udp" | "tcp";
}

const TYPES = [
  TYPE.A,
  TYPE.AAAA,
  TYPE.NS,
  TYPE.SOA,
  TYPE.CNAME,
  TYPE.MX,
  TYPE.TXT,
  TYPE.SRV,
  TYPE.DS,
  TYPE.DNAME,
  TYPE.HTTPS,
  TYPE.SVCB,
  TYPE.NAPTR,
  TYPE.PTR,
  65_280,
  65_281,
  TYPE.ANY,
  TYPE.LOC,
  TYPE.CAA,
  TYPE.EUI48,
];
/** RFC 8482: over UDP, each server has its own way. */
const OVER_TCP: ReadonlySet<number> = new Set([TYPE.ANY]);
const EDNS_OCTETS = [undefined, undefined, 0, 512, 700, 1232, 4096] as const;
const LABELS = ["x", "*", "a.b", "*.x", "host", "ns", "zzz", "x.*", `${"y".repeat(50)}.yy`];

/** Every name of the zones, its ancestors, and names beside and below each. */
function names(): Name[] {
  const found = new Set<Name>([parseName("test."), parseName("outside.test."), ROOT]);
  for (const [origin, text] of Object.entries(ZONES)) {
    const zone = { origin: `${origin}.`, text, source: origin };
    for (const record of parseZoneFile(zone)) {
      for (let name = record.name; name !== parseName("test."); name = parentOf(name)) {
        found.add(name);
        for (const label of LABELS) found.add(parseName(label, name));
      }
    }
  }
  return [...found];
}

/** So many questions, the same ones for the same numbers. */
export function questions(count: number, random: () => number): Asked[] {
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
  const all = names();
  return Array.from({ length: count }, (_, id) => {
    const udpOctets = pick(EDNS_OCTETS);
    const type = pick(TYPES);
    const name = random() < 0.1 ? (pick(all).toUpperCase() as Name) : pick(all);
    const message = {
      id,
      response: false,
      opcode: 0,
      authoritative: false,
      truncated: false,
      recursionDesired: random() < 0.5,
      recursionAvailable: false,
      authenticData: random() < 0.1,
      checkingDisabled: random() < 0.1,
      rcode: 0,
      questions: [{ name, type, class: CLASS.IN }],
      answers: [],
      authority: [],
      additional: [],
      ...(udpOctets === undefined
        ? {}
        : { edns: { udpOctets, version: random() < 0.02 ? 1 : 0, dnssecOk: random() < 0.3, options: [] } }),
    };
    return { message, transport: random() < 0.5 && !OVER_TCP.has(type) ? "udp" : "tcp" };
  });
}

export function octetsOf({ message }: Asked): Uint8Array {
  return encode(message);
}
