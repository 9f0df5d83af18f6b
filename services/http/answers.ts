import type { Endpoint, Output } from "../../src/contract/machine.ts";
import { NO_RULES, type Rules, type Ruling } from "../../src/contract/rules.ts";
import { emptyReply, errorReply, type Reply } from "./reply.ts";
import type { Asked, Head, Refusal, Request } from "./request.ts";
import { type Ruled, redirected } from "./ruled.ts";
import type { Site } from "./site.ts";

/** What is to be done about a request. */
export interface Verdict {
  /** What happened inside the request, to be put out before anything else. */
  readonly before?: readonly Output[];
  /** To be put out before anything of the reply. */
  readonly output?: Output;
  /** `undefined`: the request is not answered. */
  readonly reply: Reply | undefined;
}

/** What a reply replaces that has nothing carried out. */
const NO_ANSWER = emptyReply(200);

/** What one connection's requests are answered: by the rules, which are asked about each of them once, or by the site. */
export class Answers {
  readonly #site: Site;
  readonly #rules: Rules<Ruled>;
  peer: Endpoint = { address: "", port: 0 };
  /** The request that the rules were asked about before its content had come, and what they said. */
  #early: Request | undefined;
  #ruling: Ruling<Ruled> | undefined;

  constructor(site: Site, rules: Rules<Ruled> = NO_RULES) {
    this.#site = site;
    this.#rules = rules;
  }

  /** Of a request that was read to its end. */
  to(head: Head, now: number): Verdict {
    const ruling = this.#ask(head.request);
    if (!ruling) {
      const reply = this.#own(head, head.request, now);
      return reply.enclosed ? withEnclosed({ reply }, reply.enclosed) : { reply };
    }
    let enclosed: Reply["enclosed"];
    const own = (request: Request) => {
      const reply = this.#own(head, request, now);
      enclosed = reply.enclosed;
      return reply;
    };
    const found = verdict(ruling, () => {
      const { reply: ruled } = ruling;
      if (!ruled) return own(head.request);
      return ruled.reply(ruled.own ? own(redirected(head.request, ruled)) : NO_ANSWER);
    });
    return enclosed ? withEnclosed(found, enclosed) : found;
  }

  /** Of a request that cannot be read on. */
  toRefused(request: Request, { status, why }: Refusal): Verdict {
    const ruling = this.#ask(request);
    const own = errorReply(status, why);
    return ruling ? verdict(ruling, () => ruling.reply?.reply(own) ?? own) : { reply: own };
  }

  /**
   * Of a request whose content the client keeps back until it is told to go on (RFC 9110 section 10.1.1): a verdict that
   * no content could change, or whether to tell it. The rules are asked now if one matches what is there already.
   */
  early(head: Head, now: number): Verdict | "continue" | "wait" {
    const { request } = head;
    const isRuled = this.#rules.any && this.#rules.couldMatch(request, []);
    const ruling = isRuled ? this.#rules.ask(request) : undefined;
    if (isRuled) {
      this.#early = request;
      this.#ruling = ruling;
    }
    if (ruling?.instead) return { output: ruling.output, reply: undefined };
    const ruled = ruling?.reply;
    if (ruled?.saysContinue === false) return "wait";
    const refusal = this.#refusal(head, ruled, now);
    if (!refusal) return "continue";
    return ruling ? verdict(ruling, () => refusal) : { reply: refusal };
  }

  #ask(request: Request): Ruling<Ruled> | undefined {
    if (this.#early === request) return this.#ruling;
    return this.#rules.any ? this.#rules.ask(request) : undefined;
  }

  #own(head: Head, request: Request, now: number): Reply {
    const kept = head.plain && request.method === "GET" ? this.#site.lasting(request) : undefined;
    return kept ?? this.#site.answer(this.#asked(head, request, now));
  }

  /** The final response to a request whose content makes no difference. */
  #refusal(head: Head, ruled: Ruled | undefined, now: number): Reply | undefined {
    if (ruled && !ruled.own) {
      const reply = ruled.reply(NO_ANSWER);
      return reply.status >= 300 ? reply : undefined;
    }
    const refusal = this.#site.refuse(this.#asked(head, ruled ? redirected(head.request, ruled) : head.request, now));
    return refusal && ruled ? ruled.reply(refusal) : refusal;
  }

  /** Spelt out, because a spread costs more than reading the head did. */
  #asked(head: Head, request: Request, now: number): Asked {
    const { fields, framing, keepAlive, expectsContinue, plain } = head;
    return {
      request,
      fields,
      framing,
      keepAlive,
      expectsContinue,
      plain,
      origin: this.peer.address,
      peer: this.peer,
      now,
    };
  }
}

function verdict({ instead, faults, output }: Ruling, reply: () => Reply): Verdict {
  if (instead) return { output, reply: undefined };
  return faults.length > 0 ? { output, reply: reply() } : { reply: reply() };
}

/** What rules say to what was inside the request befalls the response around it, together with what is said of that. */
function withEnclosed(
  { output, reply }: Verdict,
  { outputs: before, ruling }: NonNullable<Reply["enclosed"]>,
): Verdict {
  if (!ruling) return { before, ...(output ? { output } : {}), reply };
  const outer = output?.do === "fault" ? output.faults : [];
  return {
    before,
    output: { do: "fault", faults: [...outer, ...ruling.faults] },
    reply: ruling.instead ? undefined : reply,
  };
}
