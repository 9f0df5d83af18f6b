import { fromUtf8, toUtf8 } from "../wire/bytes.ts";
import type { Fixtures } from "../world/world.ts";
import { absoluteName } from "../world/zone-store.ts";
import type { WorldDocument } from "./schema.ts";

/** The fixtures with what a document says of the world. Another domain takes the place of `example.test` everywhere. */
export function fixturesOf(fixtures: Fixtures, world: WorldDocument): Fixtures {
  const domain = world.domain ?? fixtures.domain;
  const moved = domain === fixtures.domain ? fixtures : moveTo(domain, fixtures);
  return {
    ...moved,
    ...(world.accounts
      ? { people: world.accounts.map((account) => ({ ...account, fullName: account.fullName ?? account.name })) }
      : {}),
    ...(world.quotes ? { quotes: world.quotes } : {}),
    files: [
      ...moved.files,
      ...Object.entries(world.files ?? {}).map(([path, text]) => ({ path, content: fromUtf8(text) })),
    ],
    zones: [...moved.zones, ...Object.entries(world.zones ?? {}).map(([origin, zone]) => zoneOf(origin, zone))],
  };
}

function moveTo(domain: string, fixtures: Fixtures): Fixtures {
  const renamed = (text: string) => text.replaceAll(fixtures.domain, domain);
  return {
    ...fixtures,
    domain,
    mail: fixtures.mail.map((mail) => ({
      ...mail,
      from: renamed(mail.from),
      raw: fromUtf8(renamed(toUtf8(mail.raw))),
    })),
    zones: fixtures.zones.map((zone) => ({ ...zone, origin: renamed(zone.origin), text: renamed(zone.text) })),
  };
}

/** Names with addresses or records become the master file that says the same. */
function zoneOf(name: string, zone: string | { readonly [name: string]: string | string[] }) {
  const origin = absoluteName(name);
  const source = `world.zones[${JSON.stringify(name)}]`;
  if (typeof zone === "string") return { origin, text: zone, source };
  const lines = Object.entries(zone).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name} ${recordOf(value)}`),
  );
  const soa = lines.some((line) => /\sSOA\s/.test(line)) ? [] : ["@ SOA ns hostmaster 1 1h 15m 4w 5m", "@ NS ns"];
  return { origin, text: ["$TTL 300", ...soa, ...lines, ""].join("\n"), source };
}

/** `192.0.2.1` and `2001:db8::1` are short for A and AAAA records. */
function recordOf(value: string): string {
  if (/^\d+(\.\d+){3}$/.test(value)) return `A ${value}`;
  if (/^[0-9a-fA-F]*:[0-9a-fA-F:.]*$/.test(value)) return `AAAA ${value}`;
  return value;
}
