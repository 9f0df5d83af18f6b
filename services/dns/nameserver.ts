import type { Context } from "../../src/contract/service.ts";
import type { Zone } from "../../src/contract/world.ts";
import { answerQuestion } from "./answer.ts";
import { type Asker, mayDo } from "./asker.ts";
import { answerChaos } from "./chaos.ts";
import { Cookies } from "./cookies.ts";
import type { Content, DnsReply } from "./dns-reply.ts";
import {
  EDNS_VERSION,
  type EdnsSource,
  ednsAnswer,
  hasMalformedOption,
  paddingOf,
  wantsPadding,
} from "./edns-answer.ts";
import { COOKIE } from "./edns-options.ts";
import {
  type Decoded,
  type Edns,
  encode,
  MAX_MESSAGE_OCTETS,
  type Message,
  PLAIN_UDP_OCTETS,
  type Question,
  type ResourceRecord,
} from "./message.ts";
import { lowerName } from "./names.ts";
import { type DnsOptions, keysOf, zonesOf } from "./options.ts";
import { isReverse, type Outside, outsideOf } from "./outside.ts";
import { type Outcome, responseTo } from "./response.ts";
import { encodeRuled } from "./ruled-response.ts";
import { addServiceRecords } from "./service-records.ts";
import { transferMessages, transferOf } from "./transfer.ts";
import { type Keys, type Signer, type Verdict, verify } from "./tsig.ts";
import { CLASS, OPCODE, RCODE, TYPE } from "./types.ts";
import { editBy } from "./update.ts";
import { Views } from "./views.ts";
import { AuthoritativeZone } from "./zone.ts";
import { ZoneError } from "./zone-error.ts";
import { historyOf } from "./zone-history.ts";
import { loadZone, ZoneSet } from "./zones.ts";

/** RFC 8914 sections 4.21 and 4.19. */
const NOT_AUTHORITATIVE = 20;
const PROHIBITED: Outcome = { rcode: RCODE.REFUSED, extendedError: 18 };
/** What an IPv4 packet has room for (RFC 768, RFC 791). */
const MAX_UDP_OCTETS = 65_507;

/** Answers queries from the world's zones; what UDP and TCP have in common. */
export class Nameserver {
  readonly #context: Context<DnsOptions>;
  readonly #ownZones: readonly Zone[];
  readonly #keys: Keys;
  readonly #outside: Outside | undefined;
  readonly cookies: Cookies;
  readonly views: Views;
  readonly #viewZones: readonly (readonly Zone[])[];
  #zones = new ZoneSet([]);
  /** Each view's, as far as they were asked for. */
  #zonesByView: ZoneSet[] = [];
  #zonesVersion: number | undefined;

  constructor(context: Context<DnsOptions>) {
    this.#context = context;
    this.#ownZones = zonesOf(context.options.zones);
    this.#viewZones = context.options.views.map(({ zones }) => zonesOf(zones));
    this.views = new Views(context.options.views);
    this.#keys = keysOf(context.options.keys);
    this.#outside = outsideOf(context.options.outside, context);
    this.cookies = new Cookies(() => context.random());
  }

  /** The zones as they are now. */
  get zones(): ZoneSet {
    if (this.options.services) addServiceRecords(this.#context);
    const { zones } = this.#context.world;
    if (zones.version !== this.#zonesVersion) {
      // What updates have made of an option's zone is the world's.
      const own = this.#ownZones.filter(({ origin }) => !historyOf(zones).has(origin));
      this.#zones = new ZoneSet([...zones.all, ...own]);
      this.#zonesByView = [];
      this.#zonesVersion = zones.version;
    }
    return this.#zones;
  }

  /** The zones as a client sees them. */
  #zonesFor({ address }: Asker): ZoneSet {
    const all = this.zones;
    const view = this.views.of(address);
    if (view < 0) return all;
    this.#zonesByView[view] ??= all.with(this.#viewZones[view] ?? []);
    return this.#zonesByView[view];
  }

  get #ednsSource(): EdnsSource {
    return { options: this.options, hostname: this.#context.hostname, cookies: this.cookies };
  }

  get options(): DnsOptions {
    return this.#context.options;
  }

  /** What made-up addresses are called changes without a change of zones. */
  isFleeting({ message: { questions } }: Decoded): boolean {
    return this.options.outside === "synthetic" && questions.some(({ name }) => isReverse(name));
  }

