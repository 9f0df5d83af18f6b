import { asBuffer, concat, copyOf, EMPTY, toHex } from "../../src/wire/bytes.ts";
import { hmacSha256 } from "../../src/wire/sha256.ts";
import type { Asker } from "./asker.ts";
import { HEADER_OCTETS, type Message } from "./message.ts";
import { lowerName, type Name, parseName } from "./names.ts";
import { OctetReader, OctetWriter } from "./octets.ts";
import { CLASS, RCODE, TYPE } from "./types.ts";

/** RFC 8945 section 6: the algorithm that all must have, and the only one here. */
const ALGORITHM = parseName("hmac-sha256.");
const MAC_OCTETS = 32;
/** Section 5.2.2.1: shorter ones are no codes. */
const MIN_MAC_OCTETS = 16;
/** Section 10: seconds that clocks may differ. */
const FUDGE = 300;
const COUNTS_AT = 4;
const ADDITIONAL_COUNT_AT = 10;
/** RFC 8945 section 3: another meaning of 16 than EDNS has. */
export const BADSIG = 16;

/** Shared secrets by the names of their keys, in lower case. */
export type Keys = ReadonlyMap<Name, Uint8Array>;

/** A TSIG record (RFC 8945 section 4.2). */
export interface Tsig {
  /** Of the key, as it was written. */
  readonly name: Name;
  readonly algorithm: Name;
  /** Seconds since the epoch. */
  readonly signedAt: number;
  readonly fudge: number;
  readonly mac: Uint8Array;
  readonly originalId: number;
  readonly error: number;
  readonly other: Uint8Array;
}

/** What a message's signature is worth. */
export type Verdict =
  | { readonly type: "unsigned" }
  /** The record is not where or what it should be (section 5.1). */
  | { readonly type: "malformed" }
  /** Answers are signed with `signer`. */
  | { readonly type: "good"; readonly signer: Signer }
  /** The answer is NOTAUTH, and `signer` says why. */
  | { readonly type: "bad"; readonly signer: Signer };

/** The TSIG record that ends a message, if that is how it ends. */
export function tsigOf({ additional }: Message): Tsig | undefined {
  const record = additional.at(-1);
  if (record?.type !== TYPE.TSIG || record.class !== CLASS.ANY || record.ttl !== 0) return undefined;
  const reader = new OctetReader(record.rdata);
  const algorithm = reader.name();
  const signedAt = reader.u16() * 2 ** 32 + reader.u32();
  const fudge = reader.u16();
  const mac = reader.octets(reader.u16());
  const [originalId, error] = [reader.u16(), reader.u16()];
  const other = reader.octets(reader.u16());
  if (reader.problem !== undefined || reader.left > 0) return undefined;
  return { name: record.name, algorithm, signedAt, fudge, mac, originalId, error, other };
}

/** Checks a request's signature (RFC 8945 section 5.2). */
export function verify(message: Message, { octets, now }: Asker, keys: Keys): Verdict {
  const records = message.additional.filter(({ type }) => type === TYPE.TSIG).length;
  if (records === 0) return { type: "unsigned" };
  const tsig = records === 1 ? tsigOf(message) : undefined;
  const unsigned = tsig && withoutTsig(octets, tsig);
  if (!tsig || !unsigned) return { type: "malformed" };
  const bad = (error: number, key?: Uint8Array, other = EMPTY): Verdict => {
    const signedAt = error === RCODE.BADTIME ? tsig.signedAt : secondsOf(now);
    return { type: "bad", signer: new Signer({ ...tsig, signedAt, error, other }, key) };
  };
  const key = keys.get(lowerName(tsig.name));
  if (!key || lowerName(tsig.algorithm) !== ALGORITHM) return bad(RCODE.BADKEY);
  const { mac } = tsig;
  if (mac.length > MAC_OCTETS || mac.length < MIN_MAC_OCTETS) return { type: "malformed" };
  const expected = hmacSha256(key, concat([unsigned, variablesOf(tsig)])).subarray(0, mac.length);
  if (toHex(mac) !== toHex(expected)) return bad(BADSIG);
  if (Math.abs(secondsOf(now) - tsig.signedAt) > tsig.fudge) return bad(RCODE.BADTIME, key, timeOctets(secondsOf(now)));
  // Section 5.2.2.1: a code that was cut is not enough here.
  if (mac.length < MAC_OCTETS) return bad(RCODE.BADTRUNC, key);
  return {
    type: "good",
    signer: new Signer({ ...tsig, signedAt: secondsOf(now), error: RCODE.NOERROR, other: EMPTY }, key),
  };
}

