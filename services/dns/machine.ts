import type { Fields, Input, Machine, Output } from "../../src/contract/machine.ts";
import { NO_RULES, type Rules } from "../../src/contract/rules.ts";
import type { Context } from "../../src/contract/service.ts";
import { EMPTY } from "../../src/wire/bytes.ts";
import type { Asker } from "./asker.ts";
import type { DnsReply } from "./dns-reply.ts";
import { type Carrier, describeReply, describeRequest } from "./exchange.ts";
import { FrameReader, frame } from "./frames.ts";
import { decode, HEADERLESS, MAX_MESSAGE_OCTETS } from "./message.ts";
import { type Nameserver, nameserverOf } from "./nameserver.ts";
import type { DnsOptions } from "./options.ts";
import { isLasting, type StreamAnswers, streamAnswersOf, UnreadExchange } from "./stream-answers.ts";

/** About how much is sent before the queue must drain. */
const PIECE_OCTETS = 48 * 1024;
/** What a client may send ahead while it does not take its answers. */
const MAX_AHEAD_OCTETS = 4 * MAX_MESSAGE_OCTETS;

interface Transfer {
  readonly request: Fields;
  readonly messages: Iterator<Uint8Array>;
  /** What the length before each message says, if it is not the truth. */
  readonly length: number | undefined;
  first: Uint8Array | undefined;
  count: number;
}

/** An answer that leaves behind those to so many later queries. */
interface LateAnswer {
  readonly outputs: readonly Output[];
  ahead: number;
  /** It does not wait for ever: the option wants another order, not a rule. */
  readonly isPatient: boolean;
}

/** When an answer leaves though no later one has come. */
const OVERDUE = "overdue";

/** DNS over one TCP connection (RFC 7766), or inside TLS on one (RFC 7858): query after query, answered in their order. */
export class DnsMachine implements Machine {
  readonly #context: Context<DnsOptions>;
  readonly #nameserver: Nameserver;
  readonly #known: StreamAnswers;
  readonly #rules: Rules<DnsReply>;
  readonly #carrier: Carrier;
  readonly #frames = new FrameReader();
  #late: LateAnswer[] = [];
  #address = "";
  /** Which zones this client sees. */
  #view = -1;
  #now = 0;
  #transfer: Transfer | undefined;
  /** Enough was sent for now; a `pull` will come. */
  #paused = false;
  #peerEnded = false;
  #closed = false;

  constructor(context: Context<DnsOptions>, rules: Rules<DnsReply> = NO_RULES) {
    this.#context = context;
    this.#nameserver = nameserverOf(context);
    this.#known = streamAnswersOf(this.#nameserver);
    this.#rules = rules;
    this.#carrier = context.secure ? "tls" : "tcp";
  }

