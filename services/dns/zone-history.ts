import type { Zone, Zones } from "../../src/contract/world.ts";
import { printRecord } from "./exchange.ts";
import type { Name } from "./names.ts";
import { serialOf } from "./serial.ts";
import type { AuthoritativeZone } from "./zone.ts";
import type { ZoneChanges, ZoneEdit } from "./zone-edit.ts";
import { ZoneError } from "./zone-error.ts";
import { loadZone } from "./zones.ts";

/** How many changes of a zone are remembered, and how many records they may have in all. */
const MAX_CHANGES = 100;
const MAX_CHANGED_RECORDS = 10_000;
/** What updates may make of a zone. */
const MAX_ZONE_RECORDS = 100_000;

/** One update of a zone. */
export interface ZoneChange extends ZoneChanges {
  readonly from: AuthoritativeZone;
  readonly to: AuthoritativeZone;
}

/** What updates have made of the zones of one world, since it was made or reset. */
export class ZoneHistory {
  readonly #zones: Zones;
  readonly #changes = new Map<Name, readonly ZoneChange[]>();
  /** As the texts have them. */
  readonly #origins = new Set<string>();

  constructor(zones: Zones) {
    this.#zones = zones;
  }

  /** The zone was updated: the world's text is newer than any that the options have. */
  has(origin: string): boolean {
    return this.#origins.has(origin);
  }

  /** Puts the edited zone into the world; returns why that cannot be, if so. `source` is what the zone is known by so far. */
  commit(from: AuthoritativeZone, edit: ZoneEdit, { origin, source }: Zone): ZoneError | undefined {
    const changes = edit.changes();
    if (!changes) return undefined;
    const records = [changes.soa, ...edit.records()];
    if (records.length > MAX_ZONE_RECORDS)
      return new ZoneError(source, 1, `an update may not make more than ${MAX_ZONE_RECORDS} records`);
    const zone = { origin, source, text: records.map((record) => `${printRecord(record)}\n`).join("") };
    const to = loadZone(zone);
    if (to instanceof ZoneError) return to;
    this.#zones.put(zone);
    this.#origins.add(origin);
    this.#changes.set(from.origin, shortened([...this.since(from), { ...changes, from, to }]));
    return undefined;
  }

  /** The changes that lead to this zone without a gap from the one with this serial, or from as early as is known. */
  since(zone: AuthoritativeZone, serial?: number): readonly ZoneChange[] {
    const changes = this.#changes.get(zone.origin) ?? [];
    // Somebody else has changed the text since.
    if (changes.at(-1)?.to !== zone) return [];
    return serial === undefined ? changes : changes.slice(indexOf(changes, serial));
  }
}

function indexOf(changes: readonly ZoneChange[], serial: number): number {
  const at = changes.findIndex(({ from }) => serialOf(from.soa) === serial);
  return at < 0 ? changes.length : at;
}

/** The latest changes, not too many. */
function shortened(changes: readonly ZoneChange[]): readonly ZoneChange[] {
  let records = 0;
  let first = changes.length;
  for (; first > 0 && changes.length - first < MAX_CHANGES; first -= 1) {
    const { removed, added } = changes[first - 1] as ZoneChange;
    records += removed.length + added.length;
    if (records > MAX_CHANGED_RECORDS && first < changes.length) break;
  }
  return changes.slice(first);
}

/** A reset makes other zones, and so another history. */
const histories = new WeakMap<Zones, ZoneHistory>();

/** One for each world, whoever serves it. */
export function historyOf(zones: Zones): ZoneHistory {
  const known = histories.get(zones);
  if (known) return known;
  const history = new ZoneHistory(zones);
  histories.set(zones, history);
  return history;
}
