import { fromHex, fromUtf8 } from "../../src/wire/bytes.ts";
import { nearest } from "../../src/wire/nearest.ts";
import { COUNTED_SECTIONS, type Content, type Damage, type DnsReply, type EdnsReply } from "./dns-reply.ts";
import { EXTENDED_ERROR, NSID } from "./edns-options.ts";
import { type EdnsOption, MAX_MESSAGE_OCTETS } from "./message.ts";
import { type Name, parseName } from "./names.ts";
import type { EdnsFields, ReplyFields } from "./reply-fields.ts";
import { NO_RECORDS, type RecordsFor, readRecords } from "./rule-records.ts";
import { PresentationError } from "./text.ts";
import { CLASS, findOpcode, findRcode, RCODE, TYPE } from "./types.ts";

const DEFAULT_TTL = 300;
/** NOERROR without records, which is no rcode, but what people call it. */
const NODATA = "NODATA";

/** A mistake, and the keys that lead to it. */
export class Mistake extends Error {
  readonly keys: readonly (string | number)[];
  readonly input: unknown;

  constructor(message: string, keys: readonly (string | number)[], input: unknown) {
    super(message);
    this.keys = keys;
    this.input = input;
  }
}

/** `SERVFAIL`, `192.0.2.1`, `MX 10 mail.example.test.`. */
export function readText(written: string): DnsReply {
  if (isRcode(written)) return readFields({ rcode: written });
  try {
    return readFields({ answers: [written] });
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    const near = /\s/.test(written.trim()) ? undefined : nearest(written, [...Object.keys(RCODE), NODATA]);
    const hint = near ? ` (did you mean "${near}"?)` : `; ${error.message}`;
    throw new Mistake(`expected an rcode, an address, or a record such as "A 192.0.2.1"${hint}`, [], written);
  }
}

function isRcode(written: string): boolean {
  return written.toUpperCase() === NODATA || findRcode(written) !== undefined;
}

export function readFields(written: ReplyFields): DnsReply {
  if (Object.values(written).every((value) => value === undefined))
    throw new Mistake("an rcode, records, or what is to be different in the service's own answer", [], written);
  const { id, question, edns, maxOctets, length, behind = 0, soa = {} } = written;
  const content = contentOf(written);
  return {
    content,
    ttl: content || written.ttl === undefined ? undefined : unsignedTtl(written.ttl),
    flags: flagsOf(written),
    id,
    question,
    edns: edns && ednsOf(edns),
    soa: {
      ...(soa.serial === undefined ? {} : { serial: soa.serial }),
      ...(soa.owner === undefined ? {} : { owner: nameOf(soa.owner, ["soa", "owner"]) }),
      ...(soa.final === undefined ? {} : { final: soa.final }),
    },
    maxOctets,
    damage: damageOf(written),
    length,
    behind,
  };
}

function contentOf(written: ReplyFields): Content | undefined {
  const { rcode, answers, authority, additional, ttl = DEFAULT_TTL, truncated } = written;
  if (rcode === undefined && answers === undefined && authority === undefined && additional === undefined)
    return undefined;
  const isAnyRecord = [answers, authority, additional].some((section) => (section?.length ?? 0) > 0);
  if (written.ttl !== undefined && !isAnyRecord) throw new Mistake("no TTL, for there are no records", ["ttl"], ttl);
  const unsigned = unsignedTtl(ttl);
  const hasRecords = (answers?.length ?? 0) > 0 || truncated === true;
  return {
    rcode: rcode === undefined ? RCODE.NOERROR : rcodeOf(rcode),
    answers: sectionOf("answers", answers ?? [], unsigned),
    authority: authority === undefined && !hasRecords ? undefined : sectionOf("authority", authority ?? [], unsigned),
    additional: sectionOf("additional", additional ?? [], unsigned),
  };
}

/** RFC 2181 section 8: a TTL is unsigned; what is below 0 has its highest bit set on the wire. */
function unsignedTtl(ttl: number): number {
  return ttl >>> 0;
}

