import type { Endpoint, Responder } from "../../src/contract/machine.ts";
import { type DatagramRules, NO_RULES } from "../../src/contract/rules.ts";
import type { Context } from "../../src/contract/service.ts";
import { copyOf, toLatin1 } from "../../src/wire/bytes.ts";
import { wouldLoop } from "../../src/wire/datagram-loop.ts";
import type { DnsReply } from "./dns-reply.ts";
import { describeRequest } from "./exchange.ts";
import { type Decoded, decode, HEADERLESS } from "./message.ts";
import { type Nameserver, nameserverOf } from "./nameserver.ts";
import type { DnsOptions } from "./options.ts";
import { OPCODE } from "./types.ts";

/** What is kept of answers given before. */
const MAX_ANSWERS = 4096;
const MAX_ANSWER_OCTETS = 4 * 1024 * 1024;
/** A longer query is not looked for: it cannot be one question with an OPT. */
const MAX_KEY_OCTETS = 300;

/** Where the id stands, which is the only thing that two queries alike differ in. */
const ID_OCTETS = 2;
const ID_FIELDS = ["id"];

/**
 * Answers datagrams.
 *
 * Theory of operation: an answer depends on the zones, on the rules, and on the octets of the query after its id. So while
 * zones and rules stay the same, a query that came before is answered by a copy of the answer it had, with the new id, and
 * is never parsed again, unless a rule could say something to it. Queries with EDNS options, such as a COOKIE, seldom come
 * twice, and are not kept.
 */
export class DnsResponder implements Responder {
  readonly #context: Context<DnsOptions>;
  readonly #nameserver: Nameserver;
  readonly #rules: DatagramRules<DnsReply>;
  readonly #answers = new Map<string, Uint8Array>();
  #answersOctets = 0;
  #zonesVersion: number | undefined;
  #rulesVersion: number | undefined;

  constructor(context: Context<DnsOptions>, rules: DatagramRules<DnsReply> = NO_RULES) {
    this.#context = context;
    this.#nameserver = nameserverOf(context);
    this.#rules = rules;
  }

  respond(datagram: Uint8Array, peer: Endpoint): Uint8Array | undefined {
    // Quirk: not even a query; chargen would take the answer for another line to answer.
    if (wouldLoop(peer.port)) return undefined;
    const zonesVersion = this.#context.world.zones.version;
    const rulesVersion = this.#rules.version;
    if (zonesVersion !== this.#zonesVersion || rulesVersion !== this.#rulesVersion) {
      this.#forget();
      this.#zonesVersion = zonesVersion;
      this.#rulesVersion = rulesVersion;
    }
    if (datagram.length > MAX_KEY_OCTETS) return this.#answer(datagram, peer)?.octets;
    const key = toLatin1(datagram, ID_OCTETS);
    const known = this.#answers.get(key);
    if (known) {
      const copy = copyOf(known);
      copy[0] = datagram[0] as number;
      copy[1] = datagram[1] as number;
      return copy;
    }
    const answer = this.#answer(datagram, peer);
    if (answer?.isLasting) this.#keep(key, answer.octets);
    return answer?.octets;
  }

  #answer(datagram: Uint8Array, peer: Endpoint): Answered | undefined {
    const query = decode(datagram);
    const isRuled = this.#rules.any && !query?.message.response;
    const request = isRuled ? describeRequest(query, datagram.length, "udp") : undefined;
    const ruling = request && this.#rules.ask(request, peer);
    if (ruling?.instead) return undefined;
    const octets =
      query || ruling?.reply ? this.#nameserver.respond(query ?? HEADERLESS, "udp", ruling?.reply) : undefined;
    if (!octets) return undefined;
    const couldBeRuled = request !== undefined && (ruling !== undefined || this.#rules.couldMatch(request, ID_FIELDS));
    return { octets, isLasting: !couldBeRuled && query !== undefined && isPlain(query) };
  }

  #keep(key: string, octets: Uint8Array): void {
    this.#answersOctets += key.length + octets.length;
    if (this.#answers.size >= MAX_ANSWERS || this.#answersOctets > MAX_ANSWER_OCTETS) {
      this.#forget();
      this.#answersOctets = key.length + octets.length;
    }
    // Not the pool's memory, of which small buffers are pieces: they would keep the rest of it.
    this.#answers.set(key, new Uint8Array(octets));
  }

  #forget(): void {
    this.#answers.clear();
    this.#answersOctets = 0;
  }
}

interface Answered {
  readonly octets: Uint8Array;
  readonly isLasting: boolean;
}

/** A query such as may well come again. */
function isPlain({ message, problem }: Decoded): boolean {
  const hasOptions = (message.edns?.options.length ?? 0) > 0;
  return problem === undefined && message.opcode === OPCODE.QUERY && !hasOptions;
}
