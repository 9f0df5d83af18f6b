import type { ChannelId, CloseHow, Endpoint, Fields, Output } from "../../src/contract/machine.ts";
import type { Context } from "../../src/contract/service.ts";
import type { Collector } from "../../src/wire/collector.ts";
import { resolvePath } from "../../src/wire/path.ts";
import { DEFAULT_FACTS, type Fact } from "./facts.ts";
import type { FtpOptions } from "./options.ts";
import { reasonOf } from "./reasons.ts";
import { type CommandRule, type RuledReply, ruledReply } from "./ruled-reply.ts";
import { type Reply, renderReply } from "./wire.ts";

/** A command that was read, with the fields that the journal and rules see. */
export interface Command {
  readonly verb: string;
  readonly argument: string;
  /** The absolute path that the argument names; `undefined` if the command has none, or it is not allowed. */
  readonly path: string | undefined;
  readonly request: Fields;
  readonly rule: CommandRule | undefined;
}

/** Names the timer of a reply that a rule makes wait. */
export const LATE_TIMER = "late-reply";

/** The one data connection of passive mode, from PASV or EPSV to its end. */
export interface DataConnection {
  readonly channel: ChannelId;
  phase: "listening" | "open" | "gone";
  /** The client will send no more. */
  ended: boolean;
  /** What the client has sent to be stored. */
  readonly received: Collector;
}

/** A transfer in progress, from its command to its final reply. */
export interface Transfer {
  readonly command: Command;
  /** Octets moved so far. */
  readonly octets: number;
  /** What a rule waits for has not come about: the reply is the service's own. */
  readonly isSpared: boolean;
  /** The data connection is up. */
  opened(): void;
  /** Octets have come over the data connection. */
  received(bytes: Uint8Array): void;
  /** The client will send no more. */
  ended(): void;
  /** There is room for the next piece. */
  pulled(): void;
  /** The data connection is gone. */
  broken(): void;
}

const MAX_PATH_LENGTH = 4096;
const INCOMING = "/incoming/";

/** Where the login stands (RFC 959 section 6, the login diagram). */
export type Login = "NOT-LOGGED-IN" | "NEED-PASSWORD" | "NEED-ACCOUNT" | "LOGGED-IN";

/** What a control connection knows: who is logged in, the transfer parameters, and what the current turn sends. */
export class Control {
  readonly context: Context<FtpOptions>;
  now = 0;
  local: Endpoint = { address: "", port: 0 };
  peer: Endpoint = { address: "", port: 0 };
  login: Login = "NOT-LOGGED-IN";
  /** The name that USER gave. */
  user = "";
  anonymous = false;
  loginFailures = 0;
  directory = "/";
  type: "A" | "I" = "A";
  utf8 = true;
  facts: readonly Fact[] = DEFAULT_FACTS;
  /** The marker that REST set for the next transfer. */
  restartAt = 0;
  /** The path that RNFR named. */
  renameFrom: string | undefined;
  /** RFC 2428 section 4: EPSV ALL was sent. */
  epsvOnly = false;
  data: DataConnection | undefined;
  /** How many data connections there have been: their channels' names differ. */
  dataConnections = 0;
  /** PASV or EPSV that waits for its listener. */
  entering: Command | undefined;
  transfer: Transfer | undefined;
  /** A final reply that a rule makes wait; of a greeting, without a command. */
  late: { readonly command: Command | undefined; readonly reply: Reply } | undefined;
  closed = false;
  #outputs: Output[] = [];

  constructor(context: Context<FtpOptions>) {
    this.context = context;
  }

  /** A command has been taken up and has no final reply yet. */
  get busy(): boolean {
    return this.entering !== undefined || this.transfer !== undefined || this.late !== undefined;
  }

  /** Back to what it was after the greeting (RFC 959 section 4.1.1, REIN). */
  reinitialize(): void {
    this.closeData("end");
    this.login = "NOT-LOGGED-IN";
    this.user = "";
    this.anonymous = false;
    this.directory = "/";
    this.type = "A";
    this.utf8 = true;
    this.facts = DEFAULT_FACTS;
    this.restartAt = 0;
    this.renameFrom = undefined;
    this.epsvOnly = false;
  }

