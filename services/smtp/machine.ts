import type { Fields, Input, Machine, Output } from "../../src/contract/machine.ts";
import { NO_RULES, type Rules } from "../../src/contract/rules.ts";
import type { Context } from "../../src/contract/service.ts";
import { type Line, LineReader } from "../../src/wire/line-reader.ts";
import { type Command, readCommand } from "./command.ts";
import { finishMessage } from "./delivery.ts";
import { MailData } from "./mail-data.ts";
import type { SmtpOptions } from "./options.ts";
import type { Outcome } from "./outcome.ts";
import { isCompletion, isLast, isProtocolError, REPLIES, type Reply } from "./reply.ts";
import { resetTransaction, type Session, type State } from "./session.ts";
import { siteOf } from "./site.ts";
import { GREETING } from "./standard.ts";
import type { RuledReply } from "./stub.ts";
import { VERBS } from "./verbs.ts";

/** What an overlong line says. */
const NO_COMMAND: Command = { verb: "", argument: "", isText: true };
const END_OF_DATA: Command = { verb: "MESSAGE", argument: "", isText: true };
const NOWHERE = { address: "", port: 0 };
/** RFC 5321 section 4.5.3.1.6. */
const MAX_TEXT_LINE = 1000;

/** One SMTP session (RFC 5321). */
export class SmtpMachine implements Machine {
  readonly #session: Session;
  readonly #options: SmtpOptions;
  readonly #lines: LineReader;
  readonly #rules: Rules<RuledReply>;
  #data: MailData | undefined;
  #errors = 0;
  /** After a rule's 334, the verb to which the next line belongs (RFC 4954 section 4). */
  #challenged: string | undefined;
  /** Octets of a chunk that nobody wants. */
  #unwanted = 0;
  #outputs: Output[] = [];

