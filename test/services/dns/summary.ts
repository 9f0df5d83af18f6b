import { decode, type Message, type ResourceRecord } from "../../../services/dns/message.ts";
import { lowerName, printName } from "../../../services/dns/names.ts";
import { printRdata } from "../../../services/dns/rdata.ts";
import { CLASS, printClass, printOpcode, printRcode, printType, TYPE } from "../../../services/dns/types.ts";
import { toHex, toLatin1 } from "../../../src/wire/bytes.ts";

const USUAL_TTLS: readonly number[] = [300, 3600];
/** A longer answer is worth to be told. */
const USUAL_OCTETS = 1232;
const SHOWN_CHARACTERS = 40;
const SHOWN_TYPES: readonly number[] = [TYPE.MX, TYPE.SRV, TYPE.CAA, TYPE.TXT];

/** What a client sees of a response, in the words of the fault table: its rcode, its records, and what is strange. */
export function summary(octets: Uint8Array, query: Uint8Array): string {
  const decoded = decode(octets);
  const asked = decode(query)?.message;
  if (!decoded || !asked) return JSON.stringify(toLatin1(octets));
  const { message, problem } = decoded;
  if (problem !== undefined) return `malformed${message.truncated ? ", TC" : ""}: ${problem}`;
  return [
    printRcode(message.rcode),
    ...answers(message),
    ...others("authority", message.authority),
    ...others("additional", message.additional),
    ...strangeFlags(message, asked),
    ...strangeQuestion(message, asked),
    ...opt(message, asked),
    ...(octets.length > USUAL_OCTETS ? [`${octets.length} octets`] : []),
  ].join(", ");
}

function countsOf(records: readonly ResourceRecord[]): string {
  const counts = new Map<string, number>();
  for (const { type } of records) counts.set(printType(type), (counts.get(printType(type)) ?? 0) + 1);
  return [...counts].map(([type, count]) => `${count} ${type}`).join(" ");
}

function answers({ answers: records }: Message): string[] {
  const [first] = records;
  if (!first) return [];
  const texts = records.map(({ type, rdata }) => printRdata(type, rdata)).join(", ");
  const shown = SHOWN_TYPES.includes(first.type) && records.every(({ type }) => type === first.type) && texts;
  const inClass = first.class === CLASS.IN ? "" : ` in ${printClass(first.class)}`;
  return [
    `${countsOf(records)}${inClass}${shown && texts.length <= SHOWN_CHARACTERS ? `: ${shown}` : ""}`,
    ...(USUAL_TTLS.includes(first.ttl) ? [] : [`TTL ${first.ttl}`]),
  ];
}

function others(section: string, records: readonly ResourceRecord[]): string[] {
  return records.length > 0 ? [`${section}: ${countsOf(records)}`] : [];
}

function* strangeFlags(message: Message, asked: Message): Generator<string> {
  if (!message.authoritative && printRcode(message.rcode) === "NOERROR") yield "AA=0";
  if (message.truncated) yield "TC";
  if (message.recursionAvailable) yield "RA=1";
  if (message.authenticData) yield "AD=1";
  if (message.checkingDisabled !== asked.checkingDisabled) yield "CD=0";
  if (message.id !== asked.id) yield "another ID";
  if (!message.response) yield "QR=0";
  if (message.opcode !== asked.opcode) yield printOpcode(message.opcode);
}

function* strangeQuestion({ questions }: Message, asked: Message): Generator<string> {
  const [question] = questions;
  const [wanted] = asked.questions;
  if (!question || !wanted) yield "no question";
  else if (questions.length > 1) yield `${questions.length} questions`;
  else if (question.type !== wanted.type) yield "another type in the question";
  else if (lowerName(question.name) !== lowerName(wanted.name)) yield "another name in the question";
  else if (question.name !== wanted.name) yield "another case in the question";
}

function* opt({ edns }: Message, asked: Message): Generator<string> {
  if (!asked.edns) return;
  if (!edns) {
    yield "no OPT";
    return;
  }
  if (edns.version !== 0) yield `EDNS version ${edns.version}`;
  if (edns.dnssecOk !== asked.edns.dnssecOk) yield "DO=0";
  const wantsCookie = asked.edns.options.some(({ code }) => code === 10);
  if (wantsCookie && !edns.options.some(({ code }) => code === 10)) yield "no cookie";
  for (const { code, data } of edns.options) {
    const sent = asked.edns.options.find((option) => option.code === code)?.data;
    if (code === 3) yield `NSID ${toLatin1(data)}`;
    else if (code === 8) {
      if (data[3] !== 0) yield `scope /${data[3]}`;
    } else if (code === 10) {
      const isOurs = sent && toHex(data).startsWith(toHex(sent));
      if (!isOurs || data.length !== 24) yield `${isOurs ? "" : "another client's "}cookie of ${data.length} octets`;
    } else if (code === 15) {
      yield `EDE ${((data[0] ?? 0) << 8) | (data[1] ?? 0)} ${JSON.stringify(toLatin1(data, 2))}`;
    } else yield `option ${code}`;
  }
}

/** The SOA records of a zone transfer, of which there should be two of the zone's name. */
export function soas(octets: Uint8Array): string {
  const { message } = decode(octets) ?? {};
  const records = message?.answers.filter(({ type }) => type === TYPE.SOA) ?? [];
  const owner = printName(records[0]?.name ?? lowerName(message?.questions[0]?.name ?? ("\0" as never)));
  const rcode = printRcode(message?.rcode ?? 0);
  if (records.length === 0) return rcode;
  return `${rcode}, ${records.length} SOA${owner === "example.test." ? "" : ` of ${owner}`}`;
}
