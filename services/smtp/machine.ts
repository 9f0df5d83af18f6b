import type { Fields, Input, Machine, Output } from "../../src/contract/machine.ts";
import { NO_RULES, type Rules } from "../../src/contract/rules.ts";
import type { Context } from "../../src/contract/service.ts";
import { type Line, LineReader } from "../../src/wire/line-reader.ts";
import { type Command, readCommand } from "./command.ts";
import { finishMessage } from "./delivery.ts";
import { MailData } from "./mail-data.ts";
import type { SmtpOptions } from "./options.ts";
import type { Outcome } from "./outcome.ts";
import { isLast, isPositive, isProtocolError, REPLIES, type Reply } from "./reply.ts";
import { resetTransaction, type Session, type State } from "./session.ts";
import { siteOf } from "./site.ts";
import { VERBS } from "./verbs.ts";

/** What an overlong line says. */
const NO_COMMAND: Command = { verb: "", argument: "", isText: true };
const END_OF_DATA: Command = { verb: "DATA", argument: "", isText: true };
const NOWHERE = { address: "", port: 0 };
/** RFC 5321 section 4.5.3.1.6. */
const MAX_TEXT_LINE = 1000;

/** One SMTP session (RFC 5321). */
export class SmtpMachine implements Machine {
  readonly #session: Session;
  readonly #options: SmtpOptions;
  readonly #lines: LineReader;
  readonly #rules: Rules<Reply>;
  #data: MailData | undefined;
  #errors = 0;
  #outputs: Output[] = [];

  constructor(context: Context<SmtpOptions>, rules: Rules<Reply> = NO_RULES) {
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
    const greeting = ruling?.reply ?? this.#session.site.greeting;
    this.#outputs.push({ do: "send", bytes: greeting.octets });
    if (isLast(greeting)) this.#close();
  }

  #read(now: number): void {
    while (this.#session.state !== "CLOSED") {
      if (this.#data) {
        if (!this.#readData(this.#data, now)) return;
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
    const command = line.type === "line" ? readCommand(line.bytes) : NO_COMMAND;
    this.#answer(command, line.type === "line" ? this.#obey(command, line.end) : { reply: REPLIES.lineTooLong });
    if (this.#session.state === "DATA") this.#data = new MailData(this.#options);
  }

  #obey({ verb: name, argument, isText }: Command, end: "crlf" | "lf"): Outcome {
    // Quirk: by RFC 5321 section 2.3.8 the line has not ended; it is answered so that the client need not wait.
    if (end === "lf" && this.#options.bareLineFeed === "reject") return { reply: REPLIES.bareLineFeed };
    if (!isText) return { reply: REPLIES.notText };
    const verb = VERBS.get(name);
    if (!verb) return { reply: REPLIES.unrecognised };
    const illegal = verb.illegal[this.#session.state];
    if (illegal) return { reply: illegal };
    // RFC 5321 section 4.1.1: verbs without parameters refuse them.
    const misused = argument === "" ? verb.argument === "required" : verb.argument === "none";
    return (misused ? undefined : verb.run(this.#session, argument)) ?? { reply: verb.misused };
  }

  /** The one place where a request meets its reply. */
  #answer({ verb, argument }: Command, outcome: Outcome): void {
    // RFC 4954 section 4: a password may stand behind the mechanism, though AUTH is not offered.
    const shown = verb === "AUTH" ? argument.replace(/ .*$/s, " <redacted>") : argument;
    const request: Fields = { command: verb, argument: shown, ...outcome.fields };
    const ruling = this.#rules.any ? this.#rules.ask(request) : undefined;
    if (ruling) this.#outputs.push(ruling.output);
    if (ruling?.instead) {
      this.#outputs.push({ do: "exchange", request, reply: {} });
      return;
    }
    let reply = ruling?.reply ?? outcome.reply;
    if (!ruling && isProtocolError(reply)) {
      this.#errors += 1;
      if (this.#errors >= this.#options.maxErrors) reply = this.#session.site.tooManyErrors;
    }
    if (isPositive(reply)) outcome.apply?.();
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
