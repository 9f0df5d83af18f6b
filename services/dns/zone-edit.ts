import type { ResourceRecord } from "./message.ts";
import { lowerName, type Name } from "./names.ts";
import { comparableRdata } from "./rdata.ts";
import { isNewer, nextSerial, serialOf, withSerial } from "./serial.ts";
import { TYPE } from "./types.ts";
import type { AuthoritativeZone, RRset } from "./zone.ts";

/** Types of which a name has one record at most. */
const SINGLE: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.DNAME]);

/** Its records by their RDATA: thousands of them can come in one message. */
interface EditedRRset {
  readonly records: Map<string, ResourceRecord>;
  /** What all of them have from now on: the latest (RFC 2181 section 5.2); `undefined` while nothing was added. */
  ttl: number | undefined;
}

/** A zone with changes that it does not have yet (RFC 2136 section 3.4.2). What the section says is to be ignored is ignored. */
export class ZoneEdit {
  readonly #zone: AuthoritativeZone;
  readonly #nodes = new Map<Name, Map<number, EditedRRset>>();
  #soa: ResourceRecord;

  constructor(zone: AuthoritativeZone) {
    this.#zone = zone;
    this.#soa = zone.soa;
  }

  /** RFC 2136 section 3.4.2.2. */
  add(record: ResourceRecord): void {
    const { type } = record;
    const node = this.#node(record.name);
    if (type === TYPE.SOA) {
      if (this.#isApex(record.name) && isNewer(serialOf(record), serialOf(this.#soa))) this.#soa = record;
      return;
    }
    const others = [...node.keys()].filter((present) => present !== type);
    if (type === TYPE.CNAME ? others.length > 0 || this.#isApex(record.name) : node.has(TYPE.CNAME)) return;
    const rrset = node.get(type) ?? { records: new Map(), ttl: undefined };
    const rdata = comparableRdata(type, record.rdata);
    const present = rrset.records.get(rdata);
    if (present && (rrset.ttl ?? present.ttl) === record.ttl) return;
    if (SINGLE.has(type)) rrset.records.clear();
    rrset.records.delete(rdata);
    rrset.records.set(rdata, record);
    rrset.ttl = record.ttl;
    node.set(type, rrset);
  }

  /** RFC 2136 section 3.4.2.3: of one type, or with `ANY` of all. The zone keeps its SOA and its name servers. */
  removeRRset(name: Name, type: number): void {
    const node = this.#node(name);
    for (const present of [...node.keys()]) {
      const isKept = this.#isApex(name) && present === TYPE.NS;
      if ((type === TYPE.ANY || type === present) && !isKept) node.delete(present);
    }
  }

  /** RFC 2136 section 3.4.2.4. The zone keeps its SOA and its last name server. */
  removeRecord({ name, type, rdata }: ResourceRecord): void {
    const node = this.#node(name);
    const rrset = node.get(type);
    const gone = comparableRdata(type, rdata);
    if (!rrset?.records.has(gone)) return;
    if (rrset.records.size > 1) rrset.records.delete(gone);
    else if (!(type === TYPE.NS && this.#isApex(name))) node.delete(type);
  }

  /** What is different, without the SOA; and the SOA of the zone as it will be, with another serial if anything is (section 3.6). */
  changes(): ZoneChanges | undefined {
    const removed: ResourceRecord[] = [];
    const added: ResourceRecord[] = [];
    for (const [name, node] of this.#nodes) {
      const before = recordsOf(this.#zone.nodeAt(name));
      const after = recordsOf(new Map([...node].map(([type, rrset]) => [type, recordsIn(rrset)])));
      removed.push(...[...before].flatMap(([key, record]) => (after.has(key) ? [] : [record])));
      added.push(...[...after].flatMap(([key, record]) => (before.has(key) ? [] : [record])));
    }
    const hasNewSoa = this.#soa !== this.#zone.soa;
    if (removed.length === 0 && added.length === 0 && !hasNewSoa) return undefined;
    return { removed, added, soa: hasNewSoa ? this.#soa : withSerial(this.#soa, nextSerial(serialOf(this.#soa))) };
  }

  /** Every record but the SOA, as they will be. */
  *records(): Generator<ResourceRecord> {
    for (const record of this.#zone.records()) if (!this.#nodes.has(lowerName(record.name))) yield record;
    for (const node of this.#nodes.values()) for (const rrset of node.values()) yield* recordsIn(rrset);
  }

  #isApex(name: Name): boolean {
    return lowerName(name) === this.#zone.origin;
  }

  /** Without the SOA. */
  #node(name: Name): Map<number, EditedRRset> {
    const key = lowerName(name);
    const edited = this.#nodes.get(key);
    if (edited) return edited;
    const node = new Map<number, EditedRRset>();
    for (const [type, rrset] of this.#zone.nodeAt(key) ?? []) {
      const records = new Map(rrset.map((record) => [comparableRdata(type, record.rdata), record]));
      if (type !== TYPE.SOA) node.set(type, { records, ttl: undefined });
    }
    this.#nodes.set(key, node);
    return node;
  }
}

/** How a zone becomes another one; `soa` is the other one's. */
export interface ZoneChanges {
  readonly removed: readonly ResourceRecord[];
  readonly added: readonly ResourceRecord[];
  readonly soa: ResourceRecord;
}

function recordsIn({ records, ttl }: EditedRRset): RRset {
  return [...records.values()].map((record) => (ttl === undefined || record.ttl === ttl ? record : { ...record, ttl }));
}

/** By what makes records the same to those who have a copy of the zone. */
function recordsOf(node: ReadonlyMap<number, RRset> | undefined): Map<string, ResourceRecord> {
  const records = new Map<string, ResourceRecord>();
  for (const [type, rrset] of node ?? [])
    for (const record of type === TYPE.SOA ? [] : rrset)
      records.set(`${type} ${record.ttl} ${comparableRdata(type, record.rdata)}`, record);
  return records;
}
