import { PHASES, type Phase } from "../contract/fault.ts";
import type { FieldTable, Service, Transport } from "../contract/service.ts";
import { type Matcher, matcherOf } from "../match/matcher.ts";
import { type Place, printValue } from "../match/place.ts";
import { type AllowList, allowList } from "../ports/allow-list.ts";
import { CIRCUMSTANCES } from "./rule-input.ts";

/** Which requests a rule is about, checked. */
export interface When {
  /** What it says of requests, by field. */
  readonly fields: ReadonlyMap<string, Matcher>;
  readonly phase: Phase | undefined;
  /** With phase `mid-stream`: so many octets are untouched. */
  readonly at: number;
  readonly nth: Nth | undefined;
  readonly transport: Transport | undefined;
  readonly peers: AllowList | undefined;
}

/** The how-manieth matches are meant. */
export interface Nth {
  (position: number): boolean;
  /** One of them is a multiple of `every`. */
  isEver(every: number): boolean;
}

/** Checks a rule's `when`; fails at the place with what is wrong. */
export function whenOf(input: unknown, service: Service, place: Place): When {
  const table: FieldTable = service.request;
  const map =
    input === undefined
      ? {}
      : place.map(input, [...Object.keys(table), ...CIRCUMSTANCES], `field of ${service.name}'s requests`);
  const phase = phaseOf(map.phase, place.at("phase"));
  // A service whose requests tell their transport takes there whatever a field takes.
  const isAsked = table.transport !== undefined && !service.transports.includes(map.transport as Transport);
  const transport = isAsked ? undefined : transportOf(map.transport, service, place.at("transport"));
  const fields = new Map<string, Matcher>();
  for (const name of Object.keys(map)) {
    const isCircumstance = (CIRCUMSTANCES as readonly string[]).includes(name) && !(name === "transport" && isAsked);
    const spec = !isCircumstance && Object.hasOwn(table, name) ? table[name] : undefined;
    if (!spec) continue;
    const wanted = place.at(name).read(() => map[name]);
    if (wanted === undefined)
      place.at(name).fail("it is undefined, which would match everything; leave the field out for that");
    if (phase === "connect" || phase === "greeting") {
      place
        .at(name)
        .fail(`at phase ${phase} nothing was asked yet, so there is no ${name}; leave it out, or the phase`);
    }
    const here = place.at(name);
    fields.set(
      name,
      here.read(() => matcherOf(wanted, spec, here)),
    );
  }
  if (phase === "greeting" && !service.greets)
    place.at("phase").fail(`${service.name} has no greeting: the client speaks first`);
  if (transport === "udp" && (phase === "greeting" || phase === "after-reply"))
    place.at("phase").fail(`over udp there is no ${phase}: each datagram stands alone`);
  if (map.at !== undefined && phase !== "mid-stream") place.at("at").fail('at is for phase "mid-stream"');
  if (map.at === undefined && phase === "mid-stream")
    place.fail("mid-stream needs at: how many octets of the reply are untouched");
  return {
    fields,
    phase,
    at: map.at === undefined ? 0 : place.at("at").whole(map.at, 0),
    nth: nthOf(map.nth, place.at("nth")),
    transport,
    peers: peersOf(map.peer, place.at("peer")),
  };
}

function phaseOf(value: unknown, place: Place): Phase | undefined {
  return value === undefined ? undefined : (place.word(value, Object.keys(PHASES), "phase") as Phase);
}

function nthOf(value: unknown, place: Place): Nth | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number") return nthOfAll([place.whole(value, 1)]);
  if (Array.isArray(value)) {
    if (value.length === 0) place.fail("the list is empty, so nothing could ever match");
    return nthOfAll(Array.from(value, (one, at) => place.at(at).whole(one, 1)));
  }
  const map = place.mapOr(value, ["min", "max"], "a number, a list of numbers, or a map of min and max");
  if (map.min === undefined && map.max === undefined) place.fail("expected a number, a list, or min and max");
  const min = map.min === undefined ? 1 : place.at("min").whole(map.min, 1);
  const max = map.max === undefined ? Number.POSITIVE_INFINITY : place.at("max").whole(map.max, 1);
  if (min > max) place.fail(`min ${min} is above max ${max}, so nothing could ever match`);
  const isMeant = (position: number) => position >= min && position <= max;
  return Object.assign(isMeant, { isEver: (every: number) => Math.ceil(min / every) * every <= max });
}

function nthOfAll(positions: readonly number[]): Nth {
  const wanted = new Set(positions);
  const isMeant = (position: number) => wanted.has(position);
  return Object.assign(isMeant, { isEver: (every: number) => positions.some((position) => position % every === 0) });
}

function transportOf(value: unknown, { name, transports }: Service, place: Place): Transport | undefined {
  if (value === undefined) return undefined;
  if (transports.includes(value as Transport)) return value as Transport;
  return place.fail(`${name} is served over ${transports.join(" and ")}, got ${printValue(value)}`);
}

function peersOf(value: unknown, place: Place): AllowList | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return allowList([blockOf(value, place)]);
  if (value.length === 0) place.fail("the list is empty, so nothing could ever match");
  return allowList(Array.from(value, (block, at) => blockOf(block, place.at(at))));
}

function blockOf(value: unknown, place: Place): string {
  if (typeof value !== "string") return place.fail(`expected an address or a CIDR block, got ${printValue(value)}`);
  try {
    allowList([value]);
    return value;
  } catch (error) {
    return place.fail((error as Error).message.replace(/^allow: /, ""));
  }
}
