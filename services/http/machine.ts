import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import type { Rules } from "../../src/contract/rules.ts";
import { fromLatin1, toLatin1 } from "../../src/wire/bytes.ts";
import { Collector } from "../../src/wire/collector.ts";
import { Answers, type Verdict } from "./answers.ts";
import { BodyReader } from "./body-reader.ts";
import { HeadReader } from "./head-reader.ts";
import { type Occasion, UNASKED } from "./layout.ts";
import type { HttpContext, HttpOptions } from "./options.ts";
import { CUT_SHORT, GOING_DOWN, TOO_MANY, TOO_SLOW } from "./refusals.ts";
import type { Renderer } from "./renderer.ts";
import { errorReply, type Reply } from "./reply.ts";
import type { Head, Refusal, Request } from "./request.ts";
import type { Ruled } from "./ruled.ts";
import type { Shared } from "./shared.ts";
import { Transmission } from "./transmission.ts";

/** What leaves in one turn before the peer has to have read it. */
const TURN_OCTETS = 256 * 1024;
/** How much of a large piece is looked at as text in one go. */
const TEXT_OCTETS = 64 * 1024;
const CONTINUE = fromLatin1("HTTP/1.1 100 Continue\r\n\r\n");
const NOTHING: readonly Output[] = [];

/**
 * HTTP/1.1 (RFC 9110, RFC 9112) on one connection.
 *
 * Theory of operation: octets are read as heads (IDLE, HEAD) and bodies (BODY), one request after the other. A response
 * that fits into a turn is sent in it, and the next request is read. While a longer one is on its way (ANSWERING), or has
 * to wait for its time, what comes is held back, up to a bound. Whatever ends the connection is the last response. Where a rule
 * takes that response away, nothing that comes is read any more, and the connection stays until the peer leaves (IGNORING).
 */
export class HttpMachine implements Machine {
  readonly #options: HttpOptions;
  readonly #answers: Answers;
  readonly #renderer: Renderer;
  readonly #heads: HeadReader;
  #state: "IDLE" | "HEAD" | "BODY" | "ANSWERING" | "IGNORING" | "CLOSED" = "IDLE";
  /** Of the request whose body is being read. */
  #head: Head | undefined;
  #body: BodyReader | undefined;
  /** An answer that waits for its time. */
  #delayed: { readonly request: Request; readonly reply: Reply; readonly keepAlive: boolean } | undefined;
  #transmission: Transmission | undefined;
  readonly #held = new Collector();
  #turnOctets = 0;
  /** What a timer gives the peer time for. */
  #timed: "HEAD" | "BODY" | undefined;
  /** The peer has sent its FIN. */
  #ended = false;
  /** The connection ends after the response on its way. */
  #last = false;

  constructor(context: HttpContext, shared: Shared, rules?: Rules<Ruled>) {
    this.#options = context.options;
    this.#answers = new Answers(shared.site, rules);
    this.#renderer = shared.renderer;
    this.#heads = new HeadReader(context.options, context.secure);
  }

  get state(): string {
    return this.#state;
  }

