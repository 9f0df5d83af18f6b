import { fromLatin1 } from "../../src/wire/bytes.ts";
import type { Question, ResourceRecord } from "./message.ts";
import { isWithin, lowerName, MAX_NAME_OCTETS, type Name, ROOT } from "./names.ts";
import type { Outside, OutsideAnswer } from "./outside.ts";
import { parseRdata, targetOf } from "./rdata.ts";
import { CLASS, RCODE, TYPE } from "./types.ts";
import { BESIDE_CNAME, type Node, type RRset } from "./zone.ts";
import { ZoneError } from "./zone-error.ts";
import type { ZoneSet } from "./zones.ts";

/** What the zones have to say about a question. */
export interface Answer {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
  /** So many of the first additional records are glue, without which a referral leads nowhere. */
  readonly glue: number;
  /** Why a zone has no answer. */
  readonly broken?: ZoneError;
}

/** How many aliases are followed; a chain without end stops earlier, at the first name that comes again. */
const MAX_ALIASES = 32;

/** Types whose RDATA names a host, the addresses of which are sent along (RFC 1034 section 4.3.2 step 6, RFC 9460). */
const WITH_HOST: ReadonlySet<number> = new Set([TYPE.NS, TYPE.MX, TYPE.SRV, TYPE.SVCB, TYPE.HTTPS]);

/** RFC 8482 section 4.2: what stands for everything at a name. */
const RFC8482_TTL = 3600;
const rfc8482 = parseRdata(TYPE.HINFO, ["RFC8482", ""], ROOT);

/** Answers a question from the zones alone (RFC 1034 section 4.3.2). With `all`, ANY asks for everything at the name. */
export function answerQuestion(zones: ZoneSet, question: Question, any: "all" | "minimal", outside?: Outside): Answer {
  return new Search(zones, question.type, any, outside).run(question.name);
}

/** It leads below itself, where it leads further below. */
function isEndless({ name, type, rdata }: ResourceRecord): boolean {
  return isWithin(lowerName(targetOf(type, rdata) as Name), lowerName(name));
}

class Search {
  readonly #zones: ZoneSet;
  readonly #type: number;
  readonly #any: "all" | "minimal";
  readonly #outside: Outside | undefined;
  readonly #answers: ResourceRecord[] = [];
  readonly #seen = new Set<Name>();

  constructor(zones: ZoneSet, type: number, any: "all" | "minimal", outside: Outside | undefined) {
    this.#zones = zones;
    this.#type = type;
    this.#any = any;
    this.#outside = outside;
  }

