import type { Endpoint, Responder } from "../../src/contract/machine.ts";
import type { Context } from "../../src/contract/service.ts";
import { copyOf, toLatin1 } from "../../src/wire/bytes.ts";
import { wouldLoop } from "../../src/wire/datagram-loop.ts";
import { decode } from "./message.ts";
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

/**
 * Answers datagrams.
 *
 * Theory of operation: an answer depends on the zones, and on the octets of the query after its id. So while the zones
 * stay the same, a query that came before is answered by a copy of the answer it had, with the new id, and is never
 * parsed again. Queries with EDNS options, such as a COOKIE, seldom come twice, and are not kept.
 */
export class DnsResponder implements Responder {
  readonly #context: Context<DnsOptions>;
  readonly #nameserver: Nameserver;
  readonly #answers = new Map<string, Uint8Array>();
  #answersOctets = 0;
  #zonesVersion: number | undefined;

  constructor(context: Context<DnsOptions>) {
    this.#context = context;
    this.#nameserver = nameserverOf(context);
  }

  respond(datagram: Uint8Array, peer: Endpoint): Uint8Array | undefined {
    // Quirk: not even a query; chargen would take the answer for another line to answer.
    if (wouldLoop(peer.port)) return undefined;
    const { version } = this.#context.world.zones;
    if (version !== this.#zonesVersion) {
      this.#forget();
      this.#zonesVersion = version;
    }
    if (datagram.length > MAX_KEY_OCTETS) return this.#answer(datagram)?.octets;
    const key = toLatin1(datagram, ID_OCTETS);
    const known = this.#answers.get(key);
    if (known) {
      const copy = copyOf(known);
      copy[0] = datagram[0] as number;
      copy[1] = datagram[1] as number;
      return copy;
    }
    const answer = this.#answer(datagram);
    if (answer?.isLasting) this.#keep(key, answer.octets);
    return answer?.octets;
  }

  #answer(datagram: Uint8Array): { readonly octets: Uint8Array; readonly isLasting: boolean } | undefined {
    const query = decode(datagram);
    const octets = query && this.#nameserver.respond(query, "udp");
    if (!octets) return undefined;
    const { message, problem } = query;
    const hasOptions = (message.edns?.options.length ?? 0) > 0;
    return { octets, isLasting: problem === undefined && message.opcode === OPCODE.QUERY && !hasOptions };
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
