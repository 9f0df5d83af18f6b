import type { Fault } from "./fault.ts";
import type { Endpoint, Fields, Output } from "./machine.ts";

/**
 * What a machine asks before it answers, once for each request, when the request is read and nothing has been done about
 * it. `Reply` is the output of the service's `stub` schema.
 */
export interface Rules<Reply = unknown> {
  /** There are rules or triggers: as long as there are none, nobody needs to ask, or make fields to ask with. */
  readonly any: boolean;
  /** Changes whenever a rule is made or removed; what was concluded from older rules is stale. */
  readonly version: number;
  /** What the rules say to a request; nearly always nothing. Counts it for the rule that matches. */
  ask(request: Fields): Ruling<Reply> | undefined;
  /** What they say to the greeting, or to the connection itself. */
  greet(): Ruling<Reply> | undefined;
  /**
   * Some rule could match a request like this one, whatever stands in its `varying` fields, whoever asks, and whenever.
   * If not, its answer may be kept for as long as `version` stays.
   */
  couldMatch(request: Fields, varying: readonly string[]): boolean;
  /** Some rule that may match whoever asks says something of one of these fields: they must be known before `ask`. */
  concerns(names: readonly string[]): boolean;
}

/** A rule's answer to one request. */
export interface Ruling<Reply = unknown> {
  /** Take it in place of the service's own; what a positive reply changes still changes, a negative one changes nothing. */
  readonly reply: Reply | undefined;
  /** The request is neither carried out nor answered: put out `output` and the exchange (with no reply), and go on. */
  readonly instead: boolean;
  /** To be put out before the first octet of the reply, which ends with its `exchange` output. */
  readonly output: Output;
  /** For those who have no outputs (responders): what the output carries. */
  readonly faults: readonly Fault[];
}

/** Where nothing is ruled. */
export const NO_RULES: Rules<never> = {
  any: false,
  version: 0,
  ask: () => undefined,
  greet: () => undefined,
  couldMatch: () => false,
  concerns: () => false,
};

/** Where connecting is the request: what the rules say to the greeting or, if nothing, to the request. */
export function askOnConnect<Reply>(rules: Rules<Reply>, request: Fields): Ruling<Reply> | undefined {
  return rules.greet() ?? (rules.any ? rules.ask(request) : undefined);
}

/** One peer of a service without sessions, for the rules that name peers. */
export interface DatagramRules<Reply = unknown> extends Omit<Rules<Reply>, "ask" | "greet" | "concerns"> {
  ask(request: Fields, peer: Endpoint): Ruling<Reply> | undefined;
}
