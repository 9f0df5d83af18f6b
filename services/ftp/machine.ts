import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import { NO_RULES, type Rules } from "../../src/contract/rules.ts";
import type { Context } from "../../src/contract/service.ts";
import { LineReader } from "../../src/wire/line-reader.ts";
import { type Command, Control, LATE_TIMER } from "./control.ts";
import { logIn } from "./login.ts";
import type { FtpOptions } from "./options.ts";
import { dataConnectionInput, dataConnectionLate } from "./passive.ts";
import { reasonOf } from "./reasons.ts";
import { isCarriedOut, isTransfer, type RuledReply, ruledReply } from "./ruled-reply.ts";
import { type ControlPart, TelnetFilter } from "./telnet.ts";
import { abortTransfer, DATA_TIMER, noteAborted } from "./transfer.ts";
import { VERBS, type Verb } from "./verbs.ts";
import { type CommandLine, parseCommand, type Reply } from "./wire.ts";

/** What may wait while a transfer is in progress. */
const MAX_WAITING_OCTETS = 64 * 1024;

/** A line that was read: a command, or one that was too long. */
type ReadLine = CommandLine | "overlong";

/**
 * The server's protocol interpreter (RFC 959 section 2.3).
 *
 * Theory of operation: commands are taken up one at a time, in order. One that has no final reply yet (a transfer, or PASV
 * until its listener is there) holds back all that follow, but for ABOR, STAT and NOOP during a transfer. `#serve` runs
 * after every input, and takes up what may be taken up.
 */
export class FtpMachine implements Machine {
  readonly #control: Control;
  readonly #telnet = new TelnetFilter();
  /** What has arrived and was not looked at yet: lines in it may have to wait. */
  readonly #parts: ControlPart[] = [];
  #partOctets = 0;
  readonly #lines: LineReader;
  readonly #rules: Rules<RuledReply>;
  /** The line that waits for the command in progress. */
  #waiting: ReadLine | undefined;
  /** The client will send no more. */
  #ended = false;
  #badCommands = 0;

  constructor(context: Context<FtpOptions>, rules: Rules<RuledReply> = NO_RULES) {
    this.#control = new Control(context);
    this.#rules = rules;
    this.#lines = new LineReader(context.options.maxLineOctets);
  }

  get state(): string {
    const { closed, transfer, login } = this.#control;
    return closed ? "CLOSED" : transfer ? "TRANSFER" : login;
  }

  handle(input: Input): Iterable<Output> {
    const control = this.#control;
    if (control.closed) return [];
    control.now = input.now;
    if ("channel" in input && input.channel !== undefined) dataConnectionInput(control, input);
    else this.#input(input);
    this.#serve();
    return control.takeOutputs();
  }

