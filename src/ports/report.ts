import type { Transport } from "../contract/service.ts";
import { PortwrightError } from "../errors.ts";
import { canonicalAddress, isLoopback, isWildcard } from "./addresses.ts";
import { type BindError, type Binding, type Diagnosis, diagnose, socketsInTheWay } from "./diagnose.ts";
import { type Holders, whoHolds } from "./owners.ts";
import type { PlannedPort } from "./plan.ts";
import { mayBind } from "./privilege.ts";
import { readSocketTable, type SocketTable } from "./socket-table.ts";
import { type System, thisSystem } from "./system.ts";
import { trialBind } from "./trial-bind.ts";

/** A planned endpoint before anything is started. */
export interface PortReport extends Binding, Partial<Diagnosis> {
  /** Why the plan gave it this number. */
  readonly why: string;
  /** `chosen-later`: the system will choose a free number. */
  readonly status: "free" | "chosen-later" | "forbidden" | "taken" | "absent" | "unusable";
}

const STATUS: { readonly [code: string]: PortReport["status"] } = {
  PORT_FORBIDDEN: "forbidden",
  PORT_TAKEN: "taken",
  ADDRESS_ABSENT: "absent",
};

/** What would become of each endpoint of a plan if it were bound now: by transport, then by host. */
export async function portsReport(
  plan: readonly (PlannedPort & { readonly transports: readonly Transport[] })[],
  hosts: readonly string[],
  system: System = thisSystem,
): Promise<PortReport[]> {
  const table = await readSocketTable(system);
  const endpoints = plan.flatMap(({ transports, why, ...planned }) =>
    transports.flatMap((transport) => hosts.map((host) => ({ why, binding: { ...planned, transport, host } }))),
  );
  return Promise.all(
    endpoints.map(async ({ why, binding }) => {
      if (binding.port === 0) return { ...binding, why, status: "chosen-later" };
      const error = await foreseen(binding, system, table);
      if (error === undefined) return { ...binding, why, status: "free" };
      const diagnosis = await diagnose(binding, error, system, table);
      return { ...binding, ...diagnosis, why, status: STATUS[diagnosis.code] ?? "unusable" };
    }),
  );
}

/** What binding would fail with: from the tables where the system has them, otherwise by a short trial. */
async function foreseen(binding: Binding, system: System, table: SocketTable): Promise<BindError | undefined> {
  const { host, port, transport } = binding;
  // Only on Linux do the tables show everybody's sockets to everybody.
  if (table.sockets === undefined || system.platform !== "linux") return trialBind(host, port, transport);
  if (!isPresent(host, system)) return { code: "EADDRNOTAVAIL", message: "address not available" };
  if (!mayBind(port, host, system).allowed) return { code: "EACCES", message: "permission denied" };
  // Here `::` of others is in the way of IPv4 only if it is dual-stack, which no table shows.
  const [nearest] = socketsInTheWay(binding, table);
  if (nearest === undefined) return undefined;
  if (nearest.address === "::" && !host.includes(":")) return trialBind(host, port, transport);
  // A connection's socket lets a listener in if both asked for it, which no table shows either.
  if (nearest.state === "connected") return trialBind(host, port, transport);
  return { code: "EADDRINUSE", message: "address already in use" };
}

function isPresent(host: string, system: System): boolean {
  if (isWildcard(host)) return !host.includes(":") || system.addresses().some((address) => address.includes(":"));
  if (isLoopback(host) && !host.includes(":")) return true;
  const wanted = canonicalAddress(host);
  return system.addresses().some((address) => canonicalAddress(address) === wanted);
}

/** Who holds a port, for each transport asked for. */
export interface WhoReport extends Holders {
  readonly port: number;
  readonly transport: Transport;
}

/** Answers `53`, `53/tcp` or `53/udp`; without a transport, both. */
export async function whoReport(text: string, system: System = thisSystem): Promise<WhoReport[]> {
  const [, digits = "", transport] = /^(\d{1,5})(?:\/(tcp|udp))?$/i.exec(text) ?? [];
  const port = digits === "" ? Number.NaN : Number(digits);
  if (!(port >= 1 && port <= 65_535)) {
    throw new PortwrightError("PORT_OUT_OF_RANGE", `"${text}" is not a port such as 25, 53/udp or 443/tcp`, {
      place: "who",
    });
  }
  const transports = transport === undefined ? (["tcp", "udp"] as const) : [transport.toLowerCase() as Transport];
  return Promise.all(
    transports.map(async (each) => ({ port, transport: each, ...(await whoHolds(port, each, system)) })),
  );
}