  constructor(context: Context<SmtpOptions>, rules: Rules<RuledReply> = NO_RULES) {
    this.#options = context.options;
    this.#rules = rules;
    this.#lines = new LineReader(context.options.maxCommandOctets);
    this.#session = {
      site: siteOf(context),
      state: "CONNECTED",
      peer: NOWHERE,
      client: undefined,
      extended: false,
      transaction: undefined,
      note: (event, detail) => this.#outputs.push({ do: "note", event, detail }),
    };
  }

  get state(): State {
    return this.#session.state;
  }

  handle(input: Input): readonly Output[] {
    this.#outputs = [];
    if (this.#session.state !== "CLOSED") this.#take(input);
    return this.#outputs;
  }

  #take(input: Input): void {
    const { site } = this.#session;
    switch (input.type) {
      case "open":
        this.#session.peer = input.peer;
        this.#outputs.push({ do: "idle", ms: this.#options.idleMs });
        this.#greet();
        return;
      case "data":
        this.#lines.push(input.bytes);
        this.#read(input.now);
        return;
      case "idle":
        this.#goodbye(site.idle);
        return;
      case "shutdown":
        this.#goodbye(input.reason === "stopping" ? site.stopping : site.tooManySessions);
        return;
      case "end":
        this.#close();
        return;
      case "closed":
        this.#abandon();
        return;
      default:
        return;
    }
  }

  #greet(): void {
    const ruling = this.#rules.greet();
    if (ruling) this.#outputs.push(ruling.output);
    if (ruling?.instead) return;
    const { site } = this.#session;
    const own = site.greeting;
    const greeting = ruling?.reply?.({ command: GREETING, own, site }) ?? own;
    this.#outputs.push({ do: "send", bytes: greeting.octets });
    // RFC 7504 section 3: such a host need not wait for QUIT.
    if (isLast(greeting) || greeting.fields.code === 521) this.#close();
    else if (!isCompletion(greeting)) this.#session.state = "REFUSED";
  }

  #read(now: number): void {
    while (this.#session.state !== "CLOSED") {
      if (this.#data) {
        if (!this.#readData(this.#data, now)) return;
      } else if (this.#unwanted > 0) {
        const octets = this.#lines.take(this.#unwanted);
        if (!octets) return;
        this.#unwanted -= octets.length;
      } else {
        const line = this.#lines.next();
        if (!line) return;
        this.#readCommand(line);
      }
    }
  }

  /** Returns whether the final dot has come. */
  #readData(data: MailData, now: number): boolean {
    const octets = this.#lines.take(Number.POSITIVE_INFINITY);
    if (!octets) return false;
    const used = data.push(octets);
    if (!data.ended) return false;
    if (used < octets.length) this.#lines.push(octets.subarray(used));
    const { transaction } = this.#session;
    if (data.longestLine > MAX_TEXT_LINE) this.#session.note("long-text-line", { octets: data.longestLine });
    this.#data = undefined;
    if (transaction) this.#answer(END_OF_DATA, finishMessage(this.#session, transaction, data, now));
    if (this.#session.state !== "CLOSED") resetTransaction(this.#session);
    return true;
  }

  #readCommand(line: Line): void {
    const challenged = this.#challenged;
    this.#challenged = undefined;
    if (challenged !== undefined) {
      // What it says may be a password.
      this.#answer({ verb: challenged, argument: REDACTED, isText: true }, { reply: REPLIES.cancelled });
      return;
    }
    if (line.type === "overlong") {
      this.#answer(NO_COMMAND, { reply: REPLIES.lineTooLong });
      return;
    }
    const command = readCommand(line.bytes);
    this.#answer(command, this.#obey(command, line.end));
    if (this.#session.state === "DATA") this.#data = new MailData(this.#options);
    // RFC 3030 section 2: whatever the answer to BDAT is, the octets of the chunk are no commands.
    if (command.verb === "BDAT") this.#unwanted = chunkOctets(command.argument);
  }

  #obey({ verb: name, argument, isText }: Command, end: "crlf" | "lf"): Outcome {
    // Quirk: by RFC 5321 section 2.3.8 the line has not ended; it is answered so that the client need not wait.
    if (end === "lf" && this.#options.bareLineFeed === "reject") return { reply: REPLIES.bareLineFeed };
    if (!isText) return { reply: REPLIES.notText };
    // RFC 5321 section 3.1: after a greeting that refuses, QUIT is all that is left.
    if (this.#session.state === "REFUSED" && name !== "QUIT") return { reply: REPLIES.noService };
    const verb = VERBS.get(name);
    if (!verb) return { reply: REPLIES.unrecognised };
    // RFC 5321 section 4.1.1: verbs without parameters refuse them.
    const misused = argument === "" ? verb.argument === "required" : verb.argument === "none";
    const outcome = (misused ? undefined : verb.run(this.#session, argument)) ?? { reply: verb.misused };
    const illegal = verb.illegal[this.#session.state];
    return illegal ? { ...outcome, reply: illegal } : outcome;
  }

  /** The one place where a request meets its reply. */
  #answer({ verb, argument }: Command, outcome: Outcome): void {
    const request: Fields = { ...withoutPassword(verb, argument), ...outcome.fields };
    const { site } = this.#session;
    const ruling = this.#rules.any ? this.#rules.ask(request) : undefined;
    if (ruling) this.#outputs.push(ruling.output);
    if (ruling?.instead) {
      this.#outputs.push({ do: "exchange", request, reply: {} });
      return;
    }
    let reply = ruling?.reply?.({ command: verb, own: outcome.reply, site }) ?? outcome.reply;
    if (!ruling && isProtocolError(reply)) {
      this.#errors += 1;
      if (this.#errors >= this.#options.maxErrors) reply = site.tooManyErrors;
    }
    const { code } = reply.fields;
    if (outcome.needs === undefined ? isCompletion(reply) : code === outcome.needs) outcome.apply?.();
    if (code === 334) this.#challenged = verb;
    this.#outputs.push({ do: "send", bytes: reply.octets }, { do: "exchange", request, reply: reply.fields });
    if (isLast(reply)) this.#close(verb === "QUIT" ? "leave" : "end");
  }

  #goodbye(reply: Reply): void {
    this.#outputs.push({ do: "send", bytes: reply.octets });
    this.#close();
  }

  #close(how: "end" | "leave" = "end"): void {
    this.#abandon();
    this.#outputs.push({ do: "close", how });
  }

  /** RFC 5321 section 4.1.1.10: a connection that is lost takes the transaction with it. */
  #abandon(): void {
    if (this.#data) this.#session.note("message-abandoned", { octets: this.#data.octets });
    this.#data = undefined;
    this.#session.transaction = undefined;
    this.#session.state = "CLOSED";
  }
}

const REDACTED = "<redacted>";

/** RFC 4954 section 4: a password may stand behind the mechanism, though AUTH is not offered, and whatever stands between. */
function withoutPassword(verb: string, argument: string): Fields {
  if (verb === "AUTH") return { command: verb, argument: argument.replace(/ .*$/s, ` ${REDACTED}`) };
  // Nothing before the first space, or a tab in it.
  const isOdd = verb === "" || verb.includes("\t");
  if (isOdd && /^\s*AUTH\b/i.test(verb || argument)) return { command: "AUTH", argument: REDACTED };
  return { command: verb, argument };
}

/** RFC 3030 section 2: `BDAT 86 LAST`. */
function chunkOctets(argument: string): number {
  return Number(/^(\d{1,15})(?: +LAST)?$/i.exec(argument)?.[1] ?? 0);
}
