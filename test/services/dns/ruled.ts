import { unframe } from "../../../services/dns/frames.ts";
import { dns } from "../../../services/dns/index.ts";
import { DnsMachine } from "../../../services/dns/machine.ts";
import { DnsResponder } from "../../../services/dns/responder.ts";
import type { Fields, Output } from "../../../src/contract/machine.ts";
import type { DatagramRules, Rules } from "../../../src/contract/rules.ts";
import type { Service } from "../../../src/contract/service.ts";
import { RuleSet } from "../../../src/stub/rule-set.ts";
import { concat } from "../../../src/wire/bytes.ts";
import { ManualClock } from "../../../src/world/clock.ts";
import { contextOf, PEER, print, query } from "./world.ts";

type Reply = NonNullable<Parameters<typeof dns.machine & {}>[1]> extends Rules<infer R> ? R : never;

/** Rules of dns, the last of which comes first. */
export function rulesOf(...rules: readonly object[]): RuleSet {
  const set = new RuleSet({
    service: dns as unknown as Service,
    name: "dns",
    clock: new ManualClock(0),
    random: () => 0.5,
    triggers: false,
    written: [],
  });
  for (const rule of rules) set.add(rule);
  return set;
}

/** A responder, and what it asked its rules. */
export function responderOf(set: RuleSet) {
  const rules = set.forDatagrams(() => undefined) as DatagramRules<Reply>;
  const asked: Fields[] = [];
  const counting: DatagramRules<Reply> = {
    get any() {
      return rules.any;
    },
    get version() {
      return rules.version;
    },
    couldMatch: rules.couldMatch,
    ask: (request, peer) => {
      asked.push(request);
      return rules.ask(request, peer);
    },
  };
  const responder = new DnsResponder(contextOf(), counting);
  return { asked, ask: (text: string, peer = PEER) => responder.respond(query(text), peer, 0) };
}

/** What a rule makes of the answer to a question, over UDP. */
export function answer(rule: object, question: string): string {
  return print(responderOf(rulesOf(rule)).ask(question));
}

/** A TCP connection under rules. */
export class Connection {
  readonly #machine: DnsMachine;
  readonly outputs: Output[] = [];

  constructor(set: RuleSet) {
    const rules = set.forSession({ transport: "tcp", peer: PEER }, () => undefined) as Rules<Reply>;
    this.#machine = new DnsMachine(contextOf(), rules);
    this.outputs.push(...this.#machine.handle({ type: "open", now: 0, local: PEER, peer: PEER }));
  }

  data(bytes: Uint8Array): void {
    this.outputs.push(...this.#machine.handle({ type: "data", now: 0, bytes }));
  }

  tell(type: "end" | "idle" | "pull"): void {
    this.outputs.push(...this.#machine.handle({ type, now: 0 }));
  }

  of<What extends Output["do"]>(what: What) {
    return this.outputs.filter((output): output is Extract<Output, { do: What }> => output.do === what);
  }

  get sent(): Uint8Array {
    return concat([new Uint8Array(0), ...this.of("send").map(({ bytes }) => bytes)]);
  }

  get ids(): (number | undefined)[] {
    return unframe(this.sent).map((message) => ((message[0] ?? 0) << 8) | (message[1] ?? 0));
  }
}
