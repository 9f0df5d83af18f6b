import type { Context } from "../../src/contract/service.ts";
import type { SmtpOptions } from "./options.ts";
import { type Path, readPath } from "./path.ts";
import { REPLIES, type Reply, reply } from "./reply.ts";

/** Where a forward-path leads, and why it may not be used. */
interface Destination {
  readonly mailbox: string;
  readonly refusal: Reply | undefined;
}

/** `size` is the declared size of the message, 0 if unknown. */
export function destinationOf(context: Context<SmtpOptions>, path: Path, size: number): Destination {
  const { mail } = context.world;
  const routed = mail.route(path.address);
  const mailbox = routed ?? path.address.toLowerCase();
  const stranger = refuseStranger(context, path, mailbox);
  if (stranger) return { mailbox, refusal: stranger };
  if (routed === undefined) return { mailbox, refusal: REPLIES.noMoreMailboxes };
  return { mailbox, refusal: mail.hasRoom([mailbox], Math.max(size, 1)) ? undefined : REPLIES.mailboxFull };
}

/** VRFY (RFC 5321 section 3.5): the person behind a name or an address, as far as that may be said. */
export function verify(context: Context<SmtpOptions>, argument: string): Reply {
  const { world } = context;
  // RFC 6531 section 3.7.4.2: the parameter says that the client reads UTF-8.
  const smtputf8 = argument.toUpperCase().endsWith(" SMTPUTF8");
  const name = smtputf8 ? argument.slice(0, -" SMTPUTF8".length).trimEnd() : argument;
  const path = readPath(name.startsWith("<") ? name : `<${name}>`, 0);
  if (!path) return REPLIES.cannotVerify;
  if (path.international && !smtputf8) return REPLIES.needsSmtputf8;
  const mailbox = world.mail.route(path.address) ?? path.address;
  const account = world.accounts.find(mailbox);
  if (!account) return refuseStranger(context, path, mailbox) ?? REPLIES.cannotVerify;
  const text = `${account.fullName} <${account.name}@${world.domain}>`;
  if (!smtputf8 && /[^ -~]/.test(text)) return REPLIES.cannotShow;
  return reply(250, "2.1.5", text);
}

function refuseStranger({ options, world }: Context<SmtpOptions>, path: Path, mailbox: string): Reply | undefined {
  if (options.recipients === "any") return undefined;
  if (path.domain !== undefined && path.domain.toLowerCase() !== world.domain) return REPLIES.relayingDenied;
  // RFC 5321 section 4.5.1: postmaster is always there.
  if (path.local.toLowerCase() === "postmaster" || world.accounts.find(mailbox)) return undefined;
  return REPLIES.unknownUser;
}