  output(output: Output): void {
    if (!this.closed) this.#outputs.push(output);
  }

  /** What the turn has come to. */
  takeOutputs(): Output[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  send(reply: Reply): void {
    this.output({ do: "send", bytes: renderReply(reply, this.utf8) });
  }

  /** Sends a command's final reply, or what a rule says in its place, when it says so. */
  answer(command: Command, own: Reply): void {
    const { rule } = command;
    const ruled = own.isOwn ? undefined : rule?.reply;
    const reply = ruled ? ruledReply(ruled, own) : own;
    this.begin(command);
    if (rule?.answered) {
      this.#record(command, reply);
      return;
    }
    if (!rule?.announced) this.announce(ruled, undefined);
    if (ruled?.final === "never") this.output({ do: "exchange", request: command.request, reply: {} });
    else if (typeof ruled?.final === "number") this.wait(ruled.final, reply, command);
    else this.say(command, reply);
  }

  /** The faults of a command's rule befall what is sent from here on. */
  begin({ rule }: Command): void {
    if (!rule || rule.begun) return;
    rule.begun = true;
    this.output(rule.output);
  }

  /** Sends the reply before the final one: the service's own, or the rule's, or none. */
  announce(ruled: RuledReply | undefined, own: Reply | undefined): void {
    const said = ruled?.preliminary;
    const code = said === "none" ? undefined : (said?.code ?? own?.code);
    if (code === undefined) return;
    const given = said === "none" ? undefined : said?.text;
    const text = given ?? (own?.code === code ? own.text : reasonOf(code));
    this.send({ code, text, ...(ruled?.lineEnd === undefined ? {} : { lineEnd: ruled.lineEnd }) });
  }

  /** Sends the reply that waited. */
  answerLate(): void {
    const { late } = this;
    this.late = undefined;
    if (late?.command) this.say(late.command, late.reply);
    else if (late) this.greet(late.reply);
  }

  greet(reply: Reply): void {
    this.send(reply);
    if (reply.close) this.close();
  }

  /** What waits for its time: a reply, or a greeting. */
  wait(ms: number, reply: Reply, command?: Command): void {
    this.late = { command, reply };
    this.output({ do: "timer", name: LATE_TIMER, ms });
  }

  /** Sends exactly this as a command's final reply. */
  say(command: Command, reply: Reply): void {
    this.send(reply);
    this.#record(command, reply);
    if (reply.close) this.close();
  }

  #record(command: Command, { code, text, lines, octets }: Reply): void {
    this.output({ do: "exchange", request: command.request, reply: { code, text: lines?.join("\n") ?? text, octets } });
  }

  /** Ends the session; nothing is sent after it. */
  close(): void {
    this.output({ do: "close", how: "end" });
    this.closed = true;
  }

  /** Forgets the data connection, and closes what there is of it. */
  closeData(how: CloseHow): void {
    if (this.data && this.data.phase !== "gone") this.output({ do: "close", how, channel: this.data.channel });
    this.data = undefined;
  }

  /** The marker that REST set; it is good for one transfer command. */
  takeMarker(): number {
    const marker = this.restartAt;
    this.restartAt = 0;
    return marker;
  }

  note(event: string, detail: Fields = {}): void {
    this.output({ do: "note", event, detail });
  }

  /** The absolute path that an argument names, or `undefined` if such a name is not allowed. */
  resolve(path: string): string | undefined {
    if (/[\x00-\x1f\x7f]/.test(path)) return undefined;
    const resolved = resolvePath(this.directory, path);
    return resolved !== undefined && resolved.length <= MAX_PATH_LENGTH ? resolved : undefined;
  }

  mayWrite(path: string): boolean {
    return !this.anonymous || this.context.options.anonymousWrite || path.startsWith(INCOMING);
  }
}
