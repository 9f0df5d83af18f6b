import { fromUtf8 } from "../../src/wire/bytes.ts";
import type { Session, Transaction } from "./session.ts";

/** Return-Path and Received (RFC 5321 section 4.4), as a server adds them on final delivery. */
export function traceHeaders(session: Session, transaction: Transaction, id: string, now: number): Uint8Array {
  const { from, parameters, recipients } = transaction;
  const client = session.client?.split(" ", 1)[0] ?? "unknown";
  const { address } = session.peer;
  const literal = address.includes(":") ? `[IPv6:${address}]` : `[${address}]`;
  // RFC 6531 section 4.3 and RFC 3848: how the message came.
  const protocol = parameters.smtputf8 ? "UTF8SMTP" : session.extended ? "ESMTP" : "SMTP";
  // RFC 5321 section 7.6: several recipients are not told of each other.
  const single = recipients.length === 1 ? `\r\n\tfor <${recipients[0]}>` : "";
  const date = new Date(now).toUTCString().replace("GMT", "+0000");
  return fromUtf8(
    `Return-Path: <${from}>\r\n` +
      `Received: from ${client} (${literal})\r\n` +
      `\tby ${session.site.context.hostname} (Portwright) with ${protocol} id ${id}${single}; ${date}\r\n`,
  );
}
