import type { Zone } from "../../src/contract/world.ts";
import { parsePeriod } from "./fields.ts";
import type { ResourceRecord } from "./message.ts";
import { type Name, parseName, printName } from "./names.ts";
import { OctetReader } from "./octets.ts";
import { parseRdata } from "./rdata.ts";
import { PresentationError } from "./text.ts";
import { CLASS, findClass, findType, parseType, printClass, TYPE } from "./types.ts";
import { type Entry, readEntries, type Word } from "./words.ts";
import { ZoneError } from "./zone-error.ts";

/** A record of a master file, and the line it begins on. */
export interface ZoneRecord extends ResourceRecord {
  readonly line: number;
}

/** Reads a master file (RFC 1035 section 5). Throws a `ZoneError` at the first thing that is not as expected. */
export function parseZoneFile(zone: Zone): ZoneRecord[] {
  const file = new ZoneFile(parseName(zone.origin));
  for (const entry of readEntries(zone.text, zone.source)) {
    try {
      file.read(entry);
    } catch (error) {
      if (!(error instanceof PresentationError)) throw error;
      throw new ZoneError(zone.source, entry.words[error.word]?.line ?? entry.line, error.message, error);
    }
  }
  return file.records();
}

/**
 * Reads records as a reply has them: names are relative to `origin`, which is also the owner of what names none; every class
 * is welcome. Throws a `ZoneError` or a `PresentationError`.
 */
export function parseRecords(text: string, origin: Name, ttl: number): ResourceRecord[] {
  const file = new ZoneFile(origin, ttl);
  for (const entry of readEntries(text, "records")) file.read(entry);
  return file.records().map(({ line, ...record }) => record);
}

class ZoneFile {
  readonly #records: (Omit<ZoneRecord, "ttl"> & { readonly ttl: number | undefined })[] = [];
  #origin: Name;
  #owner: Name | undefined;
  /** RFC 2308 section 4: what $TTL says. */
  #defaultTtl: number | undefined;
  /** RFC 1035 section 5.1: the last one stated. */
  #lastTtl: number | undefined;
  #soaMinimum = 0;
  /** It is a zone, and so all of one class. */
  readonly #isZone: boolean;

  /** With a TTL it is no zone, but records of all kinds about `origin`. */
  constructor(origin: Name, ttl?: number) {
    this.#origin = origin;
    this.#isZone = ttl === undefined;
    if (ttl === undefined) return;
    this.#owner = origin;
    this.#defaultTtl = ttl;
  }

  records(): ZoneRecord[] {
    return this.#records.map((record) => ({ ...record, ttl: record.ttl ?? this.#soaMinimum }));
  }

  read({ words, blank, line }: Entry): void {
    if (!blank && words[0]?.text.startsWith("$")) this.#readDirective(words);
    else this.#readRecord(words, blank, line);
  }

  #readDirective([directive, value, ...more]: readonly Word[]): void {
    const name = directive?.text.toUpperCase();
    if (name === "$INCLUDE")
      throw new PresentationError(
        "expected no $INCLUDE: a zone is one text here, put the other file's lines in its place",
      );
    if (name !== "$ORIGIN" && name !== "$TTL")
      throw new PresentationError(`expected $ORIGIN or $TTL, not ${directive?.text}`);
    if (value === undefined || more.length > 0)
      throw new PresentationError(`expected one ${name === "$TTL" ? "time" : "name"} after ${name}`);
    if (name === "$ORIGIN") this.#origin = parseName(value.text, this.#origin);
    else {
      const ttl = parsePeriod(value.text);
      if (ttl === undefined) throw new PresentationError(`expected a time such as 3600 or 1h30m, not "${value.text}"`);
      this.#defaultTtl = ttl;
    }
  }

  #readRecord(words: readonly Word[], blank: boolean, line: number): void {
    let at = blank ? 0 : 1;
    if (!blank) this.#owner = parseName(words[0]?.text ?? "", this.#origin);
    if (this.#owner === undefined)
      throw new PresentationError("expected a name at the beginning of the line, for no record stands before it");
    let ttl: number | undefined;
    let class_: number | undefined;
    // RFC 1035 section 5.1: [<TTL>] [<class>] or [<class>] [<TTL>].
    for (; ; at += 1) {
      const text = words[at]?.text;
      if (text === undefined) throw new PresentationError("expected a type such as A after the name");
      const period = ttl === undefined ? parsePeriod(text) : undefined;
      const found = class_ === undefined ? findClass(text) : undefined;
      if (this.#isZone && found !== undefined && found !== CLASS.IN)
        throw new PresentationError(`expected the class IN, not ${printClass(found)}`);
      if (found !== undefined) class_ = found;
      else if (period !== undefined) ttl = period;
      else break;
    }
    const type = this.#readType(words[at]?.text ?? "", blank, at);
    const rdata = this.#readRdata(type, words, at + 1);
    if (type === TYPE.SOA) this.#soaMinimum = new OctetReader(rdata, rdata.length - 4).u32();
    this.#lastTtl = ttl ?? this.#lastTtl;
    this.#records.push({
      name: this.#owner,
      type,
      class: class_ ?? CLASS.IN,
      ttl: ttl ?? this.#defaultTtl ?? this.#lastTtl,
      rdata,
      line,
    });
  }

  #readRdata(type: number, words: readonly Word[], from: number): Uint8Array {
    try {
      const texts = words.slice(from).map(({ text }) => text);
      return parseRdata(type, texts, this.#origin);
    } catch (error) {
      throw error instanceof PresentationError ? new PresentationError(error.message, from + error.word) : error;
    }
  }

  #readType(text: string, blank: boolean, at: number): number {
    if (blank && at === 0 && findType(text) === undefined)
      throw new PresentationError(
        `expected a TTL, class or type, not "${text}": a line that begins with a space is about ${printName(this.#owner as Name)}`,
      );
    const type = parseType(text);
    // RFC 6895 section 3.1: 128 to 255 are for questions and for messages, and so is OPT.
    if (type === TYPE.OPT || (type >= 128 && type <= 255))
      throw new PresentationError(`expected a type that has data, not ${text}`);
    return type;
  }
}