  /**
   * The response to a query, or what a rule says to it; `undefined` for what is no query, so that two servers never talk to
   * each other for ever.
   */
  respond(query: Decoded, asker: Asker, ruled?: DnsReply): Uint8Array | undefined {
    const { message } = query;
    const { transport } = asker;
    if (message.response) return undefined;
    const verdict = verify(message, asker, this.#keys);
    const signer = verdict.type === "good" || verdict.type === "bad" ? verdict.signer : undefined;
    const outcome = ruled?.content
      ? this.#ruledOutcome(message, ruled.content, asker)
      : this.#outcome(query, asker, verdict);
    const edns = message.edns && ednsAnswer(message.edns, outcome, asker, this.#ednsSource);
    const udpOctets = Math.min(message.edns?.udpOctets ?? 0, this.options.maxUdpOctets);
    // RFC 6891 section 6.2.3: sizes below 512 mean 512; on TCP they mean nothing.
    const maxOctets = transport === "tcp" ? MAX_MESSAGE_OCTETS : Math.max(udpOctets, PLAIN_UDP_OCTETS);
    const mostOctets = transport === "udp" ? Math.min(ruled?.maxOctets ?? maxOctets, MAX_UDP_OCTETS) : maxOctets;
    const room = mostOctets - (signer?.octets ?? 0);
    const encoded = (opt: Edns | undefined) => {
      const response = responseTo(message, outcome, opt);
      return ruled ? encodeRuled(ruled, message, response, room, outcome.glue) : encode(response, room, outcome.glue);
    };
    let octets = encoded(edns);
    // RFC 7830 section 6: padding is for what is encrypted.
    if (edns && this.#context.secure && message.edns && wantsPadding(message.edns)) {
      const padding = paddingOf(octets.length + (signer?.octets ?? 0), mostOctets);
      octets = encoded({ ...edns, options: [...edns.options, padding] });
    }
    return signer ? signer.sign(octets) : octets;
  }

  #ruledOutcome({ questions: [question] }: Message, content: Content, asker: Asker): Outcome {
    const { rcode, answers, authority, additional } = content;
    const authoritative = rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN;
    if (!question) return { rcode, authoritative };
    return {
      rcode,
      authoritative,
      answers: answers(question),
      authority: authority ? authority(question) : this.#negativeSoa(question, content, asker),
      additional: additional(question),
    };
  }

  #outcome({ message, problem }: Decoded, asker: Asker, verdict: Verdict): Outcome {
    const { transport } = asker;
    const [question] = message.questions;
    const { opcode } = message;
    if (opcode !== OPCODE.QUERY && opcode !== OPCODE.NOTIFY && opcode !== OPCODE.UPDATE) return { rcode: RCODE.NOTIMP };
    // RFC 9619: a query has one question.
    if (problem !== undefined || message.questions.length !== 1 || !question) return { rcode: RCODE.FORMERR };
    if (verdict.type === "malformed") return { rcode: RCODE.FORMERR };
    // RFC 8945 section 5.2: the TSIG record says why.
    if (verdict.type === "bad") return { rcode: RCODE.NOTAUTH };
    if (message.edns && message.edns.version !== EDNS_VERSION) return { rcode: RCODE.BADVERS };
    if (message.edns && hasMalformedOption(message.edns)) return { rcode: RCODE.FORMERR };
    if (opcode === OPCODE.NOTIFY) return this.#notified(question);
    if (opcode === OPCODE.UPDATE) return this.#update(message, question, this.#may("update", asker, verdict));
    if (transport === "udp" && this.#lacksCookie(message.edns, asker)) return { rcode: RCODE.BADCOOKIE };
    if (question.class === CLASS.CH) return answerChaos(question, this.options.version, this.#context.hostname);
    if (question.class !== CLASS.IN && question.class !== CLASS.ANY) return { rcode: RCODE.REFUSED };
    if (verdict.type === "unsigned" && this.options.signed.includes("query")) return PROHIBITED;
    if (question.type === TYPE.AXFR || question.type === TYPE.IXFR) return this.#refuseTransfer(question, asker);
    const answer = answerQuestion(
      this.#zonesFor(asker),
      question,
      transport === "tcp" ? "all" : this.options.any,
      this.#outside,
    );
    if (answer.rcode === RCODE.REFUSED) return { ...answer, extendedError: NOT_AUTHORITATIVE };
    // RFC 1034 section 4.3.2: answers to QCLASS * are never authoritative.
    return question.class === CLASS.ANY ? { ...answer, authoritative: false } : answer;
  }

  /** RFC 2308 section 2: what says how long there will be nothing, if a zone is there to say so. */
  #negativeSoa(question: Question, { rcode, answers }: Content, asker: Asker): readonly ResourceRecord[] {
    const isNegative = rcode === RCODE.NXDOMAIN || (rcode === RCODE.NOERROR && answers(question).length === 0);
    const zone = isNegative ? this.#zonesFor(asker).holding(lowerName(question.name), question.type) : undefined;
    return zone instanceof AuthoritativeZone ? [zone.negativeSoa] : [];
  }

  /** RFC 1996: that a zone has changed is no news to who serves it, but it is answered. */
  #notified(question: Question): Outcome {
    if (question.type !== TYPE.SOA) return { rcode: RCODE.FORMERR };
    const zone = question.class === CLASS.IN ? this.zones.at(lowerName(question.name)) : undefined;
    return zone ? { rcode: RCODE.NOERROR, authoritative: true } : { rcode: RCODE.NOTAUTH };
  }

