import * as v from "valibot";
import { loadFixtures } from "../../../fixtures/load.ts";
import { smtp } from "../../../services/smtp/index.ts";
import type { SmtpOptions } from "../../../services/smtp/options.ts";
import type { Fields, Input, Machine, Output } from "../../../src/contract/machine.ts";
import type { Rules } from "../../../src/contract/rules.ts";
import type { Context, Service } from "../../../src/contract/service.ts";
import type { Rule } from "../../../src/stub/rule.ts";
import { RuleSet } from "../../../src/stub/rule-set.ts";
import { fromLatin1, toLatin1 } from "../../../src/wire/bytes.ts";
import { ManualClock } from "../../../src/world/clock.ts";
import { type Fixtures, MemoryWorld, WORLD_LIMITS, type WorldLimits } from "../../../src/world/world.ts";

type Unstamped<T> = T extends unknown ? Omit<T, "now"> : never;

const PEER = { address: "192.0.2.7", port: 40_000 };
const LOCAL = { address: "127.0.0.1", port: 25 };

/** A world and options for the sessions of one test. */
export function makeContext(
  options: v.InferInput<typeof smtp.options> = {},
  limits: Partial<WorldLimits> = {},
  fixtures: Partial<Fixtures> = {},
): Context<SmtpOptions> & { readonly world: MemoryWorld } {
  const world = new MemoryWorld({ ...loadFixtures(), mail: [], ...fixtures }, { ...WORLD_LIMITS, ...limits });
  return {
    options: v.parse(smtp.options, options),
    world,
    secure: false,
    hostname: "mail.example.test",
    random: () => 0,
  };
}

/** One session, and all that came of it. */
export class Conversation {
  readonly context: ReturnType<typeof makeContext>;
  readonly machine: Machine;
  readonly greeting: string;
  readonly outputs: Output[] = [];
  /** The rules in force, as they were given. */
  readonly rules: readonly Rule[];
  now = Date.UTC(2026, 0, 1);

  constructor(context = makeContext(), rules: readonly unknown[] = [], triggers = false) {
    this.context = context;
    const clock = new ManualClock(this.now);
    const parts = { name: "smtp", clock, random: () => 0, triggers, written: [], locate: undefined };
    const set = new RuleSet({ ...parts, service: smtp as unknown as Service });
    this.rules = rules.map((rule) => set.add(rule));
    const machine = smtp.machine?.(
      context,
      set.forSession({ transport: "tcp", peer: PEER }, () => undefined) as Rules<never>,
    );
    if (!machine) throw new TypeError("smtp has no machine");
    this.machine = machine;
    this.greeting = this.tell({ type: "open", local: LOCAL, peer: PEER });
  }

  /** What is answered, in one text. Characters are octets. */
  tell(input: Unstamped<Input>): string {
    const outputs = [...this.machine.handle({ ...input, now: this.now } as Input)];
    this.outputs.push(...outputs);
    return outputs.map((output) => (output.do === "send" ? toLatin1(output.bytes) : "")).join("");
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

  /** EHLO, MAIL, RCPT and DATA for a message to these addresses; returns the reply to DATA. */
  begin(...recipients: readonly string[]): string {
    const to = recipients.map((address) => `RCPT TO:<${address}>`);
    return this.lines("EHLO client", "MAIL FROM:<me@there.test>", ...to, "DATA");
  }

  get exchanges(): { readonly request: Fields; readonly reply: Fields }[] {
    return this.outputs.flatMap((output) => (output.do === "exchange" ? [output] : []));
  }

  get notes(): { readonly event: string; readonly detail?: Fields }[] {
    return this.outputs.flatMap((output) => (output.do === "note" ? [output] : []));
  }

  get isClosed(): boolean {
    return this.outputs.some((output) => output.do === "close");
  }

  texts(mailbox: string): readonly string[] {
    return this.context.world.mailbox(mailbox).texts;
  }
}
