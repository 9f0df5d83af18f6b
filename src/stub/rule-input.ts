import type { Phase } from "../contract/fault.ts";
import type { FieldValue } from "../contract/machine.ts";
import type { FieldSpec, FieldTable, Transport } from "../contract/service.ts";
import type { Operator } from "../match/matcher.ts";
import type { FaultInput } from "./fault-input.ts";

/** What may be wanted of a field with this kind of value. */
export type WantedValue<Value> =
  | Value
  | RegExp
  | Operator
  | ((value: FieldValue) => boolean)
  | readonly WantedValue<Value>[];

interface WantedByType {
  readonly string: WantedValue<string>;
  readonly number: WantedValue<number>;
  readonly boolean: WantedValue<boolean>;
  readonly octets: WantedValue<string | Uint8Array>;
  readonly list: WantedValue<string | number>;
  readonly map: WantedValue<string> | { readonly [key: string]: WantedValue<string> };
}

/** Fields of a service's requests, and what is wanted of each. */
export type WantedFields<Request extends FieldTable = { readonly [name: string]: FieldSpec }> = {
  readonly [Name in keyof Request]?: WantedByType[Request[Name]["type"]];
};

/** What can be said of every request of every service. */
export interface Circumstances {
  /** Which part of the exchange the rule is about; what it is otherwise, depends on the fault. */
  readonly phase?: Phase;
  /** With `phase: "mid-stream"`: so many octets of the reply are untouched. */
  readonly at?: number;
  /** The how-manieth match it is, from 1. */
  readonly nth?: number | readonly number[] | { readonly min?: number; readonly max?: number };
  readonly transport?: Transport;
  /** The client's address, or a CIDR block, or several. */
  readonly peer?: string | readonly string[];
}

/** What comes of a match: a reply in the service's terms, a fault, or both. */
export interface Consequence<Reply = unknown> {
  readonly reply?: Reply;
  readonly fault?: FaultInput | readonly FaultInput[];
  /** The reply waits for `rule.release()`. */
  readonly hold?: boolean;
}

/** A rule as users write it. */
export interface RuleInput<Request extends FieldTable = { readonly [name: string]: FieldSpec }, Reply = unknown>
  extends Omit<Consequence<Reply>, "reply"> {
  /** For error messages and the journal. */
  readonly name?: string;
  /** Which requests; all of them, if left out. */
  readonly when?: WantedFields<Request> & Omit<Circumstances, Extract<"transport", keyof Request>>;
  /** A reply; or several, for one request after the other. */
  readonly reply?: Reply | readonly Reply[];
  /** One consequence after the other; `{}` is the service's own answer. */
  readonly sequence?: readonly Consequence<Reply>[];
  /** After its last, a sequence begins again. */
  readonly repeat?: boolean;
  /** It is good for so many requests; a sequence for its length. */
  readonly times?: number;
  /** Only every so-manieth match. */
  readonly every?: number;
  /** Only with this probability, from the harness's seed: 0 to 1. */
  readonly chance?: number;
  /** How long it is in force, from now: milliseconds, or `"10s"`. */
  readonly for?: number | string;
}

export const RULE_KEYS = [
  "name",
  "when",
  "reply",
  "fault",
  "hold",
  "sequence",
  "repeat",
  "times",
  "every",
  "chance",
  "for",
] as const satisfies readonly (keyof RuleInput)[];

export const CIRCUMSTANCES = [
  "phase",
  "at",
  "nth",
  "transport",
  "peer",
] as const satisfies readonly (keyof Circumstances)[];
