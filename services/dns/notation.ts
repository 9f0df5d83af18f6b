import type { Notation } from "../../src/contract/service.ts";
import { EMPTY, fromHex, toHex } from "../../src/wire/bytes.ts";
import { printRecord } from "./exchange.ts";
import { frame, unframe } from "./frames.ts";
import { decode, type Edns, encode, type Message, type ResourceRecord } from "./message.ts";
import { parseName, printName, ROOT } from "./names.ts";
import { PresentationError } from "./text.ts";
import { CLASS, findClass, findOpcode, parseType, printClass, printOpcode, printRcode, printType } from "./types.ts";
import { parseRecords } from "./zone-file.ts";

const HEX = "hex:";
const DEFAULT_ID = 1;
const DEFAULT_EDNS_OCTETS = 1232;

/**
 * DNS messages as text, in the manner of dig.
 *
 * A query is one line: `www.example.test A +edns=1232 +do id=7 rd=0 class=CH opcode=NOTIFY`; or `hex:` and the octets of
 * anything else. The records of an UPDATE come behind bars: `example.test SOA opcode=UPDATE | prerequisite www.example.test. 0
 * ANY A | update www.example.test. 60 IN A 192.0.2.1`. A response is a line with rcode, flags and id, and a line for each question and record.
 */
export const notation: Notation = {
  read(text) {
    if (text.startsWith(HEX)) {
      const octets = fromHex(text.slice(HEX.length).replace(/\s/g, ""));
      if (!octets) throw new PresentationError(`expected pairs of hexadecimal digits after ${HEX}`);
      return octets;
    }
    return encode(parseQuery(text));
  },
  write(octets) {
    const decoded = decode(octets);
    if (!decoded || decoded.problem !== undefined) return HEX + toHex(octets);
    const { message } = decoded;
    if (message.response) return printResponse(message);
    const line = printQuery(message);
    // What the line does not say must not be lost.
    return line !== undefined && toHex(encode(parseQuery(line))) === toHex(octets) ? line : HEX + toHex(octets);
  },
  frame,
  unframe,
};

const FLAGS = { rd: "recursionDesired", ad: "authenticData", cd: "checkingDisabled" } as const;

const BAR = " | ";
const SECTIONS = { prerequisite: "answers", update: "authority" } as const;

function parseQuery(text: string): Message {
  const [asked = "", ...records] = text.trim().split(BAR);
  const [name = "", type = "", ...words] = asked.split(/\s+/);
  const sections: Record<"answers" | "authority", ResourceRecord[]> = { answers: [], authority: [] };
  for (const record of records) {
    const [, section = "", line = ""] = /^\s*(\w+)\s+(.*)$/.exec(record) ?? [];
    if (section !== "prerequisite" && section !== "update")
      throw new PresentationError(`expected "prerequisite" or "update" and a record after the bar, not "${record}"`);
    sections[SECTIONS[section]].push(parseRecord(line));
  }
  const flags = { recursionDesired: true, authenticData: false, checkingDisabled: false };
  const edns = {
    udpOctets: DEFAULT_EDNS_OCTETS,
    version: 0,
    dnssecOk: false,
    options: [] as Edns["options"][number][],
  };
  let hasEdns = false;
  let id = DEFAULT_ID;
  let opcode = 0;
  let class_: number = CLASS.IN;
  for (const word of words) {
    const [, key = "", value = ""] = /^([^=]*)=?(.*)$/.exec(word) ?? [];
    const unexpected = new PresentationError(`expected a flag such as +edns=1232, +do, id=1 or rd=0, not "${word}"`);
    const found = <T>(it: T | undefined): T => {
      if (it === undefined) throw unexpected;
      return it;
    };
    if (key.startsWith("+")) hasEdns = true;
    if (key === "id") id = found(number(value, 0xffff));
    else if (key === "rd" || key === "ad" || key === "cd") flags[FLAGS[key]] = found(number(value, 1)) === 1;
    else if (key === "class") class_ = found(findClass(value));
    else if (key === "opcode") opcode = found(findOpcode(value));
    else if (key === "+edns") edns.udpOctets = value === "" ? DEFAULT_EDNS_OCTETS : found(number(value, 0xffff));
    else if (key === "+version") edns.version = found(number(value, 0xff));
    else if (key === "+do" && value === "") edns.dnssecOk = true;
    else if (key === "+option") {
      const [code = "", hex = ""] = value.split(":");
      edns.options.push({ code: found(number(code, 0xffff)), data: found(fromHex(hex)) });
    } else throw unexpected;
  }
  return {
    id,
    response: false,
    opcode,
    authoritative: false,
    truncated: false,
    recursionAvailable: false,
    ...flags,
    rcode: 0,
    questions: [{ name: parseName(name), type: parseType(type), class: class_ }],
    ...sections,
    additional: [],
    ...(hasEdns ? { edns } : {}),
  };
}

