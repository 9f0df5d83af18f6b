import type { Zone, Zones } from "../contract/world.ts";

/** The world's zones as master-file text. */
export class ZoneStore implements Zones {
  readonly #zones = new Map<string, Zone>();
  #version: number;

  /** `version` is where counting starts, so that a store that replaces another one is newer. */
  constructor(version = 0) {
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
    this.#zones.set(absolute, { origin: absolute, text, source });
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

function absoluteName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower : `${lower}.`;
}
