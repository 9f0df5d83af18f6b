import type { Zone, Zones } from "../../src/contract/world.ts";
import { lowerName, type Name, parentOf, parseName, ROOT, withAncestors } from "./names.ts";
import { PresentationError } from "./text.ts";
import { TYPE } from "./types.ts";
import { AuthoritativeZone } from "./zone.ts";
import { ZoneError } from "./zone-error.ts";

/** A zone never changes, its text is replaced by another zone: so each is read once in its life. */
const loaded = new WeakMap<Zone, AuthoritativeZone | ZoneError>();

/** The zone ready for questions, or why it cannot be served. */
export function loadZone(zone: Zone): AuthoritativeZone | ZoneError {
  const known = loaded.get(zone);
  if (known) return known;
  const outcome = readZone(zone);
  loaded.set(zone, outcome);
  return outcome;
}

function readZone(zone: Zone): AuthoritativeZone | ZoneError {
  try {
    return new AuthoritativeZone(zone);
  } catch (error) {
    if (error instanceof ZoneError) return error;
    if (error instanceof PresentationError) return new ZoneError(zone.source, 1, error.message, error);
    throw error;
  }
}

function originOf(zone: Zone): Name | undefined {
  try {
    return lowerName(parseName(zone.origin));
  } catch (error) {
    if (error instanceof PresentationError) return undefined;
    throw error;
  }
}

/** Throws a `ZoneError`, which says source, line and what was expected, if a zone cannot be served. */
export function checkZones(zones: Zones): void {
  for (const zone of zones.all) {
    const outcome = loadZone(zone);
    if (outcome instanceof ZoneError) throw outcome;
  }
}

/** The zones that a server answers for. A later one replaces an earlier one of the same origin. */
export class ZoneSet {
  readonly #zones = new Map<Name, AuthoritativeZone | ZoneError>();

  constructor(zones: Iterable<Zone>) {
    for (const zone of zones) {
      const origin = originOf(zone);
      // What is no name is never asked for.
      if (origin !== undefined) this.#zones.set(origin, loadZone(zone));
    }
  }

  /** These zones and others, which replace those of their origins. */
  with(zones: Iterable<Zone>): ZoneSet {
    const all = new ZoneSet(zones);
    for (const [origin, zone] of this.#zones) if (!all.#zones.has(origin)) all.#zones.set(origin, zone);
    return all;
  }

  /** The zone of exactly this origin. */
  at(origin: Name): AuthoritativeZone | ZoneError | undefined {
    return this.#zones.get(origin);
  }

  /** The zone that a name, in lower case, belongs to: RFC 1034 section 4.3.2 step 2. */
  holding(name: Name, type: number): AuthoritativeZone | ZoneError | undefined {
    // RFC 4035 section 3.1.4.1: of a zone's DS its parent knows, if that is here too.
    if (type === TYPE.DS && name !== ROOT && this.#zones.has(name)) {
      const parent = this.#nearest(parentOf(name));
      if (parent) return parent;
    }
    return this.#nearest(name);
  }

  #nearest(name: Name): AuthoritativeZone | ZoneError | undefined {
    for (const at of withAncestors(name)) {
      const zone = this.#zones.get(at);
      if (zone) return zone;
    }
    return undefined;
  }
}