/** `www.example.test. 60 IN A 192.0.2.1`, or without any data: `www.example.test. 0 ANY A`. */
function parseRecord(line: string): ResourceRecord {
  const [, name = "", ttl = "", class_ = "", type = ""] = /^(\S+) (\d{1,10}) (\S+) (\S+)$/.exec(line) ?? [];
  const bare = findClass(class_);
  if (bare !== undefined)
    return { name: parseName(name), type: parseType(type), class: bare, ttl: Number(ttl), rdata: EMPTY };
  const [record] = parseRecords(line, ROOT, 0);
  if (!record) throw new PresentationError(`expected a record, not "${line}"`);
  return record;
}

function number(text: string, max: number): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= max ? Number(text) : undefined;
}

function printQuery(message: Message): string | undefined {
  const [question] = message.questions;
  if (!question) return undefined;
  const { edns } = message;
  const words = [
    printName(question.name),
    printType(question.type),
    `id=${message.id}`,
    message.recursionDesired ? "" : "rd=0",
    message.authenticData ? "ad=1" : "",
    message.checkingDisabled ? "cd=1" : "",
    question.class === CLASS.IN ? "" : `class=${printClass(question.class)}`,
    message.opcode === 0 ? "" : `opcode=${printOpcode(message.opcode)}`,
    edns ? `+edns=${edns.udpOctets}` : "",
    edns && edns.version > 0 ? `+version=${edns.version}` : "",
    edns?.dnssecOk ? "+do" : "",
    ...(edns?.options ?? []).map(({ code, data }) => `+option=${code}:${toHex(data)}`),
  ]
    .filter((word) => word !== "")
    .join(" ");
  const prerequisites = message.answers.map((record) => `prerequisite ${printRecord(record)}`);
  const updates = message.authority.map((record) => `update ${printRecord(record)}`);
  return [words, ...prerequisites, ...updates].join(BAR);
}

function printResponse(message: Message): string {
  const { edns } = message;
  const flags = [
    message.opcode === 0 ? "" : `opcode=${printOpcode(message.opcode)}`,
    message.authoritative ? "aa" : "",
    message.truncated ? "tc" : "",
    message.recursionDesired ? "rd" : "",
    message.recursionAvailable ? "ra" : "",
    message.authenticData ? "ad" : "",
    message.checkingDisabled ? "cd" : "",
  ].filter((flag) => flag !== "");
  const lines = [
    [printRcode(message.rcode), ...flags, `id=${message.id}`].join(" "),
    ...message.questions.map(
      ({ name, type, class: class_ }) => `question ${printName(name)} ${printClass(class_)} ${printType(type)}`,
    ),
    ...message.answers.map((record) => `answer ${printRecord(record)}`),
    ...message.authority.map((record) => `authority ${printRecord(record)}`),
    ...message.additional.map((record) => `additional ${printRecord(record)}`),
  ];
  if (edns) {
    const options = edns.options.map(({ code, data }) => ` option=${code}:${toHex(data)}`).join("");
    lines.push(`opt size=${edns.udpOctets}${edns.dnssecOk ? " do" : ""} version=${edns.version}${options}`);
  }
  return lines.join("\n");
}
