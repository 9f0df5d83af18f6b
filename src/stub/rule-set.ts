import type { Clock } from "../contract/clock.ts";
import type { Fault } from "../contract/fault.ts";
import type { Endpoint, Fields } from "../contract/machine.ts";
import type { DatagramRules, Rules, Ruling } from "../contract/rules.ts";
import type { Service, Transport } from "../contract/service.ts";
import { PortwrightError } from "../errors.ts";
import { Place } from "../match/place.ts";
import { type Compiled, compileRule, refuseUncountable } from "./compile.ts";
import { CONSEQUENCE_KEYS, isRefusal, type Step } from "./consequence.ts";
import { TestGate } from "./gate.ts";
import { type Asker, Rule } from "./rule.ts";
import { RuleIndex } from "./rule-index.ts";

export interface RuleSetParts {
  readonly service: Service;
  /** The instance's name. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Requests may provoke faults by themselves. */
  readonly triggers: boolean;
  /** The document's rules, which were checked with it. */
  readonly written: readonly unknown[];
}

/** Whom the use of a rule is told: the session's journal. */
export type TellUse = (label: string, request: Fields) => void;

/** More triggers than these are checked again each time. */
const KEPT_TRIGGERS = 1000;
const NO_FIELDS: Fields = {};

/** The rules of one instance: those of the document, and those that tests make. */
export class RuleSet {
  readonly #parts: RuleSetParts;
  readonly #bodies: readonly string[];
  #requests = new RuleIndex();
  #greetings: Rule[] = [];
  #connections: Rule[] = [];
  #all: Rule[] = [];
  #order = 0;
  #made = 0;
  #version = 1;
  readonly #triggered = new Map<string, Step>();
  /** Attached by hand, and asked by nobody. */
  readonly #detached = new Set<Rule>();
  /** Requests that a rule or a trigger had something to say to. */
  readonly #ruled = new WeakSet<Fields>();
  /** Told when `refuse` begins or may have ended. */
  onRefusal: (() => void) | undefined;

  constructor(parts: RuleSetParts) {
    this.#parts = parts;
    const fields = Object.entries(parts.service.request);
    this.#bodies = fields.filter(([, { type }]) => type === "octets").map(([name]) => name);
    this.#addWritten();
  }

  get version(): number {
    return this.#version;
  }

  /** A rule or a trigger had something to say to this very request, be the rule still there or not. */
  isRuled(request: Fields): boolean {
    return this.#ruled.has(request);
  }

  /** Every rule, in the order in which they were made, those that are used up included. */
  get all(): readonly Rule[] {
    return this.#all;
  }

  /** The port of this transport is to be closed now. */
  isRefused(transport: Transport): boolean {
    const refusing = this.#connections.filter(({ isActive, steps }) => isActive && steps.some(isRefusal));
    return refusing.some(({ compiled }) => (compiled.transport ?? transport) === transport);
  }

