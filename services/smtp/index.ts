import { defineService } from "../../src/contract/service.ts";
import { COMMANDS } from "./commands.ts";
import { SmtpMachine } from "./machine.ts";
import { smtpOptions } from "./options.ts";
import { REPLIES } from "./reply.ts";
import { smtpStub } from "./stub.ts";
import { smtpTriggers } from "./triggers.ts";

/** Simple Mail Transfer Protocol, RFC 5321. */
export const smtp = defineService({
  name: "smtp",
  title: "Simple Mail Transfer Protocol",
  specs: ["RFC 5321", "RFC 1870", "RFC 2034", "RFC 2047", "RFC 2920", "RFC 3463", "RFC 6152", "RFC 6531"],
  port: 25,
  transports: ["tcp"],
  scheme: "smtp",
  host: "mail",
  options: smtpOptions,
  request: {
    command: {
      type: "string",
      doc: "The verb in capitals, also if it is unknown; `MESSAGE` for what came after DATA, up to the final dot; empty for an overlong line.",
      values: COMMANDS,
      canonical: (text) => text.toUpperCase(),
    },
    argument: { type: "string", doc: "What follows the verb; of AUTH only the mechanism, then `<redacted>`." },
    from: {
      type: "string",
      doc: "MAIL and MESSAGE: the reverse-path without source route; empty for `<>` (RFC 5321 section 4.1.1.2).",
      canonical: withoutBrackets,
    },
    to: {
      type: "list",
      doc: "RCPT: the forward-path without source route (RFC 5321 section 4.1.1.3). MESSAGE: those that were accepted.",
      canonical: withoutBrackets,
    },
    size: { type: "number", doc: "MAIL: the declared size (RFC 1870). MESSAGE: how many octets came." },
    subject: { type: "string", doc: "MESSAGE: its Subject, unfolded, with encoded words decoded (RFC 2047)." },
    headers: {
      type: "map",
      doc: "MESSAGE: its header fields by their names in lower case, unfolded and decoded; a list where a name comes twice.",
      canonical: (name) => name.toLowerCase(),
    },
    message: { type: "octets", doc: "MESSAGE: all of it, dots unstuffed; absent if it was too big." },
  },
  reply: {
    code: { type: "number", doc: "RFC 5321 section 4.2." },
    enhanced: { type: "string", doc: "The enhanced status code, such as `5.1.1` (RFC 3463)." },
    text: { type: "string", doc: "What follows the codes; lines are joined with `\\n`." },
  },
  stub: smtpStub,
  greets: true,
  names: ({ to }) =>
    [to]
      .flat()
      .flatMap((path) => (typeof path === "string" ? path.slice(path.lastIndexOf("@") + 1).toLowerCase() : [])),
  triggers: smtpTriggers,
  isRefusal: ({ code, text }) => typeof code === "number" && code >= 400 && !CONSEQUENCES.includes(text),
  machine: (context, rules) => new SmtpMachine(context, rules),
  probe: {
    tcp: [{ expect: "220 " }, { send: "QUIT\r\n" }, { expect: /^221 .*\r\n/m }, { expectEnd: true }],
  },
  example: ({ host, port }) => `swaks -s ${host} -p ${port} -t alice@example.test`,
});

/** What is said only because something before was refused, as clients that pipeline must expect. */
const CONSEQUENCES: readonly unknown[] = [REPLIES.noValidRecipients, REPLIES.noService].map(
  ({ fields }) => fields.text,
);

/** `<alice@example.test>` is the same to everybody who writes a rule. */
function withoutBrackets(path: string): string {
  return path.replace(/^<(.*)>$/s, "$1");
}