  get state(): string {
    if (this.#closed) return "CLOSED";
    return this.#transfer ? "TRANSFER" : "QUERY";
  }

  handle(input: Input): Output[] {
    if (this.#closed) return [];
    this.#now = input.now;
    switch (input.type) {
      case "open":
        this.#address = input.peer.address;
        this.#view = this.#nameserver.views.of(this.#address);
        return [{ do: "idle", ms: this.#nameserver.options.idleMs }];
      case "data":
        this.#frames.push(input.bytes);
        return this.#paused ? this.#checkAhead() : this.#goOn();
      case "pull":
        this.#paused = false;
        return this.#goOn();
      case "end":
        this.#peerEnded = true;
        return this.#paused ? [] : this.#goOn();
      case "timer":
        return this.#leaveOverdue();
      case "idle":
      case "shutdown":
        return this.#close([]);
      case "closed":
        this.#closed = true;
        return [];
      default:
        return [];
    }
  }

  /** Answers what has come, until nothing is left or enough was sent for one turn. */
  #goOn(): Output[] {
    const outputs: Output[] = [];
    for (let sent = 0; sent < PIECE_OCTETS; ) {
      if (this.#transfer) {
        sent += this.#continueTransfer(this.#transfer, outputs);
        continue;
      }
      const query = this.#frames.next();
      if (!query) return this.#peerEnded ? this.#finish(outputs) : outputs;
      sent += this.#answer(query, outputs);
      if (this.#closed) return outputs;
    }
    this.#paused = true;
    outputs.push({ do: "pull" });
    return outputs;
  }

  /** Returns how many octets it sent. */
  #answer(query: Uint8Array, outputs: Output[]): number {
    const { outside, outOfOrderMs } = this.#context.options;
    const isKept = !this.#rules.any && this.#late.length === 0 && outside !== "synthetic" && outOfOrderMs === 0;
    const known = isKept ? this.#known.find(query, this.#view, this.#context.world.zones.version) : undefined;
    if (known) {
      outputs.push({ do: "send", bytes: known }, new UnreadExchange(query, known, this.#carrier));
      return known.length;
    }
    const decoded = decode(query);
    if (decoded?.message.response) {
      outputs.push(violation("a response came where queries come"));
      return 0;
    }
    const request = describeRequest(decoded, query.length, this.#carrier);
    const ruling = this.#rules.any ? this.#rules.ask(request) : undefined;
    const answer: Output[] = ruling ? [ruling.output] : [];
    if (ruling?.instead) {
      answer.push({ do: "exchange", request, reply: {} });
      return this.#leave(answer, 0, outputs);
    }
    const reply = ruling?.reply;
    if (!decoded && !reply) {
      // There is no id to answer to.
      outputs.push(violation(`a message of ${query.length} octets, too few for a header`));
      this.#close(outputs);
      return 0;
    }
    const asker: Asker = { transport: "tcp", address: this.#address, now: this.#now, octets: query };
    const messages = this.#nameserver.transfer(decoded ?? HEADERLESS, asker, reply);
    if (messages) {
      outputs.push(...answer);
      this.#transfer = { request, messages, length: reply?.length, first: undefined, count: 0 };
      return 0;
    }
    const octets = this.#nameserver.respond(decoded ?? HEADERLESS, asker, reply) ?? EMPTY;
    if (isKept && decoded && octets.length > 0 && isLasting(decoded) && !this.#nameserver.isFleeting(decoded))
      this.#known.keep(query, this.#view, octets);
    answer.push(
      { do: "send", bytes: frame(octets, reply?.length) },
      { do: "exchange", request, reply: describeReply(octets) },
    );
    const isSwapped = reply === undefined && this.#nameserver.options.outOfOrderMs > 0 && this.#late.length === 0;
    return this.#leave(answer, isSwapped ? 1 : (reply?.behind ?? 0), outputs, !isSwapped);
  }

  /** An answer leaves at once, or behind later ones; and so do those that were behind it. Returns the octets that left. */
  #leave(answer: readonly Output[], behind: number, outputs: Output[], isPatient = true): number {
    const before = outputs.length;
    if (behind === 0) outputs.push(...answer);
    for (const late of this.#late) late.ahead -= 1;
    const due = this.#late.filter(({ ahead }) => ahead <= 0);
    this.#late = this.#late.filter(({ ahead }) => ahead > 0);
    outputs.push(...due.flatMap((late) => late.outputs));
    if (due.some((late) => !late.isPatient)) outputs.push({ do: "timer", name: OVERDUE, ms: "off" });
    if (behind > 0) this.#late.push({ outputs: answer, ahead: behind, isPatient });
    if (!isPatient) outputs.push({ do: "timer", name: OVERDUE, ms: this.#nameserver.options.outOfOrderMs });
    return octetsOf(outputs.slice(before));
  }

  #leaveOverdue(): Output[] {
    const overdue = this.#late.filter(({ isPatient }) => !isPatient);
    this.#late = this.#late.filter(({ isPatient }) => isPatient);
    return overdue.flatMap(({ outputs }) => outputs);
  }

  /** Returns how many octets it sent. */
  #continueTransfer(transfer: Transfer, outputs: Output[]): number {
    const { value, done } = transfer.messages.next();
    if (!done) {
      transfer.first ??= value;
      transfer.count += 1;
      outputs.push({ do: "send", bytes: frame(value, transfer.length) });
      return value.length;
    }
    this.#transfer = undefined;
    const reply = { ...describeReply(transfer.first), messages: transfer.count };
    return this.#leave([{ do: "exchange", request: transfer.request, reply }], 0, outputs);
  }

  #finish(outputs: Output[]): Output[] {
    if (this.#frames.pending > 0)
      outputs.push(violation(`the connection ended within a message, after ${this.#frames.pending} octets of it`));
    return this.#close(outputs);
  }

  #checkAhead(): Output[] {
    if (this.#frames.pending <= MAX_AHEAD_OCTETS) return [];
    return this.#close([
      violation(`more than ${MAX_AHEAD_OCTETS} octets of queries came before the answers were taken`),
    ]);
  }

  #close(outputs: Output[]): Output[] {
    this.#closed = true;
    outputs.push(...this.#late.flatMap((late) => late.outputs), { do: "close", how: "end" });
    return outputs;
  }
}

function octetsOf(outputs: readonly Output[]): number {
  return outputs.reduce((octets, output) => octets + (output.do === "send" ? output.bytes.length : 0), 0);
}

function violation(problem: string): Output {
  return { do: "note", event: "violation", detail: { problem } };
}
