import { fromLatin1, toLatin1 } from "../../src/wire/bytes.ts";
import { parseIpv4, parseIpv6 } from "./addresses.ts";
import type { Question, ResourceRecord } from "./message.ts";
import { type Name, parseName } from "./names.ts";
import { PresentationError } from "./text.ts";
import { CLASS, findType, TYPE } from "./types.ts";
import { ZoneError } from "./zone-error.ts";
import { parseRecords } from "./zone-file.ts";

/** The records of a section, as a rule has them for a question. */
export type RecordsFor = (question: Question) => readonly ResourceRecord[];

export const NO_RECORDS: RecordsFor = () => [];

/** Two names, to find out whether a text depends on the name that is asked for. */
const ONE_NAME = parseName("one.invalid.");
const OTHER_NAME = parseName("other.invalid.");

/**
 * Reads an address, which answers A or AAAA for the name that is asked for; or lines of a master file, in which that name is
 * `@`, and the owner if none is said: `A 192.0.2.1`. Throws a `PresentationError`.
 */
export function readRecords(text: string, ttl: number): RecordsFor {
  const address = readAddress(text, ttl);
  if (address) return address;
  const parse = parserOf(text, ttl);
  const records = parse(ONE_NAME);
  if (records.length === 0) throw new PresentationError("expected a record, and there is none");
  return isSame(records, parse(OTHER_NAME)) ? () => records : ({ name }) => readAgain(parse, name);
}

/** What could be read for one name fails for another only where that has no room for a further label. */
function readAgain(parse: (name: Name) => readonly ResourceRecord[], name: Name): readonly ResourceRecord[] {
  try {
    return parse(name);
  } catch (error) {
    if (error instanceof PresentationError) return [];
    throw error;
  }
}

function readAddress(text: string, ttl: number): RecordsFor | undefined {
  const v4 = parseIpv4(text);
  const v6 = v4 === undefined ? parseIpv6(text) : undefined;
  const octets = v4 ?? v6;
  if (octets === undefined) return undefined;
  const type = v4 === undefined ? TYPE.AAAA : TYPE.A;
  const rdata = fromLatin1(octets);
  return ({ name, type: asked }) =>
    asked === type || asked === TYPE.ANY ? [{ name, type, class: CLASS.IN, ttl, rdata }] : [];
}

/** A record that begins with its type is about the name that is asked for, if it can be read so. */
function parserOf(text: string, ttl: number): (name: Name) => readonly ResourceRecord[] {
  const [, first = ""] = /^([A-Z][A-Z0-9]*)\s/.exec(text) ?? [];
  const isAbout = first === "IN" || first === "CH" || findType(first) !== undefined;
  const whole = (name: Name) => parsed(text, name, ttl);
  const ownerless = (name: Name) => parsed(` ${text}`, name, ttl);
  if (!isAbout) return whole;
  try {
    ownerless(ONE_NAME);
    return ownerless;
  } catch (error) {
    if (canBeRead(() => whole(ONE_NAME))) return whole;
    throw error;
  }
}

function canBeRead(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof PresentationError) return false;
    throw error;
  }
}

function parsed(text: string, name: Name, ttl: number): readonly ResourceRecord[] {
  try {
    return parseRecords(text, name, ttl);
  } catch (error) {
    throw error instanceof ZoneError ? new PresentationError(error.problem) : error;
  }
}

function isSame(some: readonly ResourceRecord[], others: readonly ResourceRecord[]): boolean {
  return some.every((record, at) => {
    const other = others[at];
    return other?.name === record.name && toLatin1(record.rdata) === toLatin1(other.rdata);
  });
}
