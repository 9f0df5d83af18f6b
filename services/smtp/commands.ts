/**
 * What a request's `command` may be, for rules: every verb that was ever registered or is met with, known here or not
 * (RFC 5321, 821, 974, 1846, 1985, 2033, 2645, 3030, 3207, 4468, 4954, and those of Postfix, Sendmail and Exchange).
 */
export const COMMANDS: readonly string[] = [
  ...["HELO", "EHLO", "MAIL", "RCPT", "DATA", "MESSAGE", "RSET", "NOOP", "QUIT", "VRFY", "EXPN", "HELP"],
  ...["SEND", "SOML", "SAML", "TURN", "LHLO", "ETRN", "ATRN", "BDAT", "STARTTLS", "AUTH", "BURL"],
  ...["XCLIENT", "XFORWARD", "XEXCH50", "X-EXPS", "X-ANONYMOUSTLS", "X-LINK2STATE", "XRDST", "XPROXYFROM"],
  ...["VERB", "ONEX", "XONE", "XUSR", "XGEN", "XADR", "XSTA", "XCIR", "XQUE", "XAUTHSTATE", "TICK", "EMAL", "ESAM"],
  ...["ESND", "ESOM", "8BITMIME", "DSN", ""],
];
