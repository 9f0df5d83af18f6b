import * as v from "valibot";
import type { Fault, Gate } from "../contract/fault.ts";
import type { Service } from "../contract/service.ts";
import { issueError, keysAt, type Locate } from "../issues.ts";
import { isPlainMap, type Place, printValue } from "../match/place.ts";
import { faultOf, isInstead, type Where } from "./fault-input.ts";
import type { When } from "./when.ts";

/** What comes of one match, checked. Neither a reply nor a fault: the service answers as it always does. */
export interface Step {
  readonly reply: unknown;
  readonly instead: boolean;
  readonly faults: readonly Fault[];
}

/** What the compiler needs to know besides the rule. */
export interface Setting {
  readonly service: Service;
  readonly place: Place;
  readonly locate: Locate | undefined;
  readonly gate: Gate;
}

type Input = { readonly [key: string]: unknown };

/** Where the parts of a consequence stand. */
interface Places {
  readonly rule: Place;
  readonly step: Place;
  readonly reply: Place;
}

/** Every key of a `Consequence`. */
export const CONSEQUENCE_KEYS = ["reply", "fault", "hold"] as const;

/** The port is closed. */
export function isRefusal({ faults }: Step): boolean {
  return faults.some(({ refuse }) => refuse);
}

/** Checks what is to come of the matches, one after the other; fails at the place with what is wrong. */
export function stepsOf(map: Input, when: When, setting: Setting): readonly Step[] {
  const { place } = setting;
  if (map.sequence !== undefined) return sequenceOf(map, when, setting);
  if (map.repeat !== undefined && !Array.isArray(map.reply)) place.at("repeat").fail("only a sequence can be repeated");
  if (map.reply === undefined && map.fault === undefined && (map.hold === undefined || map.hold === false))
    place.fail("nothing would come of a match: it needs a reply, a fault, a hold or a sequence");
  const places = { rule: place, step: place, reply: place.at("reply") };
  if (!Array.isArray(map.reply)) return [stepOf(map, when, setting, places)];
  if (map.reply.length === 0) place.at("reply").fail("the list is empty");
  return Array.from(map.reply, (reply, at) => {
    if (reply === undefined) place.at("reply", at).fail("expected a reply, got nothing");
    return stepOf({ ...map, reply }, when, setting, { ...places, reply: places.reply.at(at) });
  });
}

function sequenceOf(map: Input, when: When, setting: Setting): readonly Step[] {
  const { place } = setting;
  const also = CONSEQUENCE_KEYS.find((key) => map[key] !== undefined);
  if (also) place.at(also).fail("it belongs into the sequence, since there is one");
  if (!Array.isArray(map.sequence)) place.at("sequence").fail(`expected a list, got ${printValue(map.sequence)}`);
  const list = map.sequence as unknown[];
  if (list.length === 0) place.at("sequence").fail("the list is empty");
  return Array.from(list, (one, at) => {
    const step = place.at("sequence", at);
    return stepOf(step.map(one, CONSEQUENCE_KEYS), when, setting, { rule: place, step, reply: step.at("reply") });
  });
}

function stepOf(map: Input, when: When, setting: Setting, places: Places): Step {
  const { service, gate, locate } = setting;
  const { rule, step } = places;
  if (map.hold !== undefined && typeof map.hold !== "boolean")
    step.at("hold").fail(`expected true or false, got ${printValue(map.hold)}`);
  const reply = map.reply === undefined ? undefined : replyOf(map.reply, service, places.reply, locate);
  const where: Where = { phase: when.phase, at: when.at, gate: map.hold === true ? gate : undefined };
  const faults = faultsOf(map.fault, { where, when, service, place: step.at("fault") });
  if (map.reply !== undefined) return replyStep(reply, faults, when, service, places);
  const instead = faults.some((fault) => fault.phase === "instead");
  if (instead && !faults.some(({ effects }) => isInstead(effects) || effects.hold)) {
    rule
      .at("when", "phase")
      .fail("instead of the reply nothing would be sent, so there is nothing to change; use before-reply");
  }
  return { reply: undefined, instead, faults };
}

