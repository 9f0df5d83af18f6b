import type { Endpoint, Fields, Responder } from "../../src/contract/machine.ts";
import { type DatagramRules, NO_RULES } from "../../src/contract/rules.ts";
import type { Context } from "../../src/contract/service.ts";
import { copyOf, toLatin1 } from "../../src/wire/bytes.ts";
import { wouldLoop } from "../../src/wire/datagram-loop.ts";
import type { Asker } from "./asker.ts";
import { CLIENT_COOKIE_OCTETS, COOKIE_OCTETS } from "./cookies.ts";
import type { DnsReply } from "./dns-reply.ts";
import { COOKIE } from "./edns-options.ts";
import { describeRequest } from "./exchange.ts";
import { type Decoded, decode, HEADERLESS } from "./message.ts";
import { type Nameserver, nameserverOf } from "./nameserver.ts";
import type { DnsOptions } from "./options.ts";
import { OPCODE, TYPE } from "./types.ts";

/** What is kept of answers given before. */
const MAX_ANSWERS = 16_384;
const MAX_ANSWER_OCTETS = 8 * 1024 * 1024;
/** A longer query is not looked for: it cannot be one question with an OPT. */
const MAX_KEY_OCTETS = 300;

/** Where the id stands, which is the only thing that two queries alike differ in. */
const ID_OCTETS = 2;
const ID_FIELDS = ["id"];
/** About what a query takes in memory that is kept with the answers that rules have for it, of which there are so many. */
const ASKED_OCTETS = 1024;
const MAX_REPLIES = 8;

/** A query that rules may be about, read once, and the answers that were made to it: the service's own, and rules'. */
interface Asked {
  readonly query: Decoded | undefined;
  readonly request: Fields;
  readonly answers: Map<DnsReply | undefined, Uint8Array>;
}

/**
 * Answers datagrams.
 *
 * Theory of operation: an answer depends on the zones (of the client's view), on the rules, and on the octets of the query after its id. So while
 * zones and rules stay the same, a query that came before is answered by a copy of the answer it had, with the new id, and
 * is never parsed again. If a rule could be about it, the rules are asked each time, and only what they say is remembered.
 * A COOKIE that ends the query is not looked at either: the client's part and one made for it take the place of the last
 * one in the answer. Queries with other EDNS options seldom come twice, and are not kept.
 */
export class DnsResponder implements Responder {
  readonly #context: Context<DnsOptions>;
  readonly #nameserver: Nameserver;
  readonly #rules: DatagramRules<DnsReply>;
  readonly #answers = new Map<string, Uint8Array>();
  /** By the query without its cookie. */
  readonly #answersWithCookie = new Map<string, Uint8Array>();
  readonly #asked = new Map<string, Asked>();
  #octets = 0;
  #zonesVersion: number | undefined;
  #rulesVersion: number | undefined;

  constructor(context: Context<DnsOptions>, rules: DatagramRules<DnsReply> = NO_RULES) {
    this.#context = context;
    this.#nameserver = nameserverOf(context);
    this.#rules = rules;
  }

