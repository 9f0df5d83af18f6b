import * as v from "valibot";

/** At least `least`, described. */
function count(least: number, description: string) {
  return v.pipe(v.number(), v.integer(), v.minValue(least), v.description(description));
}

/** The options of the service, all with defaults. */
export const smtpOptions = v.strictObject({
  banner: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[ -~]{1,400}$/, "one line of 1 to 400 printable ASCII characters"),
      v.description("What the greeting says after the host name."),
    ),
    "ESMTP Portwright",
  ),
  recipients: v.optional(
    v.pipe(
      v.picklist(["any", "known"]),
      v.description(
        "`any`: every address has a mailbox. `known`: only the people of the world's domain (and postmaster) have one; the domain's other addresses are answered 550 5.1.1, other domains 550 5.7.1.",
      ),
    ),
    "any",
  ),
  bareLineFeed: v.optional(
    v.pipe(
      v.picklist(["reject", "accept"]),
      v.description(
        "`reject`: a command ended by a bare LF is refused (500), a message with one too (550), and no bare LF ever ends the data. `accept`: a bare LF ends lines, data included, and is stored as CRLF.",
      ),
    ),
    "reject",
  ),
  trace: v.optional(
    v.pipe(
      v.boolean(),
      v.description("Put Return-Path and Received (RFC 5321 section 4.4) before the stored message."),
    ),
    false,
  ),
  maxMessageOctets: v.optional(count(1, "Messages over this are refused (552); EHLO says it in SIZE."), 26_214_400),
  maxRecipients: v.optional(count(1, "Recipients of one message; more are refused for now (452)."), 1000),
  maxCommandOctets: v.optional(
    count(8, "A command line with its CRLF; the RFC demands 512 and room for extensions, and allows more."),
    4096,
  ),
  maxErrors: v.optional(
    count(1, "The protocol error with this number ends the session (421); a refused recipient is none."),
    20,
  ),
  idleMs: v.optional(count(1, "A session without traffic for so many milliseconds ends (421)."), 300_000),
});

export type SmtpOptions = v.InferOutput<typeof smtpOptions>;