  handle(input: Input): Iterable<Output> {
    if (this.#state === "CLOSED") return NOTHING;
    const out: Output[] = [];
    this.#turnOctets = 0;
    switch (input.type) {
      case "data":
        this.#read(input.bytes, input.now, out);
        break;
      case "open":
        this.#answers.peer = input.peer;
        out.push({ do: "idle", ms: this.#options.idleMs });
        break;
      case "pull":
        this.#goOn(input.now, out);
        break;
      case "timer":
        if (input.name === "response") this.#goOn(input.now, out);
        else if (this.#timed) this.#refuse(TOO_SLOW, input.now, out);
        break;
      case "idle":
        this.#beIdle(input.now, out);
        break;
      case "end":
        this.#ended = true;
        this.#settle(input.now, out);
        break;
      case "shutdown":
        this.#shutDown(input.reason === "stopping" ? GOING_DOWN : TOO_MANY, input.now, out);
        break;
      case "closed":
        this.#abandon(out);
        break;
      default:
    }
    return out;
  }

  #read(bytes: Uint8Array, now: number, out: Output[]): void {
    if (this.#state === "IGNORING") return;
    if (this.#state === "ANSWERING") {
      this.#hold(bytes, out);
      return;
    }
    let text = "";
    let from = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#body) at = this.#readBody(this.#body, bytes, at, now, out);
      else {
        if (at >= from + text.length) {
          from = at;
          text = toLatin1(bytes, from, Math.min(bytes.length, from + TEXT_OCTETS));
        }
        at = from + this.#readHead(text, at - from, now, out);
      }
      if (this.state === "CLOSED" || this.state === "IGNORING") return;
      if (this.state !== "ANSWERING" && this.#turnOctets > TURN_OCTETS) {
        // Many requests in one piece: the peer must read some responses before it gets more.
        this.#state = "ANSWERING";
        out.push({ do: "pull" });
      }
      if (this.state === "ANSWERING") {
        if (at < bytes.length) this.#hold(bytes.subarray(at), out);
        return;
      }
    }
    this.#settle(now, out);
  }

  #hold(bytes: Uint8Array, out: Output[]): void {
    if (this.#last) return;
    this.#held.append(bytes);
    if (this.#held.octets <= this.#options.maxHeadOctets + this.#options.maxBodyOctets) return;
    // More than one whole request waits while the peer takes its time: it gets this response, and no other.
    out.push({ do: "note", event: "pipeline-too-long", detail: { octets: this.#held.octets } });
    this.#last = true;
    this.#held.take();
  }

  #readHead(text: string, at: number, now: number, out: Output[]): number {
    const end = this.#heads.read(text, at);
    const { head, refusal } = this.#heads;
    if (refusal) this.#refuse(refusal, now, out);
    else if (head && head.framing === 0) this.#answer(head, now, out);
    else if (head) this.#awaitBody(head, now, out);
    else if (this.#heads.begun) this.#state = "HEAD";
    return end;
  }

  #awaitBody(head: Head, now: number, out: Output[]): void {
    if (head.expectsContinue) {
      const verdict = this.#answers.early(head, now);
      if (typeof verdict === "object") {
        this.#end(head.request, verdict, now, out);
        return;
      }
      if (verdict === "continue") out.push({ do: "send", bytes: CONTINUE });
    }
    this.#head = head;
    this.#body = new BodyReader(head.framing, this.#options);
    this.#state = "BODY";
  }

  #readBody(body: BodyReader, bytes: Uint8Array, at: number, now: number, out: Output[]): number {
    const end = body.read(bytes, at);
    const head = this.#head;
    if (body.refusal) this.#refuse(body.refusal, now, out);
    else if (body.done && head) {
      this.#body = this.#head = undefined;
      head.request.body = body.take();
      head.request.trailers = body.trailers;
      this.#answer(head, now, out);
    }
    return end;
  }

  /** Every request that was read to its end gets its answer here. */
  #answer(head: Head, now: number, out: Output[]): void {
    const { request, keepAlive } = head;
    const { before, output, reply } = this.#answers.to(head, now);
    if (before) out.push(...before);
    if (output) out.push(output);
    if (!reply) this.#withhold(request, out);
    else if (reply.delayMs === undefined) this.#reply(request, reply, keepAlive, now, out);
    else {
      this.#stopTimer(out);
      this.#delayed = { request, reply, keepAlive };
      this.#state = "ANSWERING";
      out.push({ do: "timer", name: "response", ms: reply.delayMs });
    }
  }

  /** A rule has something else in store for this request than an answer. */
  #withhold(request: Request, out: Output[]): void {
    this.#stopTimer(out);
    this.#state = "IDLE";
    out.push({ do: "exchange", request, reply: {} });
  }

  /** The last response: where a next request would begin is not known. */
  #end(request: Request, { output, reply }: Verdict, now: number, out: Output[]): void {
    if (output) out.push(output);
    if (reply) {
      this.#reply(request, { ...reply, close: true }, false, now, out);
      return;
    }
    this.#withhold(request, out);
    this.#state = "IGNORING";
    if (this.#ended) this.#close(out);
  }

  #reply(request: Request, reply: Reply, mayGoOn: boolean, now: number, out: Output[]): void {
    this.#stopTimer(out);
    const keepAlive = mayGoOn && !reply.close && !this.#last;
    const occasion: Occasion = { method: request.method, version: request.version, keepAlive };
    const rendered = this.#renderer.render(reply, occasion, now);
    if (rendered.parts.length === 1) {
      const bytes = rendered.parts[0] as Uint8Array;
      this.#turnOctets += bytes.length;
      this.#state = "IDLE";
      out.push({ do: "send", bytes }, { do: "exchange", request, reply: rendered.fields });
      if (!keepAlive) this.#close(out);
    } else {
      this.#state = "ANSWERING";
      this.#transmission = new Transmission(request, rendered, keepAlive, reply.pauseMs ?? 0);
      this.#transmit(this.#transmission, out);
    }
  }

  /** A delay is over, or the peer has read: sends what comes next, and then reads on. */
  #goOn(now: number, out: Output[]): void {
    if (this.#state !== "ANSWERING") return;
    const delayed = this.#delayed;
    this.#delayed = undefined;
    if (this.#transmission) this.#transmit(this.#transmission, out);
    else if (delayed) this.#reply(delayed.request, delayed.reply, delayed.keepAlive, now, out);
    else if (this.#last) this.#close(out);
    else this.#state = "IDLE";
    if (this.state !== "IDLE") return;
    const held = this.#held.take();
    if (held.length > 0) this.#read(held, now, out);
    else this.#settle(now, out);
  }

  #transmit(transmission: Transmission, out: Output[]): void {
    for (const bytes of transmission.next()) {
      this.#turnOctets += bytes.length;
      out.push({ do: "send", bytes });
    }
    if (!transmission.over) {
      if (transmission.pauseMs > 0) out.push({ do: "timer", name: "response", ms: transmission.pauseMs });
      else out.push({ do: "pull" });
      return;
    }
    this.#transmission = undefined;
    this.#state = "IDLE";
    out.push({ do: "exchange", request: transmission.request, reply: transmission.fields });
    if (!transmission.keepAlive || this.#last) this.#close(out);
  }

  /** Everything that has come is read: what is not complete may not take for ever, or never comes. */
  #settle(now: number, out: Output[]): void {
    if (this.#state === "ANSWERING" || this.#state === "CLOSED") return;
    if (this.#ended) {
      if (this.#state === "IDLE" || this.#state === "IGNORING") this.#close(out);
      else this.#refuse(CUT_SHORT, now, out);
    } else if ((this.#state === "HEAD" || this.#state === "BODY") && this.#state !== this.#timed) {
      this.#timed = this.#state;
      const ms = this.#state === "HEAD" ? this.#options.headMs : this.#options.bodyMs;
      out.push({ do: "timer", name: "request", ms });
    }
  }

  /** Answers what cannot be read on, and closes: where the next request begins is not known. */
  #refuse(refusal: Refusal, now: number, out: Output[]): void {
    const request = this.#head?.request ?? this.#heads.partial;
    this.#body = this.#head = undefined;
    out.push({ do: "note", event: "refused", detail: { status: refusal.status, why: refusal.why } });
    this.#end(request, this.#answers.toRefused(request, refusal), now, out);
  }

  #beIdle(now: number, out: Output[]): void {
    if (this.#state === "IDLE" || this.#state === "IGNORING") this.#close(out);
    else if (this.#state !== "ANSWERING") this.#refuse(TOO_SLOW, now, out);
    else if (this.#delayed || this.#transmission?.pauseMs) out.push({ do: "idle", ms: this.#options.idleMs });
    else {
      // The peer has not read for so long that it never will.
      this.#abandon(out);
      this.#state = "CLOSED";
      out.push({ do: "close", how: "reset" });
    }
  }

  #shutDown(refusal: Refusal, now: number, out: Output[]): void {
    this.#last = true;
    this.#held.take();
    if (this.#state === "HEAD" || this.#state === "BODY") this.#refuse(refusal, now, out);
    else if (this.#transmission || this.#delayed) return;
    else {
      if (refusal === TOO_MANY) {
        const { parts } = this.#renderer.render(errorReply(refusal.status, refusal.why), UNASKED, now);
        for (const bytes of parts) out.push({ do: "send", bytes });
      }
      this.#close(out);
    }
  }

  /** The connection is gone before the response was, or all of it. */
  #abandon(out: Output[]): void {
    const request = (this.#transmission ?? this.#delayed)?.request;
    const reply = this.#transmission?.fields ?? {};
    this.#transmission = this.#delayed = undefined;
    if (!request) return;
    out.push({ do: "note", event: "response-cut-short" }, { do: "exchange", request, reply });
  }

  #stopTimer(out: Output[]): void {
    if (!this.#timed) return;
    this.#timed = undefined;
    out.push({ do: "timer", name: "request", ms: "off" });
  }

  #close(out: Output[]): void {
    this.#state = "CLOSED";
    out.push({ do: "close", how: "end" });
  }
}
