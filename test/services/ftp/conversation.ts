import * as v from "valibot";
import { loadFixtures } from "../../../fixtures/load.ts";
import { ftp } from "../../../services/ftp/index.ts";
import type { FtpOptions } from "../../../services/ftp/options.ts";
import type { CloseHow, Endpoint, Fields, Input, Machine, Output } from "../../../src/contract/machine.ts";
import type { Rules } from "../../../src/contract/rules.ts";
import type { Context, Service } from "../../../src/contract/service.ts";
import { RuleSet } from "../../../src/stub/rule-set.ts";
import { concat, fromLatin1, toLatin1 } from "../../../src/wire/bytes.ts";
import { ManualClock } from "../../../src/world/clock.ts";
import { MemoryWorld, WORLD_LIMITS, type WorldLimits } from "../../../src/world/world.ts";

type Unstamped<T> = T extends unknown ? Omit<T, "now"> : never;

const PEER = { address: "127.0.0.1", port: 40_000 };
export const LOCAL: Endpoint = { address: "127.0.0.1", port: 21 };

/** A world and options for the sessions of one test. */
export function makeContext(
  options: v.InferInput<typeof ftp.options> = {},
  limits: Partial<WorldLimits> = {},
): Context<FtpOptions> & { readonly world: MemoryWorld } {
  return {
    options: v.parse(ftp.options, options),
    world: new MemoryWorld(loadFixtures(), { ...WORLD_LIMITS, ...limits }),
    secure: false,
    hostname: "ftp.example.test",
    random: () => 0,
  };
}

/** One session, and all that came of it. Data connections come and go as the test says. */
export class Conversation {
  readonly context: ReturnType<typeof makeContext>;
  readonly machine: Machine;
  readonly outputs: Output[] = [];
  readonly rules: RuleSet;
  /** What was said when the connection was opened. */
  readonly greeting: string;
  now = Date.UTC(2026, 0, 1);

  constructor(context = makeContext(), local = LOCAL, rules: readonly unknown[] = [], triggers = false) {
    this.context = context;
    const clock = new ManualClock(this.now);
    const parts = { name: "ftp", clock, random: () => 0, triggers, written: [], locate: undefined };
    this.rules = new RuleSet({ ...parts, service: ftp as unknown as Service });
    for (const rule of rules) this.rules.add(rule);
    const asked = this.rules.forSession({ transport: "tcp", peer: PEER }, () => undefined);
    const machine = ftp.machine?.(context, asked as Rules<never>);
    if (!machine) throw new TypeError("ftp has no machine");
    this.machine = machine;
    this.greeting = this.tell({ type: "open", local, peer: PEER });
  }

  /** A session of alice in TYPE I, under these rules. */
  static under(...rules: readonly unknown[]): Conversation {
    const conversation = Conversation.loggedIn();
    for (const rule of rules) conversation.rules.add(rule);
    return conversation;
  }

  /** A session of alice, or of somebody else, in TYPE I. */
  static loggedIn(context = makeContext(), user = "alice", password = "wonderland"): Conversation {
    const conversation = new Conversation(context);
    conversation.lines(`USER ${user}`, `PASS ${password}`, "TYPE I");
    return conversation;
  }

  /** What is answered on the control connection, in one text. Characters are octets. */
  tell(input: Unstamped<Input>): string {
    const outputs = [...this.machine.handle({ ...input, now: this.now } as Input)];
    this.outputs.push(...outputs);
    return textOf(outputs);
  }

  say(octets: string): string {
    return this.tell({ type: "data", bytes: fromLatin1(octets) });
  }

  /** The last reply to these lines, sent one by one. */
  lines(...lines: readonly string[]): string {
    let answer = "";
    for (const line of lines) answer = this.say(`${line}\r\n`);
    return answer.trimEnd();
  }

  /** The channel that the machine has asked for last. */
  get channel(): string {
    const listen = this.outputs.findLast((output) => output.do === "listen");
    if (listen?.do !== "listen") throw new Error("nobody listens");
    return listen.channel;
  }

  /** EPSV with its listener; returns the channel. */
  passive(): string {
    this.lines("EPSV");
    this.listening();
    return this.channel;
  }

  listening(address = LOCAL.address): string {
    return this.tell({ type: "listening", channel: this.channel, local: { address, port: 50_000 } });
  }

  connect(channel = this.channel): string {
    return this.tell({ type: "channel", channel, peer: { address: "127.0.0.1", port: 40_001 } });
  }

  upload(octets: string | Uint8Array, channel = this.channel): string {
    return this.tell({ type: "data", channel, bytes: typeof octets === "string" ? fromLatin1(octets) : octets });
  }

  end(channel = this.channel): string {
    return this.tell({ type: "end", channel });
  }

  break(channel = this.channel): string {
    return this.tell({ type: "closed", channel });
  }

  /** Hands out pulls until none is asked for; returns what is answered meanwhile. */
  drain(channel = this.channel): string {
    let answer = "";
    for (;;) {
      const before = this.outputs.length;
      answer += this.tell({ type: "pull", channel });
      if (!this.outputs.slice(before).some((output) => output.do === "pull")) return answer;
    }
  }

  /** The pieces sent over a data connection. */
  pieces(channel = this.channel): readonly Uint8Array[] {
    return this.outputs.flatMap((output) => (output.do === "send" && output.channel === channel ? [output.bytes] : []));
  }

  sent(channel = this.channel): Uint8Array {
    return concat(this.pieces(channel));
  }

  /** A whole download: the octets, or the refusal. */
  retrieve(command: string): string {
    this.passive();
    this.connect();
    const answer = this.lines(command);
    if (!answer.startsWith("150")) return answer;
    this.drain();
    return toLatin1(this.sent());
  }

  /** A whole upload in these pieces; the final reply. */
  store(command: string, ...pieces: readonly (string | Uint8Array)[]): string {
    this.passive();
    this.connect();
    const answer = this.lines(command);
    if (!answer.startsWith("150")) return answer;
    for (const piece of pieces) this.upload(piece);
    return this.end().trimEnd();
  }

  get exchanges(): { readonly request: Fields; readonly reply: Fields }[] {
    return this.outputs.flatMap((output) => (output.do === "exchange" ? [output] : []));
  }

  get notes(): { readonly event: string; readonly detail?: Fields }[] {
    return this.outputs.flatMap((output) => (output.do === "note" ? [output] : []));
  }

  get isClosed(): boolean {
    return this.outputs.some((output) => output.do === "close" && output.channel === undefined);
  }

  /** How a data connection was closed by the service. */
  closeOf(channel: string): CloseHow | undefined {
    const close = this.outputs.find((output) => output.do === "close" && output.channel === channel);
    return close?.do === "close" ? close.how : undefined;
  }

  file(path: string): string | undefined {
    const octets = this.context.world.tree.read(path);
    return octets && toLatin1(octets);
  }
}

function textOf(outputs: readonly Output[]): string {
  return outputs
    .map((output) => (output.do === "send" && output.channel === undefined ? toLatin1(output.bytes) : ""))
    .join("");
}