  /** RFC 1034 section 4.3.2: one round for the name, and one for each alias it leads to. */
  run(asked: Name): Answer {
    for (let name = asked; ; ) {
      const key = lowerName(name);
      const isLoop = this.#seen.has(key) || this.#seen.size > MAX_ALIASES;
      if (isLoop) return this.#done(RCODE.NOERROR);
      this.#seen.add(key);
      const zone = this.#zones.holding(key, this.#type);
      if (zone instanceof ZoneError) return { ...this.#done(RCODE.SERVFAIL), authoritative: false, broken: zone };
      if (!zone) return this.#leave(name, this.#outside?.(key, this.#type));
      const found = zone.find(key, this.#type);
      switch (found.type) {
        case "referral":
          return this.#refer(found.ns);
        case "nxdomain":
          return this.#done(RCODE.NXDOMAIN, [zone.negativeSoa]);
        case "dname": {
          const target = this.#substitute(name, found.dname);
          if (!target) return this.#done(RCODE.YXDOMAIN);
          // RFC 6672 section 3.1: it stands for a CNAME at that name, which is what is asked for.
          if (this.#type === TYPE.CNAME || isEndless(found.dname)) return this.#done(RCODE.NOERROR);
          name = target;
          break;
        }
        case "node": {
          const alias = this.#aliasAt(found.node);
          if (!alias) {
            const records = this.#select(found.node).map((record) => ({ ...record, name }));
            this.#answers.push(...records);
            return this.#done(RCODE.NOERROR, records.length === 0 ? [zone.negativeSoa] : []);
          }
          this.#answers.push({ ...alias, name });
          name = targetOf(TYPE.CNAME, alias.rdata) as Name;
        }
      }
    }
  }

  /** Without anything to say of names out of the zones, an alias that leads there is the client's to follow. */
  #leave(name: Name, outside: OutsideAnswer | undefined): Answer {
    if (!outside) return this.#done(this.#answers.length > 0 ? RCODE.NOERROR : RCODE.REFUSED);
    const { rcode, records, soa } = outside;
    this.#answers.push(...records.map((record) => ({ ...record, name })));
    return this.#done(rcode, records.length === 0 ? [soa] : []);
  }

  /** RFC 4035 section 3.1: of the types that an alias may have beside it, its own are asked for. */
  #aliasAt(node: Node): ResourceRecord | undefined {
    return this.#type === TYPE.ANY || BESIDE_CNAME.has(this.#type) ? undefined : node.get(TYPE.CNAME)?.[0];
  }

  #select(node: Node): RRset {
    if (this.#type !== TYPE.ANY) return node.get(this.#type) ?? [];
    if (this.#any === "all" || node.size <= 1) return [...node.values()].flat();
    return [{ name: ROOT, type: TYPE.HINFO, class: CLASS.IN, ttl: RFC8482_TTL, rdata: rfc8482 }];
  }

  /** RFC 6672 section 3.1: the DNAME, and a CNAME made from it; `undefined` if the new name would be too long. */
  #substitute(name: Name, dname: ResourceRecord): Name | undefined {
    if (!this.#answers.includes(dname)) this.#answers.push(dname);
    const prefix = name.slice(0, name.length - dname.name.length);
    const target = (prefix + targetOf(TYPE.DNAME, dname.rdata)) as Name;
    if (target.length > MAX_NAME_OCTETS) return undefined;
    this.#answers.push({ name, type: TYPE.CNAME, class: CLASS.IN, ttl: dname.ttl, rdata: fromLatin1(target) });
    return target;
  }

  /** RFC 1034 section 4.3.2 step 3b: the name servers of a delegated zone, with their addresses. */
  #refer(ns: RRset): Answer {
    const cut = lowerName((ns[0] as ResourceRecord).name);
    const isGlue = (record: ResourceRecord) => isWithin(lowerName(record.name), cut);
    const addresses = this.#addressesFor(ns);
    const glue = addresses.filter(isGlue);
    const additional = [...glue, ...addresses.filter((record) => !isGlue(record))];
    return {
      rcode: RCODE.NOERROR,
      // AA is about the first name: an alias of ours may have led here.
      authoritative: this.#answers.length > 0,
      answers: this.#answers,
      authority: ns,
      additional,
      glue: glue.length,
    };
  }

  #done(rcode: number, authority: readonly ResourceRecord[] = []): Answer {
    const additional = this.#addressesFor(this.#answers);
    const authoritative = rcode !== RCODE.REFUSED;
    return { rcode, authoritative, answers: this.#answers, authority, additional, glue: 0 };
  }

  /** The addresses that the zones know of the hosts that `records` name; none twice, and none that was answered. */
  #addressesFor(records: readonly ResourceRecord[]): ResourceRecord[] {
    const addresses: ResourceRecord[] = [];
    const known = new Set(this.#answers.map((record) => `${record.type} ${lowerName(record.name)}`));
    for (const record of records) {
      const target = WITH_HOST.has(record.type) ? targetOf(record.type, record.rdata) : undefined;
      if (!target) continue;
      const host = lowerName(target);
      const zone = this.#zones.holding(host, TYPE.A);
      if (!zone || zone instanceof ZoneError) continue;
      for (const type of [TYPE.A, TYPE.AAAA]) {
        if (known.has(`${type} ${host}`)) continue;
        known.add(`${type} ${host}`);
        addresses.push(...(zone.nodeAt(host)?.get(type) ?? []));
      }
    }
    return addresses;
  }
}
