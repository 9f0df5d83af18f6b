/** What a code says where a rule does not: an enhanced code, unless it has none, and a text. */
export interface Wording {
  readonly enhanced?: string;
  /** `<host>` stands for the name of the service. */
  readonly text: string;
}

/** The name under which the greeting is answered: no verb has a space. */
export const GREETING = "the greeting";

type Row = readonly [enhanced: string, text: string];

/** RFC 5321 section 4.2.2, RFC 4954 section 6, RFC 7504, RFC 1985; enhanced codes of RFC 3463 and its registry. */
const BY_CODE: { readonly [code: number]: Row } = {
  211: ["2.0.0", "System status"],
  214: ["2.0.0", "Help message"],
  220: ["2.0.0", "Ready"],
  221: ["2.0.0", "<host> Service closing transmission channel"],
  235: ["2.7.0", "Authentication successful"],
  250: ["2.0.0", "Ok"],
  251: ["2.1.5", "User not local; will forward"],
  252: ["2.0.0", "Cannot VRFY user, but will accept message and attempt delivery"],
  334: ["", ""],
  354: ["", "Start mail input; end with <CRLF>.<CRLF>"],
  421: ["4.3.2", "<host> Service not available, closing transmission channel"],
  432: ["4.7.12", "A password transition is needed"],
  450: ["4.2.1", "Requested mail action not taken: mailbox unavailable"],
  451: ["4.3.0", "Requested action aborted: local error in processing"],
  452: ["4.3.1", "Requested action not taken: insufficient system storage"],
  454: ["4.7.0", "Temporary failure"],
  455: ["4.5.4", "Server unable to accommodate parameters"],
  458: ["4.3.0", "Unable to queue messages"],
  459: ["4.7.1", "Node not allowed"],
  500: ["5.5.1", "Command unrecognized"],
  501: ["5.5.4", "Syntax error in parameters or arguments"],
  502: ["5.5.1", "Command not implemented"],
  503: ["5.5.1", "Bad sequence of commands"],
  504: ["5.5.4", "Command parameter not implemented"],
  521: ["5.3.2", "<host> does not accept mail"],
  525: ["5.7.13", "User account disabled"],
  530: ["5.7.0", "Authentication required"],
  534: ["5.7.9", "Authentication mechanism is too weak"],
  535: ["5.7.8", "Authentication credentials invalid"],
  538: ["5.7.11", "Encryption required for requested authentication mechanism"],
  550: ["5.7.1", "Requested action not taken: rejected for policy reasons"],
  551: ["5.1.6", "User not local; please try another path"],
  552: ["5.2.2", "Requested mail action aborted: exceeded storage allocation"],
  553: ["5.1.3", "Requested action not taken: mailbox name not allowed"],
  554: ["5.0.0", "Transaction failed"],
  555: ["5.5.4", "MAIL FROM/RCPT TO parameters not recognized or not implemented"],
  556: ["5.1.10", "Domain does not accept mail"],
};

/** Where a code says something else in answer to one command. */
const BY_COMMAND: { readonly [commandAndCode: string]: Row } = {
  [`${GREETING} 554`]: ["", "No SMTP service here"],
  "STARTTLS 220": ["2.0.0", "Ready to start TLS"],
  "STARTTLS 454": ["4.7.0", "TLS not available due to temporary reason"],
  "AUTH 454": ["4.7.0", "Temporary authentication failure"],
  "AUTH 500": ["5.5.6", "Authentication exchange line is too long"],
  "MAIL 250": ["2.1.0", "Ok"],
  "MAIL 450": ["4.1.8", "Sender address rejected: domain not found"],
  "MAIL 552": ["5.3.4", "Message size exceeds fixed maximum message size"],
  "MAIL 553": ["5.1.7", "Sender address not allowed"],
  "RCPT 250": ["2.1.5", "Ok"],
  "RCPT 252": ["2.1.5", "Cannot VRFY user, but will accept message and attempt delivery"],
  "RCPT 550": ["5.1.1", "No such user here"],
  "RCPT 552": ["5.2.2", "Mailbox full"],
  "RCPT 554": ["5.7.1", "Relaying denied"],
  "DATA 554": ["5.5.1", "No valid recipients"],
  "VRFY 250": ["2.1.5", "Ok"],
  "VRFY 550": ["5.1.1", "No such user here"],
  "MESSAGE 550": ["5.7.1", "Message refused for policy reasons"],
  "MESSAGE 552": ["5.3.4", "Message size exceeds fixed maximum message size"],
  "MESSAGE 554": ["5.6.0", "Message content rejected"],
};

/** What an enhanced code says by its subject and detail (RFC 3463 sections 3.2 to 3.8, and its registry). */
const BY_DETAIL: { readonly [detail: string]: string } = {
  "1.1": "No such user here",
  "1.2": "No such domain",
  "1.3": "Bad recipient address syntax",
  "1.6": "Mailbox has moved, and left no forwarding address",
  "1.7": "Bad sender address syntax",
  "1.8": "Sender address rejected: domain not found",
  "1.10": "Domain does not accept mail (null MX)",
  "2.1": "Mailbox disabled, not accepting messages",
  "2.2": "Mailbox full",
  "2.3": "Message exceeds the mailbox's limit",
  "3.1": "Mail system full",
  "3.2": "System not accepting network messages",
  "3.3": "System not capable of selected features",
  "3.4": "Message too big for system",
  "4.1": "No answer from host",
  "4.2": "Bad connection",
  "4.5": "Mail system congestion",
  "4.6": "Routing loop detected",
  "4.7": "Delivery time expired",
  "5.1": "Invalid command",
  "5.2": "Syntax error",
  "5.3": "Too many recipients",
  "5.4": "Invalid command arguments",
  "5.6": "Authentication exchange line is too long",
  "6.0": "Message content rejected",
  "6.1": "Media not supported",
  "6.3": "Conversion required but not supported",
  "6.7": "Non-ASCII addresses not permitted for that sender or recipient",
  "7.0": "Refused for security reasons",
  "7.1": "Delivery not authorized, message refused",
  "7.8": "Authentication credentials invalid",
  "7.9": "Authentication mechanism is too weak",
  "7.11": "Encryption required for requested authentication mechanism",
  "7.12": "A password transition is needed",
  "7.13": "User account disabled",
  "7.23": "SPF validation failed",
  "7.25": "Reverse DNS validation failed",
  "7.26": "Multiple authentication checks failed",
};

/** RFC 2034 section 4: the greeting and the replies to HELO and EHLO carry no enhanced codes. */
const WITHOUT_ENHANCED = new Set([GREETING, "HELO", "EHLO"]);

/** What a code says in answer to a command, or an enhanced code where that is known. */
export function wordingOf(command: string, code: number, enhanced: string | undefined): Wording {
  const [standard, text] = BY_COMMAND[`${command} ${code}`] ?? BY_CODE[code] ?? unknown(code);
  if (enhanced !== undefined && enhanced !== standard) {
    const detail = BY_DETAIL[enhanced.slice(enhanced.indexOf(".") + 1)];
    if (detail !== undefined) return { enhanced, text: detail };
  }
  return standard === "" || WITHOUT_ENHANCED.has(command) ? { text } : { enhanced: standard, text };
}

function unknown(code: number): Row {
  const kind = Math.floor(code / 100);
  if (kind === 3) return ["", "Go on"];
  return [`${kind}.0.0`, kind === 2 ? "Ok" : kind === 4 ? "Temporary failure" : "Permanent failure"];
}