  /** A rule for requests within a scope only: `add`, but never about connections, of which nobody knows whose they are. */
  addWithin(input: unknown, within: (request: Fields) => boolean): Rule {
    const rule = this.#make(input, undefined, within);
    if (!isConnection(rule.compiled) && !isGreeting(rule.compiled)) return this.#putInForce(rule);
    const place = new Place("RULE_INVALID", [this.#parts.name, "stub", "when", "phase"]);
    return place.fail("a scope's rules are about requests: of a connection nobody knows yet whose it is");
  }

  /** Checks a rule and puts it in force, before all others. Throws `RULE_INVALID`. */
  add(input: unknown, place?: Place): Rule {
    return this.#putInForce(this.#make(input, place, undefined));
  }

  /** A checked rule that nobody asks: for what is attached to sessions by hand, until `remove` or `reset`. */
  detached(input: unknown): Rule {
    const rule = this.#make(input, undefined, undefined);
    if (rule.steps.some(isRefusal)) refuseForSome(new Place("RULE_INVALID", [this.#parts.name, "impair"]));
    this.#detached.add(rule);
    return rule;
  }

  #make(input: unknown, place: Place | undefined, within: ((request: Fields) => boolean) | undefined): Rule {
    const { service, name, clock, random } = this.#parts;
    const here = place ?? new Place("RULE_INVALID", [name, "stub"]);
    const gate = new TestGate();
    const compiled = compileRule(input, { service, place: here, locate: undefined, gate });
    if (!place) this.#made += 1;
    const label = compiled.name ?? (place ? `rules[${String(place.path.at(-1))}]` : `rule ${this.#made}`);
    this.#order += 1;
    return new Rule({ compiled, label, order: this.#order, gate, clock, random, within, bodies: this.#bodies });
  }

  #putInForce(rule: Rule): Rule {
    const { compiled } = rule;
    this.#all.push(rule);
    if (isConnection(compiled)) this.#connections.push(rule);
    else if (isGreeting(compiled)) this.#greetings = [rule, ...this.#greetings];
    else this.#requests.add(rule);
    this.#version += 1;
    if (rule.steps.some(isRefusal)) this.#watchRefusal(rule);
    return rule;
  }

  /** Another consequence for a rule; the rest of it stays. Throws `RULE_INVALID`. */
  change(rule: Rule, consequence: object): void {
    const { service, name } = this.#parts;
    const { phase, at, transport } = rule.compiled;
    const place = new Place("RULE_INVALID", [name, "change"]);
    const when = {
      ...(phase ? { phase } : {}),
      ...(phase === "mid-stream" ? { at } : {}),
      ...(transport ? { transport } : {}),
    };
    const input = { ...place.map(consequence, CONSEQUENCE_KEYS), when };
    const compiled = compileRule(input, { service, place, locate: undefined, gate: rule.gate });
    if (isConnection(compiled) !== isConnection(rule.compiled))
      place.fail("a rule about connections stays one, and no other becomes one: remove it, and make another");
    const { steps } = compiled;
    const isAboutPorts = [...steps, ...rule.steps].some(isRefusal);
    if (steps.some(isRefusal)) refuseUncountable({ ...rule.compiled, steps }, place);
    if (steps.some(isRefusal) && this.#detached.has(rule)) refuseForSome(place);
    rule.change(steps);
    this.#version += 1;
    if (isAboutPorts) this.#watchRefusal(rule);
  }

  remove(rule: Rule): void {
    if (rule.isRemoved) return;
    rule.remove();
    this.#retire(rule);
    this.#detached.delete(rule);
    this.#all = this.#all.filter((one) => one !== rule);
    if (rule.steps.some(isRefusal)) this.onRefusal?.();
  }

  /** Back to the rules of the document, none of them used yet. */
  reset(): void {
    for (const rule of [...this.#all, ...this.#detached]) rule.remove();
    this.#detached.clear();
    this.#requests = new RuleIndex();
    this.#all = [];
    this.#greetings = [];
    this.#connections = [];
    this.#order = this.#made = 0;
    this.#version += 1;
    this.#addWritten();
    this.onRefusal?.();
  }

  /** What the machine of one session asks. */
  forSession(asker: Asker, tell: TellUse): Rules {
    const set = this;
    return {
      get any() {
        return set.#isAny;
      },
      get version() {
        return set.#version;
      },
      ask: (request) => (set.#isAny ? set.#ask(request, asker, tell) : undefined),
      greet: () => (set.#greetings.length > 0 ? ruling(set.#first(set.#greetings, NO_FIELDS, asker, tell)) : undefined),
      couldMatch: (request, varying) => set.#couldMatch(request, varying, asker.transport),
      concerns: (names) => set.#all.some((rule) => rule.isActive && rule.isFor(asker) && rule.concerns(names)),
    };
  }

  /** What the responder of a binding asks. */
  forDatagrams(tell: (label: string, request: Fields, peer: Endpoint) => void): DatagramRules {
    const set = this;
    return {
      get any() {
        return set.#isAny;
      },
      get version() {
        return set.#version;
      },
      ask: (request, peer) =>
        set.#isAny
          ? set.#ask(request, { transport: "udp", peer }, (label, fields) => tell(label, fields, peer))
          : undefined,
      couldMatch: (request, varying) => set.#couldMatch(request, varying, "udp"),
    };
  }

  /** The rules about connections that one connection (or datagram) has come under, which counts as their use. */
  connected(asker: Asker): readonly { readonly rule: Rule; readonly faults: readonly Fault[] }[] {
    const found: { rule: Rule; faults: readonly Fault[] }[] = [];
    for (const rule of this.#connections) {
      const step = rule.isActive && rule.isMatch(NO_FIELDS, asker) ? rule.take(NO_FIELDS) : undefined;
      if (!step) continue;
      const { steps } = rule;
      found.push({
        rule,
        // It may be changed while the connection is in its TLS handshake.
        get faults() {
          return rule.steps === steps ? step.faults : (rule.steps[0]?.faults ?? []);
        },
      });
    }
    return found;
  }

  /** There are rules about connections. */
  get hasConnected(): boolean {
    return this.#connections.length > 0;
  }

  get #isAny(): boolean {
    return this.#requests.size > 0 || this.#parts.triggers;
  }

  #ask(request: Fields, asker: Asker, tell: TellUse): Ruling | undefined {
    const candidates = this.#requests.candidates(request);
    const step = candidates.length > 0 ? this.#first(candidates, request, asker, tell) : undefined;
    const found = step ?? (this.#parts.triggers ? this.#trigger(request, tell) : undefined);
    if (found) this.#ruled.add(request);
    return ruling(found);
  }

  /** The first of these rules that matches and has something to say. */
  #first(rules: readonly Rule[], request: Fields, asker: Asker, tell: TellUse): Step | undefined {
    let step: Step | undefined;
    let spent: Rule[] | undefined;
    for (const rule of rules) {
      if (!rule.isActive) {
        spent ??= [];
        spent.push(rule);
      } else if (rule.isMatch(request, asker)) {
        step = rule.take(request);
        if (!step) continue;
        tell(rule.label, request);
        break;
      }
    }
    for (const rule of spent ?? []) this.#retire(rule);
    return step;
  }

  #trigger(request: Fields, tell: TellUse): Step | undefined {
    const consequence = this.#parts.service.triggers?.match(request);
    if (!consequence) return undefined;
    const key = JSON.stringify(consequence);
    const step = this.#triggered.get(key) ?? this.#triggerStep(consequence);
    if (!step) return undefined;
    if (this.#triggered.size >= KEPT_TRIGGERS) this.#triggered.clear();
    this.#triggered.set(key, step);
    tell("trigger", request);
    return step;
  }

  /** A peer wrote it: what has no meaning together is no trigger. */
  #triggerStep(consequence: object): Step | undefined {
    const { service, name } = this.#parts;
    const place = new Place("RULE_INVALID", [name, "trigger"]);
    try {
      return compileRule(consequence, { service, place, locate: undefined, gate: new TestGate() }).steps[0];
    } catch (error) {
      if (error instanceof PortwrightError) return undefined;
      throw error;
    }
  }

  #couldMatch(request: Fields, varying: readonly string[], transport: Asker["transport"]): boolean {
    for (const rule of this.#requests.possible(request, varying)) {
      if ((rule.compiled.transport ?? transport) === transport && rule.couldMatch(request, varying)) return true;
    }
    return this.#parts.triggers && this.#parts.service.triggers?.match(request) !== undefined;
  }

  /** It will never answer again. */
  #retire(rule: Rule): void {
    this.#requests.remove(rule);
    this.#greetings = this.#greetings.filter((one) => one !== rule);
    this.#connections = this.#connections.filter((one) => one !== rule);
    this.#version += 1;
  }

  #addWritten(): void {
    const { name, written } = this.#parts;
    // The first of the document's rules comes before the others, as one reads.
    for (let at = written.length - 1; at >= 0; at -= 1) {
      this.add(written[at], new Place("RULE_INVALID", ["services", name, "rules", at]));
    }
  }

  /** Tells that it refuses, and that its time is over. The system's timers may be early by its clock. */
  #watchRefusal(rule: Rule): void {
    this.onRefusal?.();
    const restMs = rule.restMs;
    if (restMs === undefined || restMs <= 0 || rule.isRemoved) return;
    this.#parts.clock.timer(restMs, () => this.#watchRefusal(rule));
  }
}

function refuseForSome(place: Place): never {
  return place.fail("a port is closed for everybody, and sessions that are open have no need of it");
}

function ruling(step: Step | undefined): Ruling | undefined {
  if (!step) return undefined;
  const { reply, instead, faults } = step;
  return { reply, instead, faults, output: { do: "fault", faults } };
}

function isConnection({ phase, steps }: Compiled): boolean {
  if (steps.some(({ reply }) => reply !== undefined)) return false;
  return phase === "connect" || steps.some(({ faults }) => faults.some((fault) => fault.phase === "connect"));
}

function isGreeting({ phase }: Compiled): boolean {
  return phase === "greeting" || phase === "connect";
}