  #input(input: Input): void {
    const control = this.#control;
    switch (input.type) {
      case "open":
        control.local = input.local;
        control.peer = input.peer;
        this.#greet();
        control.output({ do: "idle", ms: control.context.options.idleMs });
        return;
      case "data":
        this.#read(input.bytes);
        return;
      case "end":
        this.#ended = true;
        return;
      case "timer":
        if (input.name === DATA_TIMER) dataConnectionLate(control);
        else if (input.name === LATE_TIMER) control.answerLate();
        return;
      case "idle":
        control.note("idle-timeout");
        this.#goodbye("Idle timeout, closing control connection.");
        return;
      case "shutdown":
        this.#goodbye(
          input.reason === "stopping"
            ? "Service not available, closing control connection."
            : "Too many connections, closing control connection.",
        );
        return;
      case "closed":
        noteAborted(control);
        control.closed = true;
        return;
    }
  }

  #greet(): void {
    const control = this.#control;
    const { options, hostname } = control.context;
    const own: Reply = { code: 220, text: options.greeting || `${hostname} FTP server (Portwright) ready.` };
    const ruling = this.#rules.greet();
    if (ruling) control.output(ruling.output);
    if (ruling?.instead) return;
    const ruled = ruling?.reply;
    const reply = ruled ? ruledReply(ruled, own) : own;
    // A server that has nobody to ask for greets so: whoever comes is logged in.
    if (ruled?.code === 230) logIn(control, this.#command({ verb: "", argument: "" }, undefined), reply.code);
    control.announce(ruled, undefined);
    if (typeof ruled?.final === "number") control.wait(ruled.final, reply);
    else if (ruled?.final !== "never") control.greet(reply);
  }

  #read(bytes: Uint8Array): void {
    const control = this.#control;
    for (const part of this.#telnet.read(bytes)) {
      this.#parts.push(part);
      this.#partOctets += part.bytes.length;
    }
    this.#serve();
    const octets = this.#partOctets + this.#lines.pending;
    if (!control.busy || octets <= MAX_WAITING_OCTETS) return;
    control.note("too-many-waiting-commands", { octets });
    this.#goodbye("Too many commands are waiting, closing control connection.");
  }

  /** Takes up what has arrived, as far as the command in progress lets it. */
  #serve(): void {
    const control = this.#control;
    while (!control.closed) {
      // RFC 959 section 4.1.1: a control connection that ends takes its transfer along
      if (this.#ended && control.transfer) abortTransfer(control);
      this.#waiting ??= this.#nextLine();
      if (this.#waiting !== undefined) {
        if (control.busy && !this.#isUrgent(this.#waiting)) return;
        const line = this.#waiting;
        this.#waiting = undefined;
        this.#take(line);
      } else if (!this.#nextPart()) break;
    }
    if (this.#ended && !control.busy && !control.closed) control.close();
  }

  /** Moves on by one part of what has arrived; `false` if there is none, or it must wait. */
  #nextPart(): boolean {
    const control = this.#control;
    const part = this.#parts[0];
    if (!part || (part.type === "refusal" && control.entering)) return false;
    this.#parts.shift();
    this.#partOctets -= part.bytes.length;
    if (part.type === "text") this.#lines.push(part.bytes);
    else control.output({ do: "send", bytes: part.bytes });
    return true;
  }

  #nextLine(): ReadLine | undefined {
    const line = this.#lines.next();
    if (line === undefined) return undefined;
    return line.type === "overlong" ? "overlong" : parseCommand(line.bytes, this.#control.utf8);
  }

  #isUrgent(line: ReadLine): boolean {
    if (!this.#control.transfer || line === "overlong") return false;
    // STAT with a path is a listing like any other.
    return VERBS.get(line.verb)?.urgent === true && (line.verb !== "STAT" || line.argument === "");
  }

  #take(line: ReadLine): void {
    const control = this.#control;
    const isOverlong = line === "overlong";
    if (isOverlong) control.note("line-too-long", { limit: control.context.options.maxLineOctets });
    const { verb: name, argument } = isOverlong ? { verb: "", argument: "" } : line;
    const verb = isOverlong ? undefined : VERBS.get(name);
    const command = this.#asked(this.#command({ verb: name, argument }, verb));
    if (!command) return;
    const reply = this.#obey(command, verb, isOverlong ? "Command line too long." : "Command not understood.");
    if (reply) control.answer(command, reply);
  }

  /** The command with what the rules say to it; `undefined` if that is all there is to it. */
  #asked(command: Command): Command | undefined {
    const ruling = this.#rules.any ? this.#rules.ask(command.request) : undefined;
    if (!ruling) return command;
    const { reply, output } = ruling;
    if (!ruling.instead)
      return { ...command, rule: { reply, output, begun: false, announced: false, answered: false } };
    this.#control.output(output);
    this.#control.output({ do: "exchange", request: command.request, reply: {} });
    return undefined;
  }

  /** Does what the command asks, as far as the rules let it; the final reply, or `undefined` if it comes later. */
  #obey(command: Command, verb: Verb | undefined, misunderstood: string): Reply | undefined {
    const control = this.#control;
    const ruled = command.rule?.reply;
    const own = () => this.#refusal(command, verb, misunderstood) ?? verb?.run(control, command);
    if (!ruled) return own();
    const { code } = ruled;
    const said: Reply = { code: code ?? 200, text: reasonOf(code ?? 200) };
    if (!(verb?.transfer ? isTransfer(ruled) : isCarriedOut(ruled))) return said;
    if (code === undefined) return own();
    if (!verb) return said;
    if (!verb.grant) return verb.run(control, command);
    verb.grant(control, command, code);
    return said;
  }

  /** The command with the fields that the journal and rules see. */
  #command(line: CommandLine, verb: Verb | undefined): Command {
    const control = this.#control;
    const { verb: name, argument } = line;
    const written = verb?.path?.(argument);
    const path = written === undefined ? undefined : control.resolve(written);
    // A password must not be seen, not even behind a mistyped PASS.
    const secret = name === "PASS" || (verb === undefined && /pass/i.test(`${name}${argument}`));
    const request = {
      command: name,
      argument: secret ? "<redacted>" : argument,
      path,
      type: control.type,
      user: name === "USER" ? argument : control.user,
    };
    return { verb: name, argument, path, request, rule: undefined };
  }

  /** Why the command is not run, if so. */
  #refusal(command: Command, verb: Verb | undefined, misunderstood: string): Reply | undefined {
    const control = this.#control;
    if (!verb) return this.#bad({ code: 500, text: misunderstood });
    this.#badCommands = 0;
    if (control.context.options.without.includes(command.verb)) return { code: 502, text: "Command not implemented." };
    if (verb.when === "logged-in" && control.login !== "LOGGED-IN")
      return { code: 530, text: "Please login with USER and PASS." };
    const given = command.argument !== "";
    if (verb.argument === (given ? "none" : "required"))
      return { code: 501, text: `Syntax: ${`${command.verb} ${verb.syntax}`.trim()}` };
    if (verb.path && given && command.path === undefined) return { code: 553, text: "File name not allowed." };
    return undefined;
  }

  /** The reply to what is no command; the last of too many ends the session. */
  #bad(reply: Reply): Reply {
    this.#badCommands += 1;
    if (this.#badCommands < this.#control.context.options.maxBadCommands) return reply;
    this.#control.note("too-many-bad-commands", { count: this.#badCommands });
    return { code: 421, text: "Too many bad commands, closing control connection.", close: true };
  }

  /** RFC 959 section 5.4: 421 may be the reply to any command. */
  #goodbye(text: string): void {
    const control = this.#control;
    const command = control.transfer?.command ?? control.entering ?? control.late?.command;
    const reply: Reply = { code: 421, text, close: true };
    if (command) control.say(command, reply);
    else control.greet(reply);
  }
}