  respond(datagram: Uint8Array, peer: Endpoint, now: number): Uint8Array | undefined {
    // Quirk: not even a query; chargen would take the answer for another line to answer.
    if (wouldLoop(peer.port)) return undefined;
    const zonesVersion = this.#context.world.zones.version;
    const rulesVersion = this.#rules.version;
    if (zonesVersion !== this.#zonesVersion || rulesVersion !== this.#rulesVersion) {
      this.#forget();
      this.#zonesVersion = zonesVersion;
      this.#rulesVersion = rulesVersion;
    }
    if (datagram.length > MAX_KEY_OCTETS) return this.#answer(datagram, peer, now, undefined, 0);
    const cookie = this.#nameserver.options.cookies === "answered" ? cookieAtEnd(datagram) : 0;
    const view = this.#nameserver.views.of(peer.address);
    const octets = toLatin1(datagram, ID_OCTETS, datagram.length - cookie);
    // No octet is a character as high as that.
    const key = view < 0 ? octets : String.fromCharCode(0x100 + view) + octets;
    const known = (cookie > 0 ? this.#answersWithCookie : this.#answers).get(key);
    if (!known) return this.#answer(datagram, peer, now, key, cookie);
    const answer = withId(known, datagram);
    if (cookie > 0) {
      const { octets: made } = this.#nameserver.cookies.answer(datagram.subarray(-cookie), peer.address, now);
      answer.set(made, answer.length - COOKIE_OCTETS);
    }
    return answer;
  }

  /** Without a key the query is not kept. */
  #answer(
    datagram: Uint8Array,
    peer: Endpoint,
    now: number,
    key: string | undefined,
    cookie: number,
  ): Uint8Array | undefined {
    const asked = key === undefined || cookie > 0 ? undefined : this.#asked.get(key);
    if (asked) return this.#ask(asked, datagram, peer, now);
    const query = decode(datagram);
    const lastingKey = query && isPlain(query, cookie) && !this.#nameserver.isFleeting(query) ? key : undefined;
    const request =
      this.#rules.any && !query?.message.response ? describeRequest(query, datagram.length, "udp") : undefined;
    if (request && this.#rules.couldMatch(request, ID_FIELDS)) {
      const ruled: Asked = { query, request, answers: new Map() };
      if (lastingKey !== undefined && cookie === 0) this.#keep(this.#asked, lastingKey, ruled, ASKED_OCTETS);
      return this.#ask(ruled, datagram, peer, now);
    }
    const octets = query && this.#nameserver.respond(query, askerOf(datagram, peer, now));
    // Not the pool's memory, of which small buffers are pieces: they would keep the rest of it.
    if (octets && lastingKey !== undefined)
      this.#keep(
        cookie > 0 ? this.#answersWithCookie : this.#answers,
        lastingKey,
        new Uint8Array(octets),
        octets.length,
      );
    return octets;
  }

  /** The answer to a query that a rule may be about. */
  #ask({ query, request, answers }: Asked, datagram: Uint8Array, peer: Endpoint, now: number): Uint8Array | undefined {
    const id = idOf(datagram);
    const ruling = this.#rules.ask(query ? { ...request, id } : request, peer);
    if (ruling?.instead) return undefined;
    const reply = ruling?.reply;
    const known = answers.get(reply);
    if (known) return withId(known, datagram);
    if (!query && !reply) return undefined;
    // The id is this query's, not that of the one that was read.
    const read = query ? { ...query, message: { ...query.message, id } } : HEADERLESS;
    const octets = this.#nameserver.respond(read, askerOf(datagram, peer, now), reply);
    const hasItsId = reply?.id === undefined && octets !== undefined && octets.length >= ID_OCTETS;
    if (hasItsId && answers.size < MAX_REPLIES) {
      answers.set(reply, new Uint8Array(octets));
      this.#count(octets.length);
    }
    return octets;
  }

  #keep<Kept>(where: Map<string, Kept>, key: string, kept: Kept, octets: number): void {
    if (this.#answers.size + this.#answersWithCookie.size + this.#asked.size >= MAX_ANSWERS) this.#forget();
    this.#count(key.length + octets);
    where.set(key, kept);
  }

  /** What is counted just before it is kept is not forgotten with the rest. */
  #count(octets: number): void {
    if (this.#octets + octets > MAX_ANSWER_OCTETS) this.#forget();
    this.#octets += octets;
  }

  #forget(): void {
    this.#answers.clear();
    this.#answersWithCookie.clear();
    this.#asked.clear();
    this.#octets = 0;
  }
}

function askerOf(octets: Uint8Array, { address }: Endpoint, now: number): Asker {
  return { transport: "udp", address, now, octets };
}

function idOf(datagram: Uint8Array): number {
  return ((datagram[0] ?? 0) << 8) | (datagram[1] ?? 0);
}

/** A copy that answers another query. */
function withId(answer: Uint8Array, query: Uint8Array): Uint8Array {
  const copy = copyOf(answer);
  copy[0] = query[0] as number;
  copy[1] = query[1] as number;
  return copy;
}

/** CODE and LENGTH before a cookie; before those RDLENGTH, TTL, CLASS, TYPE and the root of an OPT record. */
const OPTION_OCTETS = 4;
const OPT_OCTETS = 11;

/** How many octets the COOKIE at the end of a query has, if it ends as one whose OPT record has no other option. */
function cookieAtEnd(query: Uint8Array): number {
  for (const cookie of [CLIENT_COOKIE_OCTETS, COOKIE_OCTETS]) {
    const at = query.length - cookie - OPTION_OCTETS;
    const isCookie = query[at] === 0 && query[at + 1] === COOKIE && query[at + 2] === 0 && query[at + 3] === cookie;
    const opt = at - OPT_OCTETS;
    if (isCookie && query[at - 1] === cookie + OPTION_OCTETS && query[opt + 2] === TYPE.OPT && query[opt + 1] === 0)
      return cookie;
  }
  return 0;
}

/** A query such as may well come again. */
function isPlain({ message, problem }: Decoded, cookie: number): boolean {
  const options = message.edns?.options ?? [];
  const hasOptions = cookie > 0 ? options.length > 1 || options[0]?.data.length !== cookie : options.length > 0;
  // Something is in the additional section: a signature (RFC 8945), which is good for a moment.
  const hasMore = hasOptions || message.additional.length > 0;
  return problem === undefined && message.opcode === OPCODE.QUERY && !hasMore;
}
