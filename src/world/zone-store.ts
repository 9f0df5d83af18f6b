import type { Zone, Zones } from "../contract/world.ts";

/** The world's zones as master-file text. */
export class ZoneStore implements Zones {
  readonly #zones = new Map<string, Zone>();
  #version: number;

  /**
   * The zones are kept as they are, so that what was made of one can be found again by it. `version` is where counting
   * starts: a store that replaces another one is newer.
   */
  constructor(zones: Iterable<Zone> = [], version = 0) {
    for (const zone of zones) this.#zones.set(zone.origin, zone);
    this.#version = version;
  }

  get version(): number {
    return this.#version;
  }

  get all(): readonly Zone[] {
    return [...this.#zones.values()];
  }

  /** Makes or replaces a zone. `origin` may lack its final dot. */
  set(origin: string, text: string, source = `zones[${JSON.stringify(origin)}]`): void {
    const absolute = absoluteName(origin);
    this.put({ origin: absolute, text, source });
  }

  put(zone: Zone): void {
    this.#zones.set(zone.origin, zone);
    this.#version += 1;
  }

  /** Adds records to a zone, as lines of a master file: `www 300 IN A 192.0.2.1`. */
  add(origin: string, lines: string): void {
    const zone = this.#zones.get(absoluteName(origin));
    if (!zone) throw new RangeError(`there is no zone ${origin}; zones: ${[...this.#zones.keys()].join(" ")}`);
    // The text may have ended in another origin: say it again.
    this.set(zone.origin, `${zone.text}\n$ORIGIN ${zone.origin}\n${lines}\n`, zone.source);
  }

  remove(origin: string): boolean {
    this.#version += 1;
    return this.#zones.delete(absoluteName(origin));
  }
}

/** A name in lower case with its final dot. */
export function absoluteName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower : `${lower}.`;
}
