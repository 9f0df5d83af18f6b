import type { Fields } from "../../src/contract/machine.ts";
import type { FieldTable } from "../../src/contract/service.ts";
import { type Decoded, decode, HEADER_OCTETS, type Message, type ResourceRecord } from "./message.ts";
import { lowerName, type Name, printName } from "./names.ts";
import { printRdata } from "./rdata.ts";
import { BADSIG, tsigOf } from "./tsig.ts";
import {
  CLASS,
  findClass,
  findOpcode,
  findType,
  OPCODE,
  printClass,
  printOpcode,
  printRcode,
  printType,
  TYPE,
} from "./types.ts";

/** What a query came over: `tls` is DNS over TLS (RFC 7858), `https` DNS over HTTPS (RFC 8484). */
export type Carrier = "udp" | "tcp" | "tls" | "https";

/** RFC 1035 section 4.1.1: four bits. */
const OPCODES = Array.from({ length: 16 }, (_, opcode) => printOpcode(opcode));

function canonicalName(text: string): string {
  const lower = text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  return lower.length > 1 && lower.endsWith(".") ? lower.slice(0, -1) : lower;
}

/** Codes are written in the one way in which requests show them; what is no code, such as a pattern, in capitals. */
function canonicalCode(find: (text: string) => number | undefined, print: (code: number) => string) {
  return (text: string): string => {
    const code = find(text);
    return code === undefined ? text.toUpperCase() : print(code);
  };
}

/** What a query consists of, for stubs and the journal. */
export const REQUEST_FIELDS = {
  name: {
    type: "string",
    doc: "The name asked for, in lower case, without its final dot; the root is `.`.",
    canonical: canonicalName,
  },
  asked: { type: "string", doc: "The same name with the case in which it was asked for." },
  type: {
    type: "string",
    doc: "QTYPE, such as `A`, `ANY` or `TYPE65280`.",
    values: Object.keys(TYPE),
    others: /^TYPE\d{1,5}$/,
    canonical: canonicalCode(findType, printType),
  },
  class: {
    type: "string",
    doc: "QCLASS, such as `IN` or `CH`.",
    values: Object.keys(CLASS),
    others: /^CLASS\d{1,5}$/,
    canonical: canonicalCode(findClass, printClass),
  },
  opcode: {
    type: "string",
    doc: "`QUERY`, `NOTIFY`, `UPDATE` ... (RFC 1035 section 4.1.1).",
    values: OPCODES,
    canonical: canonicalCode(findOpcode, printOpcode),
  },
  id: { type: "number", doc: "The message's ID." },
  transport: {
    type: "string",
    doc: "`udp`, `tcp` or, through the service https, `https`; of dot, `tls`.",
    values: ["udp", "tcp", "https"],
  },
  recursionDesired: { type: "boolean", doc: "The RD bit." },
  checkingDisabled: { type: "boolean", doc: "The CD bit." },
  edns: { type: "number", doc: "The UDP size that the client's OPT record offers; 0 without one (RFC 6891)." },
  dnssecOk: { type: "boolean", doc: "The DO bit of the OPT record (RFC 3225)." },
  ednsOptions: { type: "list", doc: "The codes of the OPT record's options, as numbers." },
  key: { type: "string", doc: "The name of the key with which the message is signed (TSIG, RFC 8945), in lower case." },
  prerequisites: {
    type: "list",
    doc: "Of an UPDATE (RFC 2136): what must be so, as master-file lines with the classes `ANY` and `NONE`.",
  },
  updates: {
    type: "list",
    doc: "Of an UPDATE: what is added (`www.example.test. 60 IN A 192.0.2.1`) and what goes (classes `ANY` and `NONE`).",
  },
  problem: { type: "string", doc: "Why the message could not be read to its end; absent if it could." },
} as const satisfies FieldTable;