  /** RFC 2136 section 3: checks all of it, then changes all of it. */
  #update(message: Message, question: Question, isAllowed: boolean): Outcome {
    if (question.type !== TYPE.SOA) return { rcode: RCODE.FORMERR };
    const zone = question.class === CLASS.IN ? this.zones.at(lowerName(question.name)) : undefined;
    if (!zone) return { rcode: RCODE.NOTAUTH };
    if (!isAllowed) return PROHIBITED;
    if (zone instanceof ZoneError) return { rcode: RCODE.SERVFAIL, broken: zone };
    const edit = editBy(message, zone);
    if (typeof edit === "number") return { rcode: edit };
    const { zones } = this.#context.world;
    const given = [...this.#ownZones, ...zones.all].find((each) => loadZone(each) === zone) as Zone;
    const broken = historyOf(zones).commit(zone, edit, given);
    return broken ? { rcode: RCODE.SERVFAIL, broken } : { rcode: RCODE.NOERROR };
  }

  /** A transfer that may happen comes from transfer.ts; this is the answer to all others. */
  #refuseTransfer(question: Question, asker: Asker): Outcome {
    const zone = this.#zonesFor(asker).at(lowerName(question.name));
    if (zone instanceof ZoneError) return { rcode: RCODE.SERVFAIL, broken: zone };
    // RFC 5936 section 2.2.1.
    if (!zone) return { rcode: RCODE.NOTAUTH };
    if (asker.transport === "tcp") return PROHIBITED;
    // RFC 5936 section 4.2: there is no AXFR over UDP. RFC 1995 section 2: to IXFR, the SOA says to come over TCP.
    if (question.type === TYPE.AXFR) return { rcode: RCODE.FORMERR };
    return { rcode: RCODE.NOERROR, authoritative: true, answers: [zone.soa] };
  }

  /** The messages of the zone transfer that a query asks for, if this peer may have it. */
  transfer({ message: query, problem }: Decoded, asker: Asker, ruled?: DnsReply): Iterator<Uint8Array> | undefined {
    if (ruled?.content) return undefined;
    const [question] = query.questions;
    if (problem !== undefined || !question || query.opcode !== OPCODE.QUERY || query.response) return undefined;
    if (question.type !== TYPE.AXFR && question.type !== TYPE.IXFR) return undefined;
    if (query.questions.length !== 1 || question.class !== CLASS.IN) return undefined;
    if (query.edns && query.edns.version !== EDNS_VERSION) return undefined;
    const zone = this.#zonesFor(asker).at(lowerName(question.name));
    if (!(zone instanceof AuthoritativeZone)) return undefined;
    const verdict = verify(query, asker, this.#keys);
    if (!this.#may("transfer", asker, verdict)) return undefined;
    const outcome = { rcode: RCODE.NOERROR };
    const edns = query.edns && ednsAnswer(query.edns, outcome, asker, this.#ednsSource);
    const records = transferOf(query, zone, historyOf(this.#context.world.zones), ruled?.soa.final);
    const messages = transferMessages(query, records, edns, ruled);
    return verdict.type === "good" ? signed(messages, verdict.signer) : messages;
  }

  /** Whoever has a key may do it from anywhere, unless nobody may. */
  #may(what: "transfer" | "update", asker: Asker, verdict: Verdict): boolean {
    const allowed = this.options[what];
    if (verdict.type === "good") return allowed !== "none";
    return verdict.type === "unsigned" && !this.options.signed.includes(what) && mayDo(allowed, asker);
  }

  /** RFC 7873 section 5.2.3: a client that knows cookies is to show one of ours. */
  #lacksCookie(edns: Edns | undefined, { address, now }: Asker): boolean {
    if (this.options.cookies !== "required") return false;
    const cookie = edns?.options.find(({ code }) => code === COOKIE);
    return cookie !== undefined && !this.cookies.answer(cookie.data, address, now).isGood;
  }
}

function* signed(messages: Iterable<Uint8Array>, signer: Signer): Generator<Uint8Array> {
  for (const message of messages) yield signer.sign(message);
}

const nameservers = new WeakMap<Context<DnsOptions>, Nameserver>();

/** One for each binding, whichever transport it is for. */
export function nameserverOf(context: Context<DnsOptions>): Nameserver {
  const known = nameservers.get(context);
  if (known) return known;
  const nameserver = new Nameserver(context);
  nameservers.set(context, nameserver);
  return nameserver;
}
