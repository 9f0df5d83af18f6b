import { type Place, printValue } from "../match/place.ts";
import { isRefusal, type Setting, type Step, stepsOf } from "./consequence.ts";
import { RULE_KEYS } from "./rule-input.ts";
import { type When, whenOf } from "./when.ts";

/** A rule, checked and ready to be asked. */
export interface Compiled extends When {
  readonly name: string | undefined;
  readonly steps: readonly Step[];
  readonly repeat: boolean;
  readonly times: number;
  readonly every: number;
  readonly chance: number;
  readonly forMs: number | undefined;
}

/** Checks a rule. Throws `RULE_INVALID` with the place of what is wrong, and the nearest known name. */
export function compileRule(input: unknown, setting: Setting): Compiled {
  return setting.place.read(() => compiled(input, setting));
}

function compiled(input: unknown, setting: Setting): Compiled {
  const { place, service } = setting;
  const written = place.map(input, RULE_KEYS);
  const map = Object.fromEntries(Object.keys(written).map((key) => [key, place.at(key).read(() => written[key])]));
  const at = place.at("when");
  const when = at.read(() => whenOf(map.when, service, at));
  const steps = stepsOf(map, when, setting);
  if (map.name !== undefined && (typeof map.name !== "string" || map.name === ""))
    place.at("name").fail(`expected a text, got ${printValue(map.name)}`);
  if (map.repeat !== undefined && typeof map.repeat !== "boolean")
    place.at("repeat").fail(`expected true or false, got ${printValue(map.repeat)}`);
  const { chance = 1 } = map;
  if (typeof chance !== "number" || !(chance > 0 && chance <= 1))
    place.at("chance").fail(`expected a number above 0, up to 1, got ${printValue(chance)}`);
  const repeat = map.repeat === true;
  const every = map.every === undefined ? 1 : place.at("every").whole(map.every, 1);
  const rule: Compiled = {
    name: map.name as string | undefined,
    ...when,
    steps,
    repeat,
    times: timesOf(map.times, steps.length, repeat, place.at("times")),
    every,
    chance: chance as number,
    forMs: map.for === undefined ? undefined : lifetimeOf(map.for, place.at("for")),
  };
  if (when.nth && !when.nth.isEver(every))
    place.at("every").fail(`with every ${every}, none of the matches that nth means would count`);
  if (steps.some(isRefusal)) refuseUncountable(rule, place);
  return rule;
}

function timesOf(value: unknown, steps: number, repeat: boolean, place: Place): number {
  if (value === undefined) return steps > 1 && !repeat ? steps : Number.POSITIVE_INFINITY;
  const times = place.whole(value, 1);
  if (times < steps) place.fail(`there are ${steps} to come one after the other, and ${times} is all that could come`);
  return times;
}

function lifetimeOf(value: unknown, place: Place): number {
  const ms = place.duration(value);
  return ms > 0 ? ms : place.fail("it would be over before it began");
}

/** Nobody connects to a closed port: nothing can be counted, nobody's address is known, and nothing was asked. */
export function refuseUncountable(rule: Compiled, place: Place): void {
  const { fields, peers, nth, steps, times, every, chance } = rule;
  const counts = {
    sequence: steps.length > 1,
    times: times < Number.POSITIVE_INFINITY,
    every: every > 1,
    chance: chance < 1,
  };
  for (const [key, isGiven] of Object.entries(counts))
    if (isGiven) place.at(key).fail("nobody connects to a closed port, so there is nothing to count");
  const [field] = fields.keys();
  const about = nth ? "nth" : peers ? "peer" : field;
  if (about !== undefined)
    place.at("when", about).fail("a port is closed for everybody, and before anything was asked; leave it out");
  const faults = steps.flatMap((step) => step.faults);
  if (faults.length > 1 || faults.some(({ effects, stopReading }) => stopReading || Object.keys(effects).length > 0))
    place.at("fault").fail("a closed port has no other faults, and holds nothing");
}
