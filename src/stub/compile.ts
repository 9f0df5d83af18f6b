import * as v from "valibot";
import { type Fault, type Gate, PHASES, type Phase } from "../contract/fault.ts";
import type { FieldTable, Service, Transport } from "../contract/service.ts";
import { issueError, keysAt, type Locate } from "../issues.ts";
import { type Matcher, matcherOf } from "../match/matcher.ts";
import { type Place, printValue } from "../match/place.ts";
import { type AllowList, allowList } from "../ports/allow-list.ts";
import { faultOf, isInstead, type Where } from "./fault-input.ts";
import { CIRCUMSTANCES, RULE_KEYS } from "./rule-input.ts";

/** What comes of one match, checked. Neither a reply nor a fault: the service answers as it always does. */
export interface Step {
  readonly reply: unknown;
  readonly instead: boolean;
  readonly faults: readonly Fault[];
}

/** A rule, checked and ready to be asked. */
export interface Compiled {
  readonly name: string | undefined;
  /** What it says of requests, by field. */
  readonly fields: ReadonlyMap<string, Matcher>;
  readonly phase: Phase | undefined;
  readonly nth: ((position: number) => boolean) | undefined;
  readonly transport: Transport | undefined;
  readonly peers: AllowList | undefined;
  readonly steps: readonly Step[];
  readonly repeat: boolean;
  readonly times: number;
  readonly every: number;
  readonly chance: number;
  readonly forMs: number | undefined;
}

/** What the compiler needs to know besides the rule. */
export interface Setting {
  readonly service: Service;
  readonly place: Place;
  readonly locate: Locate | undefined;
  readonly gate: Gate;
}

/** Checks a rule. Throws `RULE_INVALID` with the place of what is wrong, and the nearest known name. */
export function compileRule(input: unknown, setting: Setting): Compiled {
  const { place, service } = setting;
  const map = place.map(input, RULE_KEYS);
  const when = whenOf(map.when, service, place.at("when"));
  const steps = stepsOf(map, when, setting);
  if (map.name !== undefined && typeof map.name !== "string")
    place.at("name").fail(`expected a text, got ${printValue(map.name)}`);
  if (map.repeat !== undefined && typeof map.repeat !== "boolean")
    place.at("repeat").fail(`expected true or false, got ${printValue(map.repeat)}`);
  const { chance = 1, every = 1 } = map;
  if (typeof chance !== "number" || !(chance > 0 && chance <= 1))
    place.at("chance").fail(`expected a number above 0, up to 1, got ${printValue(chance)}`);
  const repeat = map.repeat === true;
  const untold = steps.length > 1 && !repeat ? steps.length : Number.POSITIVE_INFINITY;
  return {
    name: map.name as string | undefined,
    ...when,
    steps,
    repeat,
    times: map.times === undefined ? untold : place.at("times").whole(map.times, 1),
    every: place.at("every").whole(every, 1),
    chance: chance as number,
    forMs: map.for === undefined ? undefined : place.at("for").duration(map.for),
  };
}

type When = Pick<Compiled, "fields" | "phase" | "nth" | "transport" | "peers"> & { readonly at: number };

function whenOf(input: unknown, service: Service, place: Place): When {
  const table: FieldTable = service.request;
  const map =
    input === undefined
      ? {}
      : place.map(input, [...Object.keys(table), ...CIRCUMSTANCES], `field of ${service.name}'s requests`);
  const phase = phaseOf(map.phase, place.at("phase"));
  const fields = new Map<string, Matcher>();
  for (const [name, wanted] of Object.entries(map)) {
    const isCircumstance = (CIRCUMSTANCES as readonly string[]).includes(name);
    const spec = !isCircumstance && Object.hasOwn(table, name) ? table[name] : undefined;
    if (!spec || wanted === undefined) continue;
    if (phase === "connect" || phase === "greeting") {
      place
        .at(name)
        .fail(`at phase ${phase} nothing was asked yet, so there is no ${name}; leave it out, or the phase`);
    }
    fields.set(name, matcherOf(wanted, spec, place.at(name)));
  }
  if (phase === "greeting" && !service.greets)
    place.at("phase").fail(`${service.name} has no greeting: the client speaks first`);
  if (map.at !== undefined && phase !== "mid-stream") place.at("at").fail('at is for phase "mid-stream"');
  if (map.at === undefined && phase === "mid-stream")
    place.fail("mid-stream needs at: how many octets of the reply are untouched");
  return {
    fields,
    phase,
    at: map.at === undefined ? 0 : place.at("at").whole(map.at, 0),
    nth: nthOf(map.nth, place.at("nth")),
    transport: transportOf(map.transport, service, place.at("transport")),
    peers: peersOf(map.peer, place.at("peer")),
  };
}

function phaseOf(value: unknown, place: Place): Phase | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string")
    return place.fail(`expected one of ${Object.keys(PHASES).join(", ")}, got ${printValue(value)}`);
  place.map({ [value]: true }, Object.keys(PHASES), "phase");
  return value as Phase;
}

function nthOf(value: unknown, place: Place): Compiled["nth"] {
  if (value === undefined) return undefined;
  if (typeof value === "number") {
    const wanted = place.whole(value, 1);
    return (position) => position === wanted;
  }
  if (Array.isArray(value)) {
    if (value.length === 0) place.fail("the list is empty, so nothing could ever match");
    const wanted = new Set(value.map((one, at) => place.at(at).whole(one, 1)));
    return (position) => wanted.has(position);
  }
  const map = place.map(value, ["min", "max"]);
  const min = map.min === undefined ? 1 : place.at("min").whole(map.min, 1);
  const max = map.max === undefined ? Number.POSITIVE_INFINITY : place.at("max").whole(map.max, 1);
  if (min > max) place.fail(`min ${min} is above max ${max}, so nothing could ever match`);
  return (position) => position >= min && position <= max;
}

