import { fromUtf8 } from "../../src/wire/bytes.ts";

/** A reply: the fields that the journal shows, and the octets that the client gets. */
export interface Reply {
  readonly fields: ReplyFields;
  readonly octets: Uint8Array;
}

interface ReplyFields {
  readonly [name: string]: number | string | undefined;
  /** RFC 5321 section 4.2. */
  readonly code: number;
  /** RFC 3463, such as `5.1.1`; absent from 3xx replies and from those to HELO and EHLO (RFC 2034 section 4). */
  readonly enhanced: string | undefined;
  /** Lines joined with `\n`. */
  readonly text: string;
}

/** Where a reply departs from what RFC 5321 section 4.2 says of its lines: for rules that break it on purpose. */
export interface ReplyForm {
  /** The lines' codes, one by one; the reply has as many lines. */
  readonly codes?: readonly number[] | undefined;
  /** What stands behind each line; CRLF. */
  readonly lineEnd?: string | undefined;
  /** The last line says that another follows. */
  readonly unfinished?: boolean | undefined;
  /** The last line is filled up to so many octets, line end included. */
  readonly octets?: number | undefined;
}

/** Makes a reply; the only place where replies become octets. */
export function reply(code: number, enhanced: string | undefined, text: string, form: ReplyForm = {}): Reply {
  const { codes, lineEnd = "\r\n", unfinished = false, octets = 0 } = form;
  const texts = text.split("\n");
  const last = (codes?.length ?? texts.length) - 1;
  const start = enhanced === undefined ? "" : `${enhanced} `;
  let rendered = "";
  for (let at = 0; at <= last; at += 1) {
    const number = String(codes?.[at] ?? code).padStart(3, "0");
    const line = `${number}${at < last || unfinished ? "-" : " "}${start}${texts[at] ?? texts.at(-1)}`;
    const filled = at < last ? line : line + FILLING.repeat(Math.max(0, octets - fromUtf8(line + lineEnd).length));
    rendered += filled + lineEnd;
  }
  return { fields: { code, enhanced, text }, octets: fromUtf8(rendered) };
}

const FILLING = "x";

/** RFC 5321 section 4.2.1: positive completion. What the command says is done. */
export function isCompletion({ fields }: Reply): boolean {
  return fields.code >= 200 && fields.code < 300;
}

/** RFC 5321 section 4.2.1: x0z is syntax; 555 is a parameter that was never offered. */
export function isProtocolError({ fields }: Reply): boolean {
  return (fields.code >= 500 && fields.code < 510) || fields.code === 555;
}

/** RFC 5321 sections 4.1.1.10 and 3.8: after these the service closes the channel. */
export function isLast({ fields }: Reply): boolean {
  return fields.code === 221 || fields.code === 421;
}

/** The replies that are the same in every session. */
export const REPLIES = {
  senderOk: reply(250, "2.1.0", "Ok"),
  recipientOk: reply(250, "2.1.5", "Ok"),
  ok: reply(250, "2.0.0", "Ok"),
  startMailInput: reply(354, undefined, "Start mail input; end with <CRLF>.<CRLF>"),
  cannotVerify: reply(252, "2.0.0", "Cannot VRFY user, but will accept message and attempt delivery"),
  cannotShow: reply(252, "2.6.8", "The answer needs UTF-8: ask again with SMTPUTF8"),
  mailboxFull: reply(452, "4.2.2", "Mailbox full"),
  noMoreMailboxes: reply(452, "4.3.1", "Insufficient system storage: no more mailboxes can be made"),
  tooManyRecipients: reply(452, "4.5.3", "Too many recipients"),
  unrecognised: reply(500, "5.5.1", "Command unrecognized"),
  lineTooLong: reply(500, "5.5.2", "Line too long"),
  bareLineFeed: reply(500, "5.5.2", "Lines end in CRLF, not in a bare LF"),
  notText: reply(500, "5.5.2", "Commands are ASCII or well-formed UTF-8, without NUL"),
  senderSyntax: reply(501, "5.1.7", "Bad sender address syntax"),
  recipientSyntax: reply(501, "5.1.3", "Bad recipient address syntax"),
  parameterSyntax: reply(501, "5.5.4", "Bad parameter syntax"),
  badSize: reply(501, "5.5.4", "SIZE takes a number of octets"),
  badBody: reply(501, "5.5.4", "BODY takes 7BIT or 8BITMIME"),
  badSmtputf8: reply(501, "5.5.4", "SMTPUTF8 takes no value"),
  cancelled: reply(501, "5.7.0", "Authentication cancelled"),
  notImplemented: reply(502, "5.5.1", "Command not implemented"),
  noService: reply(503, "5.5.1", "Bad sequence of commands: there is no service here, only QUIT"),
  helloFirst: reply(503, "5.5.1", "Bad sequence of commands: send EHLO or HELO first"),
  mailFirst: reply(503, "5.5.1", "Bad sequence of commands: send MAIL first"),
  nestedMail: reply(503, "5.5.1", "Bad sequence of commands: a mail transaction is open"),
  noSuchTopic: reply(504, "5.5.4", "There is no help on that"),
  unknownUser: reply(550, "5.1.1", "No such user here"),
  relayingDenied: reply(550, "5.7.1", "Relaying denied"),
  messageBareLineFeed: reply(550, "5.5.2", "The message holds a bare LF"),
  tooBig: reply(552, "5.3.4", "Message size exceeds fixed maximum message size"),
  needsSmtputf8: reply(553, "5.6.7", "A non-ASCII address needs the parameter SMTPUTF8"),
  noValidRecipients: reply(554, "5.5.1", "No valid recipients"),
} as const;
