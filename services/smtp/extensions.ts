import type { SmtpOptions } from "./options.ts";
import { REPLIES, type Reply } from "./reply.ts";
import type { MailParameters } from "./session.ts";

/** A parameter of MAIL: checks its value and notes what it says, or refuses it. */
export interface MailParameter {
  readonly name: string;
  take(value: string | undefined, into: MailParameters): Reply | undefined;
}

/** An SMTP service extension (RFC 5321 section 2.2): what EHLO says of it, and what it adds to MAIL. */
export interface Extension {
  readonly spec: string;
  /** The line in the reply to EHLO. */
  keyword(options: SmtpOptions): string;
  readonly mail?: MailParameter;
}

/** Everything that is offered, in the order in which EHLO lists it. */
export const EXTENSIONS: readonly Extension[] = [
  { spec: "RFC 2920", keyword: () => "PIPELINING" },
  {
    spec: "RFC 1870",
    keyword: ({ maxMessageOctets }) => `SIZE ${maxMessageOctets}`,
    mail: {
      name: "SIZE",
      take(value, into) {
        // RFC 1870 section 4: 1 to 20 digits.
        if (value === undefined || !/^\d{1,20}$/.test(value)) return REPLIES.badSize;
        into.size = Number(value);
        return undefined;
      },
    },
  },
  {
    spec: "RFC 6152",
    keyword: () => "8BITMIME",
    mail: {
      name: "BODY",
      take: (value) => (value !== undefined && /^(?:7BIT|8BITMIME)$/i.test(value) ? undefined : REPLIES.badBody),
    },
  },
  {
    spec: "RFC 6531",
    keyword: () => "SMTPUTF8",
    mail: {
      name: "SMTPUTF8",
      take(value, into) {
        into.smtputf8 = true;
        return value === undefined ? undefined : REPLIES.badSmtputf8;
      },
    },
  },
  { spec: "RFC 2034", keyword: () => "ENHANCEDSTATUSCODES" },
  { spec: "RFC 5321", keyword: () => "VRFY" },
  { spec: "RFC 5321", keyword: () => "HELP" },
];
