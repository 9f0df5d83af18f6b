import { EXTENSIONS, type MailParameter } from "./extensions.ts";
import type { MailParameters } from "./mail-parameters.ts";
import { REPLIES, type Reply, reply } from "./reply.ts";

/** The parameters of a command, by name. */
type ParameterTable = ReadonlyMap<string, MailParameter>;

/** What MAIL takes after EHLO. */
export const MAIL_PARAMETERS: ParameterTable = new Map(
  EXTENSIONS.flatMap(({ mail }) => (mail ? [[mail.name, mail] as const] : [])),
);
/** What RCPT takes, and MAIL after HELO. */
export const NO_PARAMETERS: ParameterTable = new Map();

/** RFC 5321 section 4.1.2: `keyword` or `keyword=value`; RFC 6531 section 3.3 lets the value go beyond ASCII. */
const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\u{80}-\u{10ffff}]+))?$/u;

/** Reads what follows a path; returns what is wrong with it. */
export function readParameters(text: string, table: ParameterTable, into: MailParameters): Reply | undefined {
  if (text === "") return undefined;
  if (!text.startsWith(" ")) return REPLIES.parameterSyntax;
  for (const word of text.split(" ")) {
    if (word === "") continue;
    const [, keyword, value] = PARAMETER.exec(word) ?? [];
    if (keyword === undefined) return REPLIES.parameterSyntax;
    const name = keyword.toUpperCase();
    const parameter = table.get(name);
    // RFC 5321 section 4.1.1.11. Of two alike the second counts: Python's smtplib can be brought to send them.
    if (!parameter) return reply(555, "5.5.4", `Parameter not recognized or not implemented: ${name.slice(0, 64)}`);
    const refusal = parameter.take(value, into);
    if (refusal) return refusal;
  }
  return undefined;
}