/** Signs the messages of an answer (RFC 8945 section 5.3); without a key it only says what is wrong (section 5.3.2). */
export class Signer {
  readonly #tsig: Tsig;
  readonly #key: Uint8Array | undefined;
  /** Of the request, or of the message before (section 5.3.1). */
  #priorMac: Uint8Array;
  #isFirst = true;

  /** `answered` is the request's record, with what is different in the answer's. */
  constructor(answered: Tsig, key: Uint8Array | undefined) {
    this.#tsig = answered;
    this.#key = key;
    this.#priorMac = answered.mac;
  }

  /** How much longer a message becomes. */
  get octets(): number {
    const { name, algorithm, other } = this.#tsig;
    return name.length + algorithm.length + (this.#key ? MAC_OCTETS : 0) + other.length + 26;
  }

  sign(message: Uint8Array): Uint8Array {
    if (message.length < HEADER_OCTETS) return message;
    const mac = this.#key ? this.#macOf(this.#key, message) : EMPTY;
    const { name, algorithm, signedAt, fudge, error, other } = { ...this.#tsig, fudge: FUDGE };
    const out = new OctetWriter(message.length + this.octets);
    out.bytes(message);
    out.latin1(name);
    out.u16(TYPE.TSIG);
    out.u16(CLASS.ANY);
    out.u32(0);
    out.u16(algorithm.length + 16 + mac.length + other.length);
    out.latin1(algorithm);
    out.bytes(timeOctets(signedAt));
    out.u16(fudge);
    out.u16(mac.length);
    out.bytes(mac);
    out.bytes(message.subarray(0, 2));
    out.u16(error);
    out.u16(other.length);
    out.bytes(other);
    out.setU16(ADDITIONAL_COUNT_AT, asBuffer(message).readUInt16BE(ADDITIONAL_COUNT_AT) + 1);
    return out.octets;
  }

  #macOf(key: Uint8Array, message: Uint8Array): Uint8Array {
    const prior = concat([Uint8Array.of(0, this.#priorMac.length), this.#priorMac]);
    const tsig = { ...this.#tsig, fudge: FUDGE };
    const rest = this.#isFirst ? variablesOf(tsig) : timersOf(tsig);
    this.#isFirst = false;
    this.#priorMac = hmacSha256(key, concat([prior, message, rest]));
    return this.#priorMac;
  }
}

/** The message as it was before it was signed (section 5.1); `undefined` if the record is not the last one. */
function withoutTsig(octets: Uint8Array, { originalId }: Tsig): Uint8Array | undefined {
  const buffer = asBuffer(octets);
  const [questions = 0, ...records] = [0, 2, 4, 6].map((at) => buffer.readUInt16BE(COUNTS_AT + at));
  const reader = new OctetReader(octets, HEADER_OCTETS);
  for (let left = questions; left > 0 && !reader.problem; left -= 1) {
    reader.name();
    reader.u32();
  }
  let [at, type] = [0, 0];
  for (let left = records.reduce((sum, count) => sum + count, 0); left > 0 && !reader.problem; left -= 1) {
    at = reader.at;
    reader.name();
    type = reader.u16();
    reader.octets(6);
    reader.octets(reader.u16());
  }
  if (type !== TYPE.TSIG || reader.problem) return undefined;
  const unsigned = asBuffer(copyOf(buffer.subarray(0, at)));
  unsigned.writeUInt16BE(originalId, 0);
  unsigned.writeUInt16BE(buffer.readUInt16BE(ADDITIONAL_COUNT_AT) - 1, ADDITIONAL_COUNT_AT);
  return unsigned;
}

/** Section 4.3.3. */
function variablesOf({ name, algorithm, error, other, ...times }: Tsig): Uint8Array {
  const out = new OctetWriter(name.length + algorithm.length + 18 + other.length);
  out.latin1(lowerName(name));
  out.u16(CLASS.ANY);
  out.u32(0);
  out.latin1(lowerName(algorithm));
  out.bytes(timersOf(times));
  out.u16(error);
  out.u16(other.length);
  out.bytes(other);
  return out.octets;
}

/** Section 5.3.1: from the second message on there is no more of it. */
function timersOf({ signedAt, fudge }: Pick<Tsig, "signedAt" | "fudge">): Uint8Array {
  return concat([timeOctets(signedAt), Uint8Array.of(fudge >> 8, fudge & 0xff)]);
}

/** 48 bits. */
function timeOctets(seconds: number): Uint8Array {
  const out = new OctetWriter(6);
  out.u16(Math.floor(seconds / 2 ** 32));
  out.u32(seconds % 2 ** 32);
  return out.octets;
}

function secondsOf(ms: number): number {
  return Math.floor(ms / 1000);
}
