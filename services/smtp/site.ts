import type { Context } from "../../src/contract/service.ts";
import { EXTENSIONS } from "./extensions.ts";
import type { SmtpOptions } from "./options.ts";
import { type Reply, reply } from "./reply.ts";

/** What all sessions of a binding share: the context, and the replies that depend on nothing else. */
export interface Site {
  readonly context: Context<SmtpOptions>;
  /** What EHLO lists. */
  readonly keywords: readonly string[];
  readonly greeting: Reply;
  readonly helo: Reply;
  readonly ehlo: Reply;
  readonly quit: Reply;
  readonly stopping: Reply;
  readonly tooManySessions: Reply;
  readonly tooManyErrors: Reply;
  readonly idle: Reply;
}

const sites = new WeakMap<Context<SmtpOptions>, Site>();

/** The site of a context: made for its first session, for a session must be cheap. */
export function siteOf(context: Context<SmtpOptions>): Site {
  let site = sites.get(context);
  if (!site) {
    site = makeSite(context);
    sites.set(context, site);
  }
  return site;
}

function makeSite(context: Context<SmtpOptions>): Site {
  const { hostname, options } = context;
  const closing = (enhanced: string, why: string) =>
    reply(421, enhanced, `${hostname} ${why}, closing transmission channel`);
  const keywords = EXTENSIONS.map((extension) => extension.keyword(options));
  return {
    context,
    keywords,
    // RFC 2034 section 4: the greeting and the replies to HELO and EHLO carry no enhanced codes.
    greeting: reply(220, undefined, `${hostname} ${options.banner}`),
    helo: reply(250, undefined, hostname),
    ehlo: reply(250, undefined, [hostname, ...keywords].join("\n")),
    quit: reply(221, "2.0.0", `${hostname} Service closing transmission channel`),
    stopping: closing("4.3.2", "Service not available"),
    tooManySessions: closing("4.7.0", "Too many sessions"),
    tooManyErrors: closing("4.7.0", "Too many errors"),
    idle: closing("4.4.2", "Timeout exceeded"),
  };
}
