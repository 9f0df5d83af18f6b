import type { MailParameters } from "./mail-parameters.ts";
import type { Outcome } from "./outcome.ts";
import { MAIL_PARAMETERS, NO_PARAMETERS, readParameters } from "./parameters.ts";
import { readPath } from "./path.ts";
import { destinationOf } from "./recipients.ts";
import { REPLIES, type Reply } from "./reply.ts";
import { makeTransaction, type Session } from "./session.ts";

/** MAIL FROM:<reverse-path> (RFC 5321 section 4.1.1.2); `undefined` if it does not look like that. */
export function runMail(session: Session, argument: string): Outcome | undefined {
  const start = startOfPath(argument, "FROM:");
  if (start < 0) return undefined;
  const path = readPath(argument, start);
  if (!path || (path.address !== "" && path.domain === undefined)) return { reply: REPLIES.senderSyntax };
  const from = path.address;
  const parameters: MailParameters = { size: 0, smtputf8: false };
  const table = session.extended ? MAIL_PARAMETERS : NO_PARAMETERS;
  const refusal = readParameters(argument.slice(path.end), table, parameters);
  return {
    reply: refusal ?? senderReply(session, path.international, parameters),
    fields: parameters.size > 0 ? { from, size: parameters.size } : { from },
    apply() {
      session.transaction = makeTransaction(from, parameters);
      session.state = "MAIL";
    },
  };
}

function senderReply({ site }: Session, international: boolean, { size, smtputf8 }: MailParameters): Reply {
  if (international && !smtputf8) return REPLIES.needsSmtputf8;
  // RFC 1870 section 6.1.
  return size > site.context.options.maxMessageOctets ? REPLIES.tooBig : REPLIES.senderOk;
}

/** RCPT TO:<forward-path> (RFC 5321 section 4.1.1.3); `undefined` if it does not look like that. */
export function runRcpt(session: Session, argument: string): Outcome | undefined {
  const { transaction, site } = session;
  const start = startOfPath(argument, "TO:");
  if (start < 0) return undefined;
  const path = readPath(argument, start);
  if (!path || (path.domain === undefined && !/^postmaster$/i.test(path.local)))
    return { reply: REPLIES.recipientSyntax };
  const { parameters, recipients, mailboxes } = transaction ?? makeTransaction("");
  const to = path.address;
  const { mailbox, refusal } = destinationOf(site.context, path, parameters.size);
  let answer = readParameters(argument.slice(path.end), NO_PARAMETERS, parameters);
  if (!answer && path.international && !parameters.smtputf8) answer = REPLIES.needsSmtputf8;
  // RFC 5321 section 4.5.3.1.10.
  if (!answer && recipients.length >= site.context.options.maxRecipients) answer = REPLIES.tooManyRecipients;
  return {
    reply: answer ?? refusal ?? REPLIES.recipientOk,
    fields: { to },
    apply() {
      if (!transaction) return;
      recipients.push(to);
      mailboxes.add(mailbox);
      session.state = "RCPT";
    },
  };
}

/** Where the path begins in `FROM:<...>`; -1 if it does not. */
function startOfPath(argument: string, word: "FROM:" | "TO:"): number {
  if (argument.slice(0, word.length).toUpperCase() !== word) return -1;
  let at = word.length;
  // Quirk: RFC 5321 section 3.3 allows no space after the colon, but many a client sends one.
  while (argument[at] === " ") at += 1;
  return argument[at] === "<" ? at : -1;
}
