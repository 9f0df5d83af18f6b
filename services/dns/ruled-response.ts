import { copyOf } from "../../src/wire/bytes.ts";
import { damaged } from "./damage.ts";
import type { DnsReply, SoaChange } from "./dns-reply.ts";
import { ednsOf } from "./edns-reply.ts";
import { encode, type Message, type Question, type ResourceRecord } from "./message.ts";
import { type Name, parseName } from "./names.ts";
import { TYPE } from "./types.ts";

/** The octets of a response as a rule wants it. `response` is what would be sent otherwise, of at most `maxOctets`. */
export function encodeRuled(
  reply: DnsReply,
  query: Message,
  response: Message,
  maxOctets: number,
  glue = 0,
): Uint8Array {
  const octets = encode(changed(reply, query, response), maxOctets, glue);
  return reply.damage ? damaged(octets, reply.damage) : octets;
}

/** RFC 1035 section 4.1.1: 16 bits. */
const ALL_ID_BITS = 0xffff;

function changed(reply: DnsReply, query: Message, response: Message): Message {
  const { id, flags, question, soa, ttl } = reply;
  const { edns: own, ...rest } = response;
  const edns = ednsOf(reply.edns, query.edns, own, response.rcode);
  return {
    ...rest,
    ...flags,
    id: id === "wrong" ? query.id ^ ALL_ID_BITS : (id ?? query.id),
    questions: question === undefined ? response.questions : changedQuestions(response.questions, question),
    answers: withTtl(withSoa(response.answers, soa), ttl),
    authority: withTtl(withSoa(response.authority, soa), ttl),
    additional: withTtl(response.additional, ttl),
    ...(edns ? { edns } : {}),
  };
}

const WRONG_NAME = parseName("wrong.invalid.");

function changedQuestions(questions: readonly Question[], change: NonNullable<DnsReply["question"]>): Question[] {
  const [question] = questions;
  if (!question) return [];
  switch (change) {
    case "missing":
      return [];
    case "twice":
      return [question, question];
    case "wrong":
      return [{ ...question, name: WRONG_NAME }];
    case "type":
      return [{ ...question, type: question.type === TYPE.TXT ? TYPE.A : TYPE.TXT }];
    case "case":
      return [{ ...question, name: swapCase(question.name) }];
  }
}

function swapCase(name: Name): Name {
  const swapped = (letter: string) => (letter >= "a" ? letter.toUpperCase() : letter.toLowerCase());
  return name.replace(/[A-Za-z]/g, swapped) as Name;
}

/** SERIAL, REFRESH, RETRY, EXPIRE and MINIMUM (RFC 1035 section 3.3.13). */
const SOA_NUMBERS_OCTETS = 20;

function withSoa(records: readonly ResourceRecord[], { serial, owner }: SoaChange): readonly ResourceRecord[] {
  if (serial === undefined && owner === undefined) return records;
  return records.map((record) => {
    if (record.type !== TYPE.SOA) return record;
    const rdata = copyOf(record.rdata);
    if (serial !== undefined) {
      const at = rdata.length - SOA_NUMBERS_OCTETS;
      new DataView(rdata.buffer, rdata.byteOffset).setUint32(at, serial);
    }
    return { ...record, name: owner ?? record.name, rdata };
  });
}

function withTtl(records: readonly ResourceRecord[], ttl: number | undefined): readonly ResourceRecord[] {
  return ttl === undefined ? records : records.map((record) => ({ ...record, ttl }));
}
