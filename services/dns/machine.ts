import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import type { Context } from "../../src/contract/service.ts";
import { describeExchange } from "./exchange.ts";
import { FrameReader, frame } from "./frames.ts";
import { type Decoded, decode, MAX_MESSAGE_OCTETS } from "./message.ts";
import { type Nameserver, nameserverOf } from "./nameserver.ts";
import type { DnsOptions } from "./options.ts";

/** About how much is sent before the queue must drain. */
const PIECE_OCTETS = 48 * 1024;
/** What a client may send ahead while it does not take its answers. */
const MAX_AHEAD_OCTETS = 4 * MAX_MESSAGE_OCTETS;

interface Transfer {
  readonly query: Uint8Array;
  readonly messages: Iterator<Uint8Array>;
  first: Uint8Array | undefined;
  count: number;
}

/** DNS over one TCP connection (RFC 7766): query after query, answered in their order. */
export class DnsMachine implements Machine {
  readonly #nameserver: Nameserver;
  readonly #frames = new FrameReader();
  #fromLoopback = false;
  #transfer: Transfer | undefined;
  /** Enough was sent for now; a `pull` will come. */
  #paused = false;
  #peerEnded = false;
  #closed = false;

  constructor(context: Context<DnsOptions>) {
    this.#nameserver = nameserverOf(context);
  }

  get state(): string {
    if (this.#closed) return "CLOSED";
    return this.#transfer ? "TRANSFER" : "QUERY";
  }

  handle(input: Input): Output[] {
    if (this.#closed) return [];
    switch (input.type) {
      case "open":
        this.#fromLoopback = isLoopback(input.peer.address);
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
      const decoded = decode(query);
      if (!decoded) {
        // There is no id to answer to.
        outputs.push(violation(`a message of ${query.length} octets, too few for a header`));
        return this.#close(outputs);
      }
      sent += this.#answer(query, decoded, outputs);
    }
    this.#paused = true;
    outputs.push({ do: "pull" });
    return outputs;
  }

  /** Returns how many octets it sent. */
  #answer(query: Uint8Array, decoded: Decoded, outputs: Output[]): number {
    const messages = this.#nameserver.transfer(decoded, this.#fromLoopback);
    if (messages) {
      this.#transfer = { query, messages, first: undefined, count: 0 };
      return 0;
    }
    const answer = this.#nameserver.respond(decoded, "tcp");
    if (!answer) {
      outputs.push(violation("a response came where queries come"));
      return 0;
    }
    outputs.push({ do: "send", bytes: frame(answer) }, { do: "exchange", ...describeExchange(query, answer, "tcp") });
    return answer.length;
  }

  /** Returns how many octets it sent. */
  #continueTransfer(transfer: Transfer, outputs: Output[]): number {
    const { value, done } = transfer.messages.next();
    if (!done) {
      transfer.first ??= value;
      transfer.count += 1;
      outputs.push({ do: "send", bytes: frame(value) });
      return value.length;
    }
    this.#transfer = undefined;
    const { request, reply } = describeExchange(transfer.query, transfer.first, "tcp");
    outputs.push({ do: "exchange", request, reply: { ...reply, messages: transfer.count } });
    return 0;
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
    outputs.push({ do: "close", how: "end" });
    return outputs;
  }
}

function violation(problem: string): Output {
  return { do: "note", event: "violation", detail: { problem } };
}

/** RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3; also as IPv6 sockets see IPv4 peers. */
function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