function transportOf(value: unknown, { name, transports }: Service, place: Place): Transport | undefined {
  if (value === undefined) return undefined;
  if (transports.includes(value as Transport)) return value as Transport;
  return place.fail(`${name} is served over ${transports.join(" and ")}, got ${printValue(value)}`);
}

function peersOf(value: unknown, place: Place): AllowList | undefined {
  if (value === undefined) return undefined;
  const blocks = [value].flat();
  if (blocks.length === 0) place.fail("the list is empty, so nothing could ever match");
  for (const block of blocks) {
    if (typeof block !== "string") place.fail(`expected an address or a CIDR block, got ${printValue(block)}`);
    try {
      allowList([block as string]);
    } catch (error) {
      place.fail((error as Error).message);
    }
  }
  return allowList(blocks as string[]);
}

function stepsOf(map: { readonly [key: string]: unknown }, when: When, setting: Setting): readonly Step[] {
  const { place } = setting;
  if (map.sequence !== undefined) {
    const also = (["reply", "fault", "hold"] as const).find((key) => map[key] !== undefined);
    if (also) place.at(also).fail("it belongs into the sequence, since there is one");
    if (!Array.isArray(map.sequence)) place.at("sequence").fail(`expected a list, got ${printValue(map.sequence)}`);
    const list = map.sequence as unknown[];
    if (list.length === 0) place.at("sequence").fail("the list is empty");
    return list.map((one, at) =>
      stepOf(place.at("sequence", at).map(one, ["reply", "fault", "hold"]), when, {
        ...setting,
        place: place.at("sequence", at),
      }),
    );
  }
  if (map.repeat !== undefined && !Array.isArray(map.reply)) place.at("repeat").fail("only a sequence can be repeated");
  if (map.reply === undefined && map.fault === undefined && map.hold === undefined) {
    place.fail("nothing would come of a match: it needs a reply, a fault, a hold or a sequence");
  }
  if (!Array.isArray(map.reply)) return [stepOf(map, when, setting)];
  if (map.reply.length === 0) place.at("reply").fail("the list is empty");
  return map.reply.map((reply, at) => stepOf({ ...map, reply }, when, setting, place.at("reply", at)));
}

function stepOf(map: { readonly [key: string]: unknown }, when: When, setting: Setting, replyPlace?: Place): Step {
  const { service, place } = setting;
  const { phase } = when;
  const reply =
    map.reply === undefined ? undefined : replyOf(map.reply, service, replyPlace ?? place.at("reply"), setting.locate);
  if (map.hold !== undefined && typeof map.hold !== "boolean")
    place.at("hold").fail(`expected true or false, got ${printValue(map.hold)}`);
  const where: Where = { phase, at: when.at, gate: map.hold === true ? setting.gate : undefined };
  const faults = faultsOf(map.fault, where, service, place.at("fault"));
  if (reply !== undefined) {
    if (phase === "connect" && !service.greets)
      place.at("when", "phase").fail(`${service.name} has no greeting to take the place of: the client speaks first`);
    if (phase === "after-reply" && faults.length === 0)
      place.at("when", "phase").fail("a reply cannot come after the reply");
    const onReply = faults.map((fault) =>
      fault.phase === "instead" ? { ...fault, phase: "before-reply" as const } : fault,
    );
    return { reply, instead: false, faults: onReply };
  }
  const instead = faults.some((fault) => fault.phase === "instead");
  if (instead && !faults.some(({ effects }) => isInstead(effects) || effects.hold)) {
    place
      .at("when", "phase")
      .fail("instead of the reply nothing would be sent, so there is nothing to change; use before-reply");
  }
  return { reply: undefined, instead, faults };
}

function faultsOf(input: unknown, where: Where, service: Service, place: Place): readonly Fault[] {
  const { gate } = where;
  if (input === undefined) {
    const phase = where.phase ?? "before-reply";
    return gate
      ? [{ phase, direction: "out", channels: false, effects: { hold: gate }, stopReading: false, refuse: false }]
      : [];
  }
  const list = Array.isArray(input) ? input : [input];
  if (list.length === 0) place.fail("the list is empty");
  return list.map((one, at) => {
    const here = Array.isArray(input) ? place.at(at) : place;
    const fault = faultOf(one, where, here);
    if (fault.refuse && fault.phase !== "connect") here.fail('a port is refused at phase "connect"');
    if (!service.transports.includes("udp")) {
      const datagram = (["duplicate", "reorder", "source"] as const).find((key) => fault.effects[key] !== undefined);
      if (datagram) here.fail(`${datagram} is for datagrams, and ${service.name} is not served over udp`);
    }
    return fault;
  });
}

/** The service's own form of what a user wrote. */
function replyOf(input: unknown, service: Service, place: Place, locate: Locate | undefined): unknown {
  const parsed = v.safeParse(service.stub, input);
  if (parsed.success) return parsed.output;
  const keys = (path: readonly PropertyKey[]) => keysAt(service.stub, path.slice(place.path.length));
  throw issueError(parsed.issues, place.path, locate, keys, "RULE_INVALID");
}
