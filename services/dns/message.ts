import { EMPTY } from "../../src/wire/bytes.ts";
import type { Name } from "./names.ts";
import { ROOT } from "./names.ts";
import { OctetReader, OctetWriter } from "./octets.ts";
import { expandRdata, writeRdata } from "./rdata.ts";
import { CLASS, TYPE } from "./types.ts";

/** RFC 1035 section 4.1.1. */
export const HEADER_OCTETS = 12;
/** RFC 1035 section 4.2.1, for clients without EDNS. */
export const PLAIN_UDP_OCTETS = 512;
/** What the length before a message on TCP can say (RFC 1035 section 4.2.2). */
export const MAX_MESSAGE_OCTETS = 0xffff;

export interface Question {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
}

export interface ResourceRecord {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  /** As on the wire, with its names whole. */
  readonly rdata: Uint8Array;
}

/** The OPT pseudo-record (RFC 6891 section 6.1). */
export interface Edns {
  /** The largest UDP message that its sender can take. */
  readonly udpOctets: number;
  readonly version: number;
  readonly dnssecOk: boolean;
  readonly options: readonly EdnsOption[];
  /** Only a rule makes it another than the root, or more than one. */
  readonly owner?: Name;
  readonly copies?: number;
}

export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

/** A message (RFC 1035 section 4). The OPT record is in `edns`, not in `additional`. */
export interface Message {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly authenticData: boolean;
  readonly checkingDisabled: boolean;
  /** With the upper eight bits that EDNS adds. */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
  readonly edns?: Edns;
}

/** A message as far as it could be read; `problem` says why that is not to its end. */
export interface Decoded {
  readonly message: Message;
  readonly problem: string | undefined;
}

/** What a message that has no header is taken for, when it is to be answered all the same. */
export const HEADERLESS: Decoded = {
  message: {
    id: 0,
    response: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [],
    answers: [],
    authority: [],
    additional: [],
  },
  problem: "there is no header",
};

const FLAG = { QR: 0x8000, AA: 0x0400, TC: 0x0200, RD: 0x0100, RA: 0x0080, AD: 0x0020, CD: 0x0010 } as const;
/** RFC 3225 section 3. */
const DNSSEC_OK = 0x8000;
const OPT_OCTETS = 11;

/** `undefined` for what has no header. */
export function decode(octets: Uint8Array): Decoded | undefined {
  if (octets.length < HEADER_OCTETS) return undefined;
  const reader = new OctetReader(octets);
  const id = reader.u16();
  const flags = reader.u16();
  const [questionCount, answerCount, authorityCount, additionalCount] = Array.from({ length: 4 }, () => reader.u16());
  const opts: Opt[] = [];
  const questions: Question[] = [];
  for (let left = questionCount ?? 0; left > 0 && !reader.problem; left -= 1) {
    const question = { name: reader.name(), type: reader.u16(), class: reader.u16() };
    if (!reader.problem) questions.push(question);
  }
  const answers = readRecords(reader, answerCount ?? 0);
  const authority = readRecords(reader, authorityCount ?? 0);
  const additional = readRecords(reader, additionalCount ?? 0, opts);
  if (reader.left > 0) reader.fail(`${reader.left} octets are left after the last record`);
  const [edns] = opts;
  const message = {
    id,
    response: (flags & FLAG.QR) !== 0,
    opcode: (flags >> 11) & 0xf,
    authoritative: (flags & FLAG.AA) !== 0,
    truncated: (flags & FLAG.TC) !== 0,
    recursionDesired: (flags & FLAG.RD) !== 0,
    recursionAvailable: (flags & FLAG.RA) !== 0,
    authenticData: (flags & FLAG.AD) !== 0,
    checkingDisabled: (flags & FLAG.CD) !== 0,
    rcode: (flags & 0xf) | (edns ? edns.extendedRcode << 4 : 0),
    questions,
    answers,
    authority,
    additional,
  };
  return { message: edns ? { ...message, edns: edns.edns } : message, problem: reader.problem };
}

interface Opt {
  readonly edns: Edns;
  readonly extendedRcode: number;
}

/** `opts` takes the OPT records of the section; without it, there may be none. */
function readRecords(reader: OctetReader, count: number, opts?: Opt[]): ResourceRecord[] {
  const records: ResourceRecord[] = [];
  for (let left = count; left > 0 && !reader.problem; left -= 1) {
    const name = reader.name();
    const type = reader.u16();
    const class_ = reader.u16();
    const ttl = reader.u32();
    const length = reader.u16();
    if (length > reader.left)
      reader.fail(`the RDATA of a record has ${length} octets, the message ${reader.left} more`);
    if (reader.problem) break;
    const end = reader.end;
    reader.end = reader.at + length;
    if (type === TYPE.OPT) {
      // RFC 6891 section 6.1.1: one OPT record at most, in the additional section, owned by the root.
      if (!opts || opts.length > 0 || name !== ROOT) reader.fail("an OPT record stands where none may be");
      else readOpt(reader, class_, ttl, opts);
    } else {
      // RFC 2136 sections 2.4 and 2.5: what an update is about, without any data.
      const isBare = length === 0 && (class_ === CLASS.ANY || class_ === CLASS.NONE);
      const rdata = isBare ? EMPTY : expandRdata(type, reader);
      if (!reader.problem) records.push({ name, type, class: class_, ttl, rdata });
    }
    reader.end = end;
  }
  return records;
}

