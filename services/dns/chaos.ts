import { concat, fromUtf8 } from "../../src/wire/bytes.ts";
import type { Answer } from "./answer.ts";
import type { Question } from "./message.ts";
import { lowerName, parseName } from "./names.ts";
import { CLASS, RCODE, TYPE } from "./types.ts";

/** RFC 1035 section 3.3. */
const MAX_STRING_OCTETS = 255;

const VERSION = new Set([parseName("version.bind"), parseName("version.server")]);
const IDENTITY = new Set([parseName("hostname.bind"), parseName("id.server")]);

/** What the server says of itself in class CH (RFC 4892): its version, and which one it is. */
export function answerChaos(
  question: Question,
  version: string,
  hostname: string,
): Partial<Answer> & { rcode: number } {
  const name = lowerName(question.name);
  const text = VERSION.has(name) ? version : IDENTITY.has(name) ? hostname : undefined;
  if (text === undefined) return { rcode: RCODE.REFUSED };
  const isAsked = question.type === TYPE.TXT || question.type === TYPE.ANY;
  const octets = fromUtf8(text).subarray(0, MAX_STRING_OCTETS);
  const rdata = concat([Uint8Array.of(octets.length), octets]);
  const record = { name: question.name, type: TYPE.TXT, class: CLASS.CH, ttl: 0, rdata };
  return { rcode: RCODE.NOERROR, authoritative: true, answers: isAsked ? [record] : [] };
}
