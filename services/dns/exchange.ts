import type { Fields } from "../../src/contract/machine.ts";
import type { FieldTable, Transport } from "../../src/contract/service.ts";
import { type Decoded, decode, type Message, type ResourceRecord } from "./message.ts";
import { lowerName, type Name, printName } from "./names.ts";
import { printRdata } from "./rdata.ts";
import { printClass, printOpcode, printRcode, printType } from "./types.ts";

/** What a query consists of, for stubs and the journal. */
export const REQUEST_FIELDS = {
  name: { type: "string", doc: "The name asked for, in lower case, without its final dot; the root is `.`." },
  asked: { type: "string", doc: "The same name with the case in which it was asked for." },
  type: { type: "string", doc: "QTYPE, such as `A`, `ANY` or `TYPE65280`." },
  class: { type: "string", doc: "QCLASS, such as `IN` or `CH`." },
  opcode: { type: "string", doc: "`QUERY`, `NOTIFY`, `UPDATE` ... (RFC 1035 section 4.1.1)." },
  id: { type: "number", doc: "The message's ID." },
  transport: { type: "string", doc: "`udp` or `tcp`." },
  recursionDesired: { type: "boolean", doc: "The RD bit." },
  checkingDisabled: { type: "boolean", doc: "The CD bit." },
  edns: { type: "number", doc: "The UDP size that the client's OPT record offers; 0 without one (RFC 6891)." },
  dnssecOk: { type: "boolean", doc: "The DO bit of the OPT record (RFC 3225)." },
  ednsOptions: { type: "list", doc: "The codes of the OPT record's options, as numbers." },
  problem: { type: "string", doc: "Why the message could not be read to its end; absent if it could." },
} as const satisfies FieldTable;

/** What a response consists of. */
export const REPLY_FIELDS = {
  rcode: { type: "string", doc: "`NOERROR`, `NXDOMAIN`, `SERVFAIL` ... (RFC 1035 section 4.1.1)." },
  authoritative: { type: "boolean", doc: "The AA bit." },
  truncated: { type: "boolean", doc: "The TC bit: the client must come back over TCP." },
  answers: { type: "list", doc: "The answer section as master-file lines: `web.example.test. 3600 IN A 127.0.0.1`." },
  authority: { type: "list", doc: "The authority section, likewise." },
  additional: { type: "list", doc: "The additional section, likewise, without the OPT record." },
  octets: { type: "number", doc: "How long the message is." },
  messages: { type: "number", doc: "How many messages a zone transfer took; the other fields are of the first." },
} as const satisfies FieldTable;

/** A query and its response as the journal shows them; a reply without fields is silence. */
export function describeExchange(
  query: Uint8Array,
  response: Uint8Array | undefined,
  transport: Transport,
): { request: Fields; reply: Fields } {
  const asked = decode(query);
  const answered = response && decode(response);
  return {
    request: asked
      ? requestFields(asked, transport)
      : { transport, problem: `the header has 12 octets; there are ${query.length}` },
    reply: answered ? replyFields(answered.message, response.length) : {},
  };
}

function requestFields({ message, problem }: Decoded, transport: Transport): Fields {
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
    problem,
  };
}

function replyFields(message: Message, octets: number): Fields {
  return {
    rcode: printRcode(message.rcode),
    authoritative: message.authoritative,
    truncated: message.truncated,
    answers: message.answers.map(printRecord),
    authority: message.authority.map(printRecord),
    additional: message.additional.map(printRecord),
    octets,
  };
}

function withoutDot(name: Name): string {
  const text = printName(name);
  return text === "." ? text : text.slice(0, -1);
}

/** A record as a line of a master file. */
export function printRecord({ name, ttl, class: class_, type, rdata }: ResourceRecord): string {
  return `${printName(name)} ${ttl} ${printClass(class_)} ${printType(type)} ${printRdata(type, rdata)}`;
}
