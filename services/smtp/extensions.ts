import type { MailParameters } from "./mail-parameters.ts";
import type { SmtpOptions } from "./options.ts";
import { REPLIES, type Reply } from "./reply.ts";

/** A parameter of MAIL: checks its value and notes what it says, or refuses it. */
export interface MailParameter {
  readonly name: string;
  take(value: string | undefined, into: MailParameters): Reply | undefined;
}

/** An SMTP service extension (RFC 5321 section 2.2): what EHLO says of it, and what it adds to MAIL. */
interface Extension {
  /** The line in the reply to EHLO. */
  keyword(options: SmtpOptions): string;
  readonly mail?: MailParameter;
}

/** Everything that is offered, in the order in which EHLO lists it. */
export const EXTENSIONS: readonly Extension[] = [
  // RFC 2920
  { keyword: () => "PIPELINING" },
  // RFC 1870
  {
    keyword: ({ maxMessageOctets }) => `SIZE ${maxMessageOctets}`,
    mail: {
      name: "SIZE",
      take(value, into) {
        // RFC 1870 section 3: 1 to 20 digits.
        if (value === undefined || !/^\d{1,20}$/.test(value)) return REPLIES.badSize;
        into.size = Number(value);
        return undefined;
      },
    },
  },
  // RFC 6152
  {
    keyword: () => "8BITMIME",
    mail: {
      name: "BODY",
      take: (value) => (value !== undefined && /^(?:7BIT|8BITMIME)$/i.test(value) ? undefined : REPLIES.badBody),
    },
  },
  // RFC 6531
  {
    keyword: () => "SMTPUTF8",
    mail: {
      name: "SMTPUTF8",
      take(value, into) {
        into.smtputf8 = true;
        return value === undefined ? undefined : REPLIES.badSmtputf8;
      },
    },
  },
  // RFC 2034
  { keyword: () => "ENHANCEDSTATUSCODES" },
  // RFC 5321 sections 3.5 and 4.1.1.8
  { keyword: () => "VRFY" },
  { keyword: () => "HELP" },
];