function replyStep(reply: unknown, faults: readonly Fault[], when: When, service: Service, places: Places): Step {
  const { phase } = when;
  const { rule, step } = places;
  const fail = (problem: string) => rule.at("when", "phase").fail(problem);
  if (phase === "connect" && !service.greets)
    fail(`${service.name} has no greeting to take the place of: the client speaks first`);
  if (phase === "after-reply" && faults.length === 0) fail("a reply cannot come after the reply");
  if (phase === "mid-stream" && faults.length === 0) fail("a reply is whole; mid-stream is for a fault");
  if (faults.some(({ refuse }) => refuse)) step.at("reply").fail("a closed port says nothing");
  const onReply = faults.map((fault) =>
    fault.phase === "instead" ? { ...fault, phase: "before-reply" as const } : fault,
  );
  return { reply, instead: false, faults: onReply };
}

interface FaultParts {
  readonly where: Where;
  readonly when: When;
  readonly service: Service;
  readonly place: Place;
}

function faultsOf(input: unknown, { where, when, service, place }: FaultParts): readonly Fault[] {
  if (input === undefined) return where.gate ? [holdOf(where, where.gate)] : [];
  const list = Array.isArray(input) ? input : [input];
  if (list.length === 0) place.fail("the list is empty");
  return Array.from(list, (one, at) => {
    const here = Array.isArray(input) ? place.at(at) : place;
    // One gate: a reply that waited at it twice would have to be let go twice.
    const fault = faultOf(one, at === 0 ? where : { ...where, gate: undefined }, here);
    refuseElsewhere(fault, when, service, here);
    return fault;
  });
}

function holdOf({ phase = "before-reply", at }: Where, gate: Gate): Fault {
  const effects = { ...(at > 0 ? { from: at } : {}), hold: gate };
  return { phase, direction: "out", channels: false, effects, stopReading: false, refuse: false };
}

/** What can never strike where the rule wants it to. */
function refuseElsewhere(fault: Fault, { transport }: When, service: Service, place: Place): void {
  const { effects } = fault;
  if (fault.refuse && fault.phase !== "connect") place.fail('a port is refused at phase "connect"');
  if (fault.channels && !service.channels) place.fail(`${service.name} has no data connections`);
  const ofDatagrams = (["duplicate", "reorder", "source"] as const).find((key) => effects[key] !== undefined);
  if (ofDatagrams && (transport === "tcp" || !service.transports.includes("udp"))) {
    place.fail(
      `${ofDatagrams} is for datagrams, and ${transport ? "the rule is about tcp" : `${service.name} is not served over udp`}`,
    );
  }
  if (transport !== "udp" && service.transports.includes("tcp")) return;
  const ofStreams = (["slice", "halfClose"] as const).find((key) => effects[key] !== undefined);
  const name = ofStreams ?? (fault.stopReading ? "stopReading" : fault.direction === "in" ? "direction in" : undefined);
  if (name) place.fail(`${name} is for connections, and over udp there is none`);
}

/** The service's own form of what a user wrote. */
function replyOf(input: unknown, service: Service, place: Place, locate: Locate | undefined): unknown {
  // valibot takes an empty list for a map without keys.
  if (Array.isArray(input) && input.length === 0) place.fail("the list is empty");
  const parsed = place.read(() => v.safeParse(service.stub, input));
  if (parsed.success) return parsed.output;
  const isOfClass = typeof input === "object" && input !== null && !Array.isArray(input) && !isPlainMap(input);
  if (isOfClass && !(input instanceof Uint8Array)) place.fail(`no reply can be made of ${printValue(input)}`);
  const keys = (path: readonly PropertyKey[]) => keysAt(service.stub, path.slice(place.path.length));
  throw issueError(parsed.issues, place.path, locate, keys, "RULE_INVALID");
}
