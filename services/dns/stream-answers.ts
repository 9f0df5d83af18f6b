import type { Fields } from "../../src/contract/machine.ts";
import { copyOf, toLatin1 } from "../../src/wire/bytes.ts";
import { type Carrier, describeExchange } from "./exchange.ts";
import { frame } from "./frames.ts";
import type { Decoded } from "./message.ts";
import type { Nameserver } from "./nameserver.ts";
import { OPCODE } from "./types.ts";

/** What is kept of answers given over streams before; and the longest query that is looked for. */
const MAX_ANSWERS = 16_384;
const MAX_ANSWER_OCTETS = 8 * 1024 * 1024;
const MAX_KEY_OCTETS = 300;
/** The id, and the length before a message on a stream (RFC 1035 section 4.2.2). */
const ID_OCTETS = 2;
const LENGTH_OCTETS = 2;

/**
 * The answers that a nameserver has given over TCP and TLS, each with its length before it. While the zones stay the same,
 * two queries that differ in their ids alone have the same answer.
 */
export class StreamAnswers {
  readonly #answers = new Map<string, Uint8Array>();
  #octets = 0;
  #version: number | undefined;

  /** A copy of the answer that a query like this had, with this one's id. */
  find(query: Uint8Array, view: number, zonesVersion: number): Uint8Array | undefined {
    if (zonesVersion !== this.#version) {
      this.#forget();
      this.#version = zonesVersion;
    }
    if (query.length > MAX_KEY_OCTETS) return undefined;
    const known = this.#answers.get(keyOf(query, view));
    if (!known) return undefined;
    const copy = copyOf(known);
    copy[LENGTH_OCTETS] = query[0] as number;
    copy[LENGTH_OCTETS + 1] = query[1] as number;
    return copy;
  }

  keep(query: Uint8Array, view: number, answer: Uint8Array): void {
    if (query.length > MAX_KEY_OCTETS) return;
    const octets = query.length + answer.length;
    if (this.#answers.size >= MAX_ANSWERS || this.#octets + octets > MAX_ANSWER_OCTETS) this.#forget();
    this.#octets += octets;
    this.#answers.set(keyOf(query, view), new Uint8Array(frame(answer)));
  }

  #forget(): void {
    this.#answers.clear();
    this.#octets = 0;
  }
}

/** No octet is a character as high as that of a view. */
function keyOf(query: Uint8Array, view: number): string {
  const octets = toLatin1(query, ID_OCTETS);
  return view < 0 ? octets : String.fromCharCode(0x100 + view) + octets;
}

const answers = new WeakMap<Nameserver, StreamAnswers>();

/** One for all connections of a nameserver. */
export function streamAnswersOf(nameserver: Nameserver): StreamAnswers {
  let known = answers.get(nameserver);
  if (!known) {
    known = new StreamAnswers();
    answers.set(nameserver, known);
  }
  return known;
}

/** A query whose answer depends on the zones alone: no option, no signature, nothing but a question. */
export function isLasting({ message, problem }: Decoded): boolean {
  const options = message.edns?.options.length ?? 0;
  return problem === undefined && message.opcode === OPCODE.QUERY && options === 0 && message.additional.length === 0;
}

/** A query and its answer, read when somebody asks what they say. */
export class UnreadExchange {
  readonly do = "exchange";
  readonly lazy = true;
  readonly #query: Uint8Array;
  readonly #answer: Uint8Array;
  readonly #carrier: Carrier;
  #read: { readonly request: Fields; readonly reply: Fields } | undefined;

  /** `answer` has its length before it. */
  constructor(query: Uint8Array, answer: Uint8Array, carrier: Carrier) {
    this.#query = query;
    this.#answer = answer;
    this.#carrier = carrier;
  }

  get request(): Fields {
    return this.#exchange.request;
  }

  get reply(): Fields {
    return this.#exchange.reply;
  }

  get #exchange(): { readonly request: Fields; readonly reply: Fields } {
    this.#read ??= describeExchange(this.#query, this.#answer.subarray(LENGTH_OCTETS), this.#carrier);
    return this.#read;
  }
}
