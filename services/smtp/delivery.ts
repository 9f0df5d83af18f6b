import type { Mail } from "../../src/contract/world.ts";
import { concat } from "../../src/wire/bytes.ts";
import { headersOf, subjectIn } from "./headers.ts";
import type { MailData } from "./mail-data.ts";
import type { Outcome } from "./outcome.ts";
import { REPLIES, type Reply, reply } from "./reply.ts";
import type { Session, Transaction } from "./session.ts";
import { traceHeaders } from "./trace.ts";

/** The number of each world's next message; a world that was reset begins again. */
const queues = new WeakMap<Mail, number>();

/** The end of the data (RFC 5321 section 4.1.1.4): the message goes to every mailbox, or to none. */
export function finishMessage(session: Session, transaction: Transaction, data: MailData, now: number): Outcome {
  const { context } = session.site;
  const { from, recipients, mailboxes } = transaction;
  const said = { from, to: [...recipients], size: data.octets };
  if (data.isTooBig) {
    // Whatever answered 250 in place of the refusal, its octets are gone.
    const apply = () => session.note("message-lost", { octets: data.octets });
    return { reply: REPLIES.tooBig, fields: said, apply };
  }
  const { mail } = context.world;
  const message = data.take();
  const headers = headersOf(message);
  const number = queues.get(mail) ?? 1;
  const id = number.toString(16).toUpperCase();
  const raw = context.options.trace ? concat([traceHeaders(session, transaction, id, now), message]) : message;
  return {
    reply: refuseMessage(session, transaction, data, raw) ?? reply(250, "2.0.0", `Ok: queued as ${id}`),
    fields: { ...said, subject: subjectIn(headers), headers, message },
    apply() {
      queues.set(mail, number + 1);
      const envelope = { from, to: recipients };
      for (const mailbox of mailboxes) {
        const outcome = mail.deliver(mailbox, { envelope, raw, receivedAt: now });
        // Whatever answered 250 in place of the refusal, there is no room.
        if (outcome === "full") session.note("mailbox-full", { mailbox });
      }
    },
  };
}

function refuseMessage(
  { site }: Session,
  { recipients, mailboxes }: Transaction,
  data: MailData,
  raw: Uint8Array,
): Reply | undefined {
  if (recipients.length === 0) return REPLIES.noValidRecipients;
  if (data.hasBareLineFeeds && site.context.options.bareLineFeed === "reject") return REPLIES.messageBareLineFeed;
  // RFC 5321 section 4.2.5: after 250 the message is ours to deliver, to everybody.
  return site.context.world.mail.hasRoom(mailboxes, raw.length) ? undefined : REPLIES.mailboxFull;
}