function rcodeOf(written: string): number {
  if (written.toUpperCase() === NODATA) return RCODE.NOERROR;
  const rcode = findRcode(written);
  if (rcode !== undefined) return rcode;
  const near = nearest(written, [...Object.keys(RCODE), NODATA]);
  throw new Mistake(
    near ? `an rcode (did you mean "${near}"?)` : "an rcode such as SERVFAIL or RCODE12",
    ["rcode"],
    written,
  );
}

/** A message with a question and this many octets of records can be sent. */
const MAX_SECTION_OCTETS = MAX_MESSAGE_OCTETS - 600;
const ANYTHING = { name: parseName("x."), type: TYPE.ANY, class: CLASS.IN };
/** Of a record, beside its RDATA: a pointer as its name, and TYPE, CLASS, TTL and RDLENGTH. */
const RECORD_OCTETS = 12;

function sectionOf(
  section: "answers" | "authority" | "additional",
  written: string | readonly string[],
  ttl: number,
): RecordsFor {
  const isList = typeof written !== "string";
  const lines = isList ? written : [written];
  const read = lines.map((line, at) => {
    try {
      return readRecords(line, ttl);
    } catch (error) {
      if (!(error instanceof PresentationError)) throw error;
      throw new Mistake(`a record; ${error.message}`, isList ? [section, at] : [section], line);
    }
  });
  const [first = NO_RECORDS, ...more] = read;
  const all: RecordsFor = more.length === 0 ? first : (question) => read.flatMap((of) => of(question));
  const octets = all(ANYTHING).reduce((sum, { rdata }) => sum + RECORD_OCTETS + rdata.length, 0);
  if (octets > MAX_SECTION_OCTETS)
    throw new Mistake(`records of at most ${MAX_SECTION_OCTETS} octets in all; these have ${octets}`, [section], lines);
  return all;
}

const FLAGS = [
  "response",
  "authoritative",
  "truncated",
  "recursionDesired",
  "recursionAvailable",
  "authenticData",
  "checkingDisabled",
] as const;

function flagsOf(written: ReplyFields): DnsReply["flags"] {
  const flags: { [flag in (typeof FLAGS)[number]]?: boolean } & { opcode?: number } = {};
  for (const name of FLAGS) if (written[name] !== undefined) flags[name] = written[name];
  if (written.opcode !== undefined) {
    const opcode = findOpcode(written.opcode);
    if (opcode === undefined) throw new Mistake("an opcode such as NOTIFY or OPCODE12", ["opcode"], written.opcode);
    flags.opcode = opcode;
  }
  return flags;
}

function ednsOf(written: EdnsFields): EdnsReply {
  const {
    udpOctets,
    version,
    dnssecOk,
    ede,
    nsid,
    cookie,
    clientSubnetScope,
    echo = false,
    owner,
    copies = 1,
  } = written;
  const options: EdnsOption[] = (written.options ?? []).map(({ code, hex }) => ({
    code,
    data: fromHex(hex) as Uint8Array,
  }));
  if (nsid !== undefined) options.push({ code: NSID, data: fromUtf8(nsid) });
  if (ede)
    options.push({ code: EXTENDED_ERROR, data: Uint8Array.of(ede.code >> 8, ede.code & 0xff, ...fromUtf8(ede.text)) });
  return {
    udpOctets,
    version,
    dnssecOk,
    options,
    echo,
    cookie,
    clientSubnetScope,
    owner: owner === undefined ? undefined : nameOf(owner, ["edns", "owner"]),
    copies,
  };
}

function damageOf({ counts, badName, rdlength, trailing, cut = 0 }: ReplyFields): Damage | undefined {
  if (!counts && badName === undefined && rdlength === undefined && trailing === undefined && cut === 0)
    return undefined;
  const stated = COUNTED_SECTIONS.flatMap((section) => {
    const number = counts?.[section];
    return number === undefined ? [] : [[section, number] as const];
  });
  return {
    counts: Object.fromEntries(stated),
    badName,
    rdlength,
    trailing: typeof trailing === "string" ? fromUtf8(trailing) : trailing,
    cut,
  };
}

function nameOf(written: string, keys: readonly string[]): Name {
  try {
    return parseName(written);
  } catch (error) {
    if (error instanceof PresentationError) throw new Mistake(error.message, keys, written);
    throw error;
  }
}
