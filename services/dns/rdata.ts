/**
 * RDATA is kept as it is on the wire, but with every name whole: so a record of any type is the same kind of thing, and
 * the shapes in types.ts are needed only to compress, to expand, to print and to parse.
 */

import { fromHex, toHex, toLatin1 } from "../../src/wire/bytes.ts";
import { FIELDS, type Field } from "./fields.ts";
import { lowerName, type Name } from "./names.ts";
import { OctetReader, OctetWriter } from "./octets.ts";
import { PresentationError } from "./text.ts";
import { printType, type RdataShape, shapeOf } from "./types.ts";

/** With its question and the longest of names, a record must fit into a message of 65,535 octets. */
const MAX_RDATA_OCTETS = 64_000;
const USUAL_RDATA_OCTETS = 64;

function fieldsOf(shape: RdataShape) {
  return Object.entries(shape).map(([name, kind]) => ({ name, kind, ...FIELDS[kind] }));
}

const prepared = new Map<number, ReturnType<typeof fieldsOf>>();

function fieldsOfType(type: number): ReturnType<typeof fieldsOf> | undefined {
  const known = prepared.get(type);
  if (known) return known;
  const shape = shapeOf(type);
  const fields = shape && fieldsOf(shape);
  if (fields) prepared.set(type, fields);
  return fields;
}

/** The RDATA that a master file's words stand for; escapes are still in them, quotes are not. */
export function parseRdata(type: number, words: readonly string[], origin: Name): Uint8Array {
  if (words[0] === "\\#") return parseUnknownRdata(type, words.slice(1));
  const fields = fieldsOfType(type);
  // RFC 3597 section 5: the form for a type whose fields are not known.
  if (!fields) throw new PresentationError(`${printType(type)}: expected its RDATA as \\# LENGTH HEX`);
  const out = new OctetWriter(USUAL_RDATA_OCTETS);
  let at = 0;
  for (const field of fields) {
    const texts = "takesAll" in field ? words.slice(at) : words.slice(at, at + 1);
    const expectation = `${printType(type)}: expected ${field.name} (${field.expected})`;
    if (texts.length === 0 && !("mayBeNothing" in field))
      throw new PresentationError(`${expectation}, but the record ends before it`, at - 1);
    if (!parseField(field, texts, out, origin, at))
      throw new PresentationError(`${expectation}, not "${texts.join(" ")}"`, at);
    at += texts.length;
  }
  if (at < words.length)
    throw new PresentationError(
      `${printType(type)}: expected nothing after ${fields.at(-1)?.name}, not "${words[at]}"`,
      at,
    );
  return checkedLength(type, out.octets);
}

function parseField(field: Field, texts: readonly string[], out: OctetWriter, origin: Name, at: number): boolean {
  try {
    return field.parse(texts, out, origin);
  } catch (error) {
    throw error instanceof PresentationError ? new PresentationError(error.message, at) : error;
  }
}

function parseUnknownRdata(type: number, words: readonly string[]): Uint8Array {
  const octets = fromHex(words.slice(1).join(""));
  if (!/^\d{1,5}$/.test(words[0] ?? "") || !octets)
    throw new PresentationError(`${printType(type)}: expected \\# LENGTH HEX, not "\\# ${words.join(" ")}"`);
  if (octets.length !== Number(words[0]))
    throw new PresentationError(
      `${printType(type)}: expected ${words[0]} octets after \\#; there are ${octets.length}`,
    );
  if (fieldsOfType(type) && printFields(type, octets) === undefined)
    throw new PresentationError(`${printType(type)}: expected octets that make up its fields after \\#`);
  return checkedLength(type, octets);
}

function checkedLength(type: number, rdata: Uint8Array): Uint8Array {
  if (rdata.length > MAX_RDATA_OCTETS)
    throw new PresentationError(
      `${printType(type)}: expected at most ${MAX_RDATA_OCTETS} octets of RDATA, not ${rdata.length}`,
    );
  return rdata;
}

/** RDATA as in a master file; what its shape does not fit, as `\# LENGTH HEX`. */
export function printRdata(type: number, rdata: Uint8Array): string {
  return printFields(type, rdata) ?? `\\# ${rdata.length} ${toHex(rdata).toUpperCase()}`.trimEnd();
}

function printFields(type: number, rdata: Uint8Array): string | undefined {
  const fields = fieldsOfType(type);
  if (!fields) return undefined;
  const reader = new OctetReader(rdata);
  const texts = fields.map((field) => field.print(reader)).filter((text) => text !== "");
  return reader.problem !== undefined || reader.left > 0 ? undefined : texts.join(" ");
}

/** Reads the RDATA of a message, up to the reader's end, and makes its names whole. */
export function expandRdata(type: number, reader: OctetReader): Uint8Array {
  const fields = fieldsOfType(type);
  if (!fields?.some(({ extent }) => extent === "name")) return reader.octets(reader.left);
  const out = new OctetWriter(USUAL_RDATA_OCTETS);
  for (const { extent } of fields) {
    if (extent === "name") out.latin1(reader.name());
    else if (extent === "string") out.string(reader.string());
    else out.bytes(reader.octets(extent === "rest" ? reader.left : extent));
  }
  if (reader.left > 0) reader.fail(`${reader.left} octets are left after the RDATA of ${printType(type)}`);
  return out.octets;
}

/** Writes RDATA into a message, with the names of RFC 1035's types compressed. */
export function writeRdata(type: number, rdata: Uint8Array, out: OctetWriter): void {
  const fields = fieldsOfType(type);
  // RFC 3597 section 4: no compression in the RDATA of types that are not of RFC 1035.
  if (!fields?.some(({ kind }) => kind === "name")) {
    out.bytes(rdata);
    return;
  }
  const reader = new OctetReader(rdata);
  for (const { kind, extent } of fields) {
    if (kind === "name") out.compressedName(reader.name());
    else out.bytes(reader.octets(typeof extent === "number" ? extent : reader.left));
  }
}

/** The first name in RDATA: where an alias, a delegation, or a service leads. */
export function targetOf(type: number, rdata: Uint8Array): Name | undefined {
  const reader = new OctetReader(rdata);
  for (const { extent } of fieldsOfType(type) ?? []) {
    if (extent === "name") return reader.name();
    if (extent === "string") reader.string();
    else reader.octets(extent === "rest" ? reader.left : extent);
  }
  return undefined;
}

/** RDATA of this type can have these octets: they make up its fields, or it has none that are known. */
export function fitsType(type: number, rdata: Uint8Array): boolean {
  return fieldsOfType(type) === undefined || printFields(type, rdata) !== undefined;
}

/** RDATA in the form in which equal ones have equal octets (RFC 2136 section 1.1.1): one character each, names in lower case. */
export function comparableRdata(type: number, rdata: Uint8Array): string {
  const fields = fieldsOfType(type);
  if (!fields?.some(({ extent }) => extent === "name")) return toLatin1(rdata);
  const reader = new OctetReader(rdata);
  let comparable = "";
  for (const { extent } of fields) {
    if (extent === "name") comparable += lowerName(reader.name());
    else if (extent === "string") comparable += `"${reader.string()}"`;
    else comparable += reader.latin1(extent === "rest" ? reader.left : extent);
  }
  return comparable;
}
