import type { Context, Reachable } from "../../src/contract/service.ts";
import type { World, Zones } from "../../src/contract/world.ts";
import { parseIpv4 } from "./addresses.ts";
import { printRecord } from "./exchange.ts";
import { lowerName } from "./names.ts";
import { PresentationError } from "./text.ts";
import { TYPE } from "./types.ts";
import { ZoneError } from "./zone-error.ts";
import { parseZoneFile, type ZoneRecord } from "./zone-file.ts";

/** In seconds: the next harness has other ports. */
const TTL = 60;

/** Names of RFC 6335 under which a service is looked for, where they are not its own. */
const SERVICE_NAMES: { readonly [service: string]: readonly string[] } = {
  dns: ["domain"],
  dot: ["domain-s"],
  // RFC 6186 section 3.1.
  smtp: ["smtp", "submission"],
};

/** The worlds whose zone has them; a reset makes other zones. */
const done = new WeakSet<Zones>();

/**
 * Puts into the zone of the world's domain where the services are: `_http._tcp SRV 0 0 10080 web`, in place of SRV records
 * of the same names; an MX, if it has none and mail is taken; and addresses of hosts that it does not know.
 */
export function addServiceRecords({ world, endpoints }: Pick<Context<unknown>, "world" | "endpoints">): void {
  const reachable = endpoints?.() ?? [];
  if (reachable.length === 0 || done.has(world.zones)) return;
  done.add(world.zones);
  const zone = world.zones.all.find(({ origin }) => origin === `${world.domain.toLowerCase()}.`);
  if (!zone) return;
  try {
    const records = withServices(parseZoneFile(zone), parseZoneFile({ ...zone, text: linesFor(world, reachable) }));
    world.zones.put({ ...zone, text: records.map((record) => `${printRecord(record)}\n`).join("") });
  } catch (error) {
    // What is wrong with the zone's own text is told to who asks for it.
    if (!(error instanceof ZoneError || error instanceof PresentationError)) throw error;
  }
}

function linesFor({ domain }: World, reachable: readonly Reachable[]): string {
  const lines = reachable.flatMap(({ service, transport, hostname, address, port }) => {
    const names = SERVICE_NAMES[service] ?? [service];
    return [
      ...names.map((name) => `_${name}._${transport}.${domain}. ${TTL} SRV 0 0 ${port} ${hostname}.`),
      `${hostname}. ${TTL} ${parseIpv4(address) === undefined ? "AAAA" : "A"} ${address}`,
      ...(service === "smtp" ? [`${domain}. ${TTL} MX 10 ${hostname}.`] : []),
    ];
  });
  return [...new Set(lines)].join("\n");
}

/** Ports are ours; exchanges and addresses are the zone's, if it has any. */
function withServices(records: readonly ZoneRecord[], services: readonly ZoneRecord[]): ZoneRecord[] {
  const keyOf = ({ name, type }: ZoneRecord) => `${type} ${lowerName(name)}`;
  const srv = new Set(services.filter(({ type }) => type === TYPE.SRV).map(keyOf));
  const hosts = new Set(records.map(({ name }) => lowerName(name)));
  const kept = records.filter((record) => !srv.has(keyOf(record)));
  const keys = new Set(kept.map(keyOf));
  const isNew = (record: ZoneRecord) =>
    record.type === TYPE.SRV ||
    (record.type === TYPE.MX ? !keys.has(keyOf(record)) : !hosts.has(lowerName(record.name)));
  return [...kept, ...services.filter(isNew)];
}
