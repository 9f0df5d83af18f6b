import type { Endpoint, Fields } from "../../src/contract/machine.ts";
import type { MailParameters } from "./mail-parameters.ts";
import type { Site } from "./site.ts";

/**
 * CONNECTED until HELO or EHLO, READY between mail transactions, then named for the last command that was obeyed. REFUSED
 * after a greeting that said so.
 */
export type State = "CONNECTED" | "REFUSED" | "READY" | "MAIL" | "RCPT" | "DATA" | "CLOSED";

/** RFC 5321 section 3.3: what MAIL begins, RCPT adds to, and the end of data, RSET or a new hello ends. */
export interface Transaction {
  readonly from: string;
  readonly parameters: MailParameters;
  /** As they were given, doubles included. */
  readonly recipients: string[];
  /** Where the message goes, each once. */
  readonly mailboxes: Set<string>;
}

/** What a session remembers from one command to the next. */
export interface Session {
  readonly site: Site;
  state: State;
  peer: Endpoint;
  /** What the client called itself; `undefined` before HELO or EHLO. */
  client: string | undefined;
  /** It said EHLO, so extensions may be used. */
  extended: boolean;
  transaction: Transaction | undefined;
  /** Tells the journal. */
  note(event: string, detail: Fields): void;
}

/** A mail transaction without recipients. */
export function makeTransaction(from: string, parameters: MailParameters = { size: 0, smtputf8: false }): Transaction {
  return { from, parameters, recipients: [], mailboxes: new Set() };
}

/** Forgets the mail transaction, if there is one. */
export function resetTransaction(session: Session): void {
  session.transaction = undefined;
  session.state = session.client === undefined ? "CONNECTED" : "READY";
}