/** What a response consists of. */
export const REPLY_FIELDS = {
  rcode: { type: "string", doc: "`NOERROR`, `NXDOMAIN`, `SERVFAIL` ... (RFC 1035 section 4.1.1)." },
  authoritative: { type: "boolean", doc: "The AA bit." },
  truncated: { type: "boolean", doc: "The TC bit: the client must come back over TCP." },
  answers: { type: "list", doc: "The answer section as master-file lines: `web.example.test. 3600 IN A 127.0.0.1`." },
  authority: { type: "list", doc: "The authority section, likewise." },
  additional: { type: "list", doc: "The additional section, likewise, without OPT and TSIG records." },
  tsig: {
    type: "string",
    doc: "What the TSIG record says: `NOERROR`, `BADKEY`, `BADSIG`, `BADTIME`; absent without one.",
  },
  octets: { type: "number", doc: "How long the message is." },
  messages: { type: "number", doc: "How many messages a zone transfer took; the other fields are of the first." },
  problem: {
    type: "string",
    doc: "Why the message could not be read to its end, as a rule wanted it; absent if it could.",
  },
} as const satisfies FieldTable;

/** A query and its response as the journal shows them. */
export function describeExchange(
  query: Uint8Array,
  response: Uint8Array | undefined,
  transport: Carrier,
): { request: Fields; reply: Fields } {
  return { request: describeRequest(decode(query), query.length, transport), reply: describeReply(response) };
}

/** A message of so many octets, as rules and the journal see it. */
export function describeRequest(query: Decoded | undefined, octets: number, transport: Carrier): Fields {
  if (!query) return { transport, problem: `the header has ${HEADER_OCTETS} octets; there are ${octets}` };
  const { message, problem } = query;
  const { edns } = message;
  const [question] = message.questions;
  return {
    name: question && withoutDot(lowerName(question.name)),
    asked: question && withoutDot(question.name),
    type: question && printType(question.type),
    class: question && printClass(question.class),
    opcode: printOpcode(message.opcode),
    id: message.id,
    transport,
    recursionDesired: message.recursionDesired,
    checkingDisabled: message.checkingDisabled,
    edns: edns?.udpOctets ?? 0,
    dnssecOk: edns?.dnssecOk ?? false,
    ednsOptions: edns?.options.map(({ code }) => code) ?? [],
    ...describeKey(message),
    ...(message.opcode === OPCODE.UPDATE ? describeUpdate(message) : {}),
    problem,
  };
}

function describeKey(message: Message): Fields {
  const tsig = tsigOf(message);
  return tsig ? { key: withoutDot(lowerName(tsig.name)) } : {};
}

function describeUpdate({ answers, authority }: Message): Fields {
  return { prerequisites: answers.map(printRecord), updates: authority.map(printRecord) };
}

/** RFC 8945 section 3: what error 16 means depends on where it stands. */
function describeSignature(message: Message): Fields {
  const tsig = tsigOf(message);
  return tsig ? { tsig: tsig.error === BADSIG ? "BADSIG" : printRcode(tsig.error) } : {};
}

/** A response as the journal shows it; silence has no fields. */
export function describeReply(response: Uint8Array | undefined): Fields {
  const decoded = response && decode(response);
  if (!decoded) return {};
  const { message, problem } = decoded;
  return {
    rcode: printRcode(message.rcode),
    authoritative: message.authoritative,
    truncated: message.truncated,
    answers: message.answers.map(printRecord),
    authority: message.authority.map(printRecord),
    additional: message.additional.filter(({ type }) => type !== TYPE.TSIG).map(printRecord),
    ...describeSignature(message),
    octets: response.length,
    ...(problem === undefined ? {} : { problem }),
  };
}

function withoutDot(name: Name): string {
  const text = printName(name);
  return text === "." ? text : text.slice(0, -1);
}

/** A record as a line of a master file. */
export function printRecord({ name, ttl, class: class_, type, rdata }: ResourceRecord): string {
  // RFC 2136 sections 2.4 and 2.5: an update is also about what has no data.
  const data =
    (class_ === CLASS.ANY || class_ === CLASS.NONE) && rdata.length === 0 ? "" : ` ${printRdata(type, rdata)}`;
  return `${printName(name)} ${ttl} ${printClass(class_)} ${printType(type)}${data}`;
}
