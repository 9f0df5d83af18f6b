import type { Zone } from "../../src/contract/world.ts";
import { toLatin1 } from "../../src/wire/bytes.ts";
import type { ResourceRecord } from "./message.ts";
import { isWithin, lowerName, type Name, parentOf, parseName, printName, withAncestors } from "./names.ts";
import { OctetReader } from "./octets.ts";
import { printType, TYPE } from "./types.ts";
import { ZoneError } from "./zone-error.ts";
import { parseZoneFile, type ZoneRecord } from "./zone-file.ts";

/** All records of one name and type; they have one TTL (RFC 2181 section 5.2). */
export type RRset = readonly ResourceRecord[];

/** What is at a name, by type; a name with nothing at it exists because of names below it (RFC 4592 section 2.2.2). */
export type Node = ReadonlyMap<number, RRset>;

/** Where a name leads within a zone (RFC 1034 section 4.3.2 step 3). */
export type Found =
  /** The name exists, or a wildcard stands for it. */
  | { readonly type: "node"; readonly node: Node }
  /** The name is at or below a zone cut. */
  | { readonly type: "referral"; readonly ns: RRset }
  /** The name is below a DNAME (RFC 6672 section 3.2). */
  | { readonly type: "dname"; readonly dname: ResourceRecord }
  | { readonly type: "nxdomain" };

/** What may be at a name that has an alias. */
export const BESIDE_CNAME: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.RRSIG, TYPE.NSEC]);
const WILDCARD_LABEL = "\x01*";

/** A zone's records in the shape that questions need. */
export class AuthoritativeZone {
  /** In lower case. */
  readonly origin: Name;
  readonly #nodes = new Map<Name, Map<number, ResourceRecord[]>>();

  /** Throws a `ZoneError` if the text cannot be served. */
  constructor(zone: Zone) {
    this.origin = lowerName(parseName(zone.origin));
    const seen = new Set<string>();
    for (const record of parseZoneFile(zone)) this.#add(record, zone.source, seen);
    const soas = this.#nodes.get(this.origin)?.get(TYPE.SOA);
    // RFC 1035 section 5.2.
    if (soas?.length !== 1) {
      const line = zone.text.split("\n").length;
      const problem = `expected one SOA at ${zone.origin}, such as: @ IN SOA ns1 hostmaster 1 1h 15m 4w 5m`;
      throw new ZoneError(zone.source, line, soas ? `${problem}; there are ${soas.length}` : problem);
    }
  }

  get soa(): ResourceRecord {
    return this.#nodes.get(this.origin)?.get(TYPE.SOA)?.[0] as ResourceRecord;
  }

  /** RFC 2308 section 3: the SOA of a negative answer lives no longer than its MINIMUM. */
  get negativeSoa(): ResourceRecord {
    const { soa } = this;
    const minimum = new OctetReader(soa.rdata, soa.rdata.length - 4).u32();
    return { ...soa, ttl: Math.min(soa.ttl, minimum) };
  }

  /** Follows `name`, in lower case and within the zone, down from the origin. */
  find(name: Name, type: number): Found {
    const path = withAncestors(name);
    const depth = path.indexOf(this.origin);
    let encloser = this.origin;
    for (let at = depth; at >= 0; at -= 1) {
      const step = path[at] as Name;
      const node = this.#nodes.get(step);
      if (!node) return this.#synthesise(encloser);
      const ns = at < depth ? node.get(TYPE.NS) : undefined;
      // RFC 4035 section 3.1.4.1: the DS of a delegated zone is the parent's.
      if (ns && !(at === 0 && type === TYPE.DS)) return { type: "referral", ns };
      const dname = at > 0 ? node.get(TYPE.DNAME)?.[0] : undefined;
      if (dname) return { type: "dname", dname };
      encloser = step;
    }
    return { type: "node", node: this.#nodes.get(name) as Node };
  }

  /** RFC 4592 section 3.3.1: only the wildcard below the closest encloser counts. */
  #synthesise(encloser: Name): Found {
    const node = this.#nodes.get((WILDCARD_LABEL + encloser) as Name);
    return node ? { type: "node", node } : { type: "nxdomain" };
  }

  /** What is at a name, also below a zone cut, where addresses are glue (RFC 1034 section 4.2.1). */
  nodeAt(name: Name): Node | undefined {
    return this.#nodes.get(name);
  }

  /** Every record but the SOA, in the order of the text's names. */
  *records(): Generator<ResourceRecord> {
    for (const node of this.#nodes.values()) for (const [type, rrset] of node) if (type !== TYPE.SOA) yield* rrset;
  }

  /** `seen` are the records that there are, so that one looks through no RRset for each of its records. */
  #add({ line, ...record }: ZoneRecord, source: string, seen: Set<string>): void {
    const name = lowerName(record.name);
    if (!isWithin(name, this.origin))
      throw misfit(record, source, line, `lies outside of the zone ${printName(this.origin)}`);
    if (record.type === TYPE.SOA && name !== this.origin)
      throw misfit(record, source, line, `has an SOA; expected one at ${printName(this.origin)} only`);
    const node = this.#makeNode(name);
    const rrset = node.get(record.type) ?? [];
    // RFC 2181 section 5: an RRset holds no record twice.
    const key = `${record.type} ${name} ${toLatin1(record.rdata)}`;
    if (seen.has(key)) return;
    seen.add(key);
    const alone = record.type === TYPE.CNAME || record.type === TYPE.DNAME;
    if (alone && rrset.length > 0)
      throw misfit(record, source, line, `has more than one ${printType(record.type)}; expected one`);
    // RFC 2181 section 5.2: where TTLs differ, the lowest is all records'. RFC 4034 section 3: but each signature's is its RRset's.
    const ttl = record.type === TYPE.RRSIG ? undefined : Math.min(record.ttl, rrset[0]?.ttl ?? record.ttl);
    if (ttl !== undefined && rrset.length > 0 && rrset[0]?.ttl !== ttl)
      for (const [at, each] of rrset.entries()) rrset[at] = { ...each, ttl };
    rrset.push(ttl === undefined || record.ttl === ttl ? record : { ...record, ttl });
    node.set(record.type, rrset);
    // RFC 1034 section 3.6.2; RFC 4034 sections 3 and 4: but what secures it.
    const others = [...node.keys()].filter((type) => !BESIDE_CNAME.has(type));
    if (node.has(TYPE.CNAME) && others.length > 0)
      throw misfit(record, source, line, "has a CNAME and other data; expected one or the other");
  }

  #makeNode(name: Name): Map<number, ResourceRecord[]> {
    const existing = this.#nodes.get(name);
    if (existing) return existing;
    if (name !== this.origin) this.#makeNode(parentOf(name));
    const node = new Map<number, ResourceRecord[]>();
    this.#nodes.set(name, node);
    return node;
  }
}

function misfit(record: ResourceRecord, source: string, line: number, problem: string): ZoneError {
  return new ZoneError(source, line, `${printName(record.name)} ${problem}`);
}