function readOpt(reader: OctetReader, udpOctets: number, ttl: number, opts: Opt[]): void {
  const options: { code: number; data: Uint8Array }[] = [];
  while (reader.left > 0) options.push({ code: reader.u16(), data: reader.octets(reader.u16()) });
  const edns = { udpOctets, version: (ttl >>> 16) & 0xff, dnssecOk: (ttl & DNSSEC_OK) !== 0, options };
  if (!reader.problem) opts.push({ edns, extendedRcode: ttl >>> 24 });
}

/**
 * The octets of a message, at most `maxOctets` of them.
 *
 * RFC 2181 section 9: an RRset goes in whole or not at all. TC is set if one is missing from the answer or the
 * authority section, or if one of the first `glue` additional records is (RFC 9471 section 3); the other additional records are
 * left out silently.
 */
export function encode(message: Message, maxOctets = MAX_MESSAGE_OCTETS, glue = 0): Uint8Array {
  const { edns } = message;
  const out = new OctetWriter(PLAIN_UDP_OCTETS);
  for (let count = HEADER_OCTETS; count > 0; count -= 1) out.u8(0);
  for (const question of message.questions) {
    out.compressedName(question.name);
    out.u16(question.type);
    out.u16(question.class);
  }
  const room = maxOctets - (edns ? optOctets(edns) : 0);
  const answers = writeRecords(out, message.answers, room);
  let complete = answers === message.answers.length;
  const authority = complete ? writeRecords(out, message.authority, room) : 0;
  complete &&= authority === message.authority.length;
  const additional = complete ? writeRecords(out, message.additional, room) : 0;
  complete &&= additional >= glue;
  const opts = edns ? (edns.copies ?? 1) : 0;
  for (let left = opts; edns && left > 0; left -= 1) writeOpt(out, edns, message.rcode);
  const counts = [message.questions.length, answers, authority, additional + opts];
  out.setU16(0, message.id);
  out.setU16(2, flagsOf(message) | (complete ? 0 : FLAG.TC));
  for (const [index, count] of counts.entries()) out.setU16(4 + 2 * index, count);
  return out.octets;
}

function flagsOf(message: Message): number {
  return (
    (message.response ? FLAG.QR : 0) |
    (message.opcode << 11) |
    (message.authoritative ? FLAG.AA : 0) |
    (message.truncated ? FLAG.TC : 0) |
    (message.recursionDesired ? FLAG.RD : 0) |
    (message.recursionAvailable ? FLAG.RA : 0) |
    (message.authenticData ? FLAG.AD : 0) |
    (message.checkingDisabled ? FLAG.CD : 0) |
    (message.rcode & 0xf)
  );
}

/** Writes RRset after RRset up to the first that does not fit; returns how many records that were. */
function writeRecords(out: OctetWriter, records: readonly ResourceRecord[], maxOctets: number): number {
  for (let at = 0; at < records.length; ) {
    const start = out.length;
    let next = at;
    do {
      writeRecord(out, records[next] as ResourceRecord);
      next += 1;
      if (out.length > maxOctets) {
        out.rewind(start);
        return at;
      }
    } while (records[next]?.type === records[at]?.type && records[next]?.name === records[at]?.name);
    at = next;
  }
  return records.length;
}

function writeRecord(out: OctetWriter, record: ResourceRecord): void {
  out.compressedName(record.name);
  out.u16(record.type);
  out.u16(record.class);
  out.u32(record.ttl);
  const lengthAt = out.length;
  out.u16(0);
  if (record.rdata.length > 0) writeRdata(record.type, record.rdata, out);
  out.setU16(lengthAt, out.length - lengthAt - 2);
}

function optOctets({ owner = ROOT, copies = 1, options }: Edns): number {
  return copies * (owner.length - 1 + OPT_OCTETS + optionsOctets(options));
}

function optionsOctets(options: Edns["options"]): number {
  return options.reduce((octets, { data }) => octets + 4 + data.length, 0);
}

function writeOpt(out: OctetWriter, edns: Edns, rcode: number): void {
  out.compressedName(edns.owner ?? ROOT);
  out.u16(TYPE.OPT);
  out.u16(edns.udpOctets);
  out.u8(rcode >> 4);
  out.u8(edns.version);
  out.u16(edns.dnssecOk ? DNSSEC_OK : 0);
  out.u16(optionsOctets(edns.options));
  for (const { code, data } of edns.options) {
    out.u16(code);
    out.u16(data.length);
    out.bytes(data);
  }
}
