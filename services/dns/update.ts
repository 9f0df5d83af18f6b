import type { Message, ResourceRecord } from "./message.ts";
import { isWithin, lowerName } from "./names.ts";
import { comparableRdata, fitsType } from "./rdata.ts";
import { CLASS, RCODE, TYPE } from "./types.ts";
import type { AuthoritativeZone, RRset } from "./zone.ts";
import { ZoneEdit } from "./zone-edit.ts";

/**
 * What an UPDATE (RFC 2136) makes of a zone, or the rcode that says why it makes nothing of it. The sections of the message
 * have other meanings here: the answer section is the prerequisites, the authority section is the updates.
 */
export function editBy(
  { answers: prerequisites, authority: updates }: Message,
  zone: AuthoritativeZone,
): ZoneEdit | number {
  return checkPrerequisites(prerequisites, zone) ?? checkUpdates(updates, zone) ?? applied(updates, zone);
}

/** RFC 2136 section 3.2. Returns the rcode of the first that does not hold. */
function checkPrerequisites(prerequisites: readonly ResourceRecord[], zone: AuthoritativeZone): number | undefined {
  const wanted = new Map<string, ResourceRecord[]>();
  for (const record of prerequisites) {
    const name = lowerName(record.name);
    const { type } = record;
    if (record.ttl !== 0) return RCODE.FORMERR;
    if (!isWithin(name, zone.origin)) return RCODE.NOTZONE;
    const node = zone.nodeAt(name);
    const isBare = record.rdata.length === 0;
    if (record.class === CLASS.ANY && isBare) {
      if (type === TYPE.ANY && !node?.size) return RCODE.NXDOMAIN;
      if (type !== TYPE.ANY && !node?.has(type)) return RCODE.NXRRSET;
    } else if (record.class === CLASS.NONE && isBare) {
      if (type === TYPE.ANY && node?.size) return RCODE.YXDOMAIN;
      if (type !== TYPE.ANY && node?.has(type)) return RCODE.YXRRSET;
    } else if (record.class === CLASS.IN && isData(type)) {
      const key = `${type} ${name}`;
      wanted.set(key, [...(wanted.get(key) ?? []), record]);
    } else return RCODE.FORMERR;
  }
  for (const rrset of wanted.values()) {
    const [{ name, type }] = rrset as [ResourceRecord];
    if (!isSame(rrset, zone.nodeAt(lowerName(name))?.get(type) ?? [])) return RCODE.NXRRSET;
  }
  return undefined;
}

/** RFC 2136 section 3.2.3: the same records, whatever their order and TTL. */
function isSame(one: RRset, other: RRset): boolean {
  const rdatas = (rrset: RRset) => new Set(rrset.map(({ type, rdata }) => comparableRdata(type, rdata)));
  const [left, right] = [rdatas(one), rdatas(other)];
  return left.size === right.size && [...left].every((rdata) => right.has(rdata));
}

/** RFC 2136 section 3.4.1: before anything is changed. */
function checkUpdates(updates: readonly ResourceRecord[], zone: AuthoritativeZone): number | undefined {
  for (const record of updates) {
    const { type, ttl, rdata } = record;
    if (!isWithin(lowerName(record.name), zone.origin)) return RCODE.NOTZONE;
    const isRight =
      record.class === CLASS.IN
        ? isData(type) && fitsType(type, rdata)
        : record.class === CLASS.ANY
          ? ttl === 0 && rdata.length === 0 && (isData(type) || type === TYPE.ANY)
          : record.class === CLASS.NONE && ttl === 0 && isData(type) && fitsType(type, rdata);
    if (!isRight) return RCODE.FORMERR;
  }
  return undefined;
}

function applied(updates: readonly ResourceRecord[], zone: AuthoritativeZone): ZoneEdit {
  const edit = new ZoneEdit(zone);
  for (const record of updates) {
    if (record.class === CLASS.IN) edit.add(record);
    else if (record.class === CLASS.ANY) edit.removeRRset(record.name, record.type);
    else edit.removeRecord(record);
  }
  return edit;
}

/** RFC 6895 section 3.1: types from 128 to 255 are for questions and for messages, as OPT is, and 0 is no type. */
function isData(type: number): boolean {
  return type !== 0 && type !== TYPE.OPT && (type < 128 || type > 255);
}
