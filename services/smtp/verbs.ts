import { runMail, runRcpt } from "./envelope.ts";
import type { Outcome } from "./outcome.ts";
import { verify } from "./recipients.ts";
import { REPLIES, type Reply, reply } from "./reply.ts";
import { makeTransaction, resetTransaction, type Session, type State } from "./session.ts";

/** A command of the protocol. */
interface Verb {
  /** What HELP and a 501 show. */
  readonly syntax: string;
  readonly argument: "none" | "optional" | "required";
  /** How it is answered in the states in which it is not legal. */
  readonly illegal: { readonly [S in State]?: Reply };
  /** The answer to it with an argument that its syntax does not allow. */
  readonly misused: Reply;
  /** `undefined` if the argument is not what the syntax says. */
  run(session: Session, argument: string): Outcome | undefined;
}

type Row = Omit<Verb, "illegal" | "misused"> & Partial<Pick<Verb, "illegal">>;

const ROWS: { readonly [name: string]: Row } = {
  HELO: {
    syntax: "HELO domain",
    argument: "required",
    run: (session, argument) => hello(session, argument, false),
  },
  EHLO: {
    syntax: "EHLO domain",
    argument: "required",
    run: (session, argument) => hello(session, argument, true),
  },
  MAIL: {
    syntax: "MAIL FROM:<reverse-path> [parameters]",
    argument: "required",
    illegal: { CONNECTED: REPLIES.helloFirst, MAIL: REPLIES.nestedMail, RCPT: REPLIES.nestedMail },
    run: runMail,
  },
  RCPT: {
    syntax: "RCPT TO:<forward-path> [parameters]",
    argument: "required",
    illegal: { CONNECTED: REPLIES.helloFirst, READY: REPLIES.mailFirst },
    run: runRcpt,
  },
  DATA: {
    syntax: "DATA",
    argument: "none",
    // RFC 5321 section 3.3: without MAIL 503, without a good RCPT 554.
    illegal: { CONNECTED: REPLIES.helloFirst, READY: REPLIES.mailFirst, MAIL: REPLIES.noValidRecipients },
    run: (session) => ({
      reply: REPLIES.startMailInput,
      needs: 354,
      apply() {
        session.transaction ??= makeTransaction("");
        session.state = "DATA";
      },
    }),
  },
  RSET: {
    syntax: "RSET",
    argument: "none",
    run: (session) => ({ reply: REPLIES.ok, apply: () => resetTransaction(session) }),
  },
  NOOP: {
    syntax: "NOOP [string]",
    argument: "optional",
    run: () => ({ reply: REPLIES.ok }),
  },
  QUIT: {
    syntax: "QUIT",
    argument: "none",
    run: ({ site }) => ({ reply: site.quit }),
  },
  VRFY: {
    syntax: "VRFY string",
    argument: "required",
    run: ({ site }, argument) => ({ reply: verify(site.context, argument) }),
  },
  HELP: {
    syntax: "HELP [command]",
    argument: "optional",
    run: (_, argument) => ({ reply: help(argument) }),
  },
};

/** RFC 5321 sections 3.5, F.1 and F.6: known here, and not offered. */
const NOT_IMPLEMENTED = ["EXPN", "SEND", "SOML", "SAML", "TURN"];

/** Every verb that is recognised. */
export const VERBS: ReadonlyMap<string, Verb> = new Map([
  ...Object.entries(ROWS).map(([name, row]) => [name, verb(row)] as const),
  ...NOT_IMPLEMENTED.map((name) => [name, verb({ syntax: name, argument: "optional", run: notImplemented })] as const),
]);

function verb(row: Row): Verb {
  return { illegal: {}, misused: reply(501, "5.5.4", `Syntax: ${row.syntax}`), ...row };
}

function notImplemented(): Outcome {
  return { reply: REPLIES.notImplemented };
}

const HELP = reply(
  214,
  "2.0.0",
  ["Commands:", ...Object.values(ROWS).map(({ syntax }) => `  ${syntax}`), "The data ends with a line of one dot"].join(
    "\n",
  ),
);

function help(argument: string): Reply {
  if (argument === "") return HELP;
  const row = ROWS[argument.toUpperCase()];
  return row ? reply(214, "2.0.0", row.syntax) : REPLIES.noSuchTopic;
}

function hello(session: Session, argument: string, extended: boolean): Outcome | undefined {
  const { ehlo, helo } = session.site;
  // Quirk: any name will do that is printable ASCII; RFC 5321 section 4.1.4 forbids to refuse mail for it anyway.
  if (/[^ -~]/.test(argument)) return undefined;
  return {
    reply: extended ? ehlo : helo,
    // RFC 5321 section 4.1.4: a new hello also ends the transaction, as RSET does.
    apply() {
      session.client = argument;
      session.extended = extended;
      resetTransaction(session);
    },
  };
}
