import { PortwrightError } from "../errors.ts";
import { nearestFew } from "../wire/nearest.ts";
import { STEP } from "./plan.ts";
import { mayBind, type Privilege } from "./privilege.ts";
import { type System, thisSystem } from "./system.ts";

/** A row of IANA's registry. */
export interface RegistryEntry {
  /** Empty where IANA reserves the port without a name. */
  readonly name: string;
  readonly port: number;
  readonly transports: readonly ("tcp" | "udp" | "sctp" | "dccp")[];
  readonly description: string;
}

/** RFC 6335 section 6. */
interface PortRange {
  readonly name: "system" | "user" | "dynamic";
  readonly from: number;
  readonly to: number;
  readonly meaning: string;
}

const RANGES: readonly PortRange[] = [
  { name: "system", from: 0, to: 1023, meaning: "well-known services, assigned by IANA after review by the IETF" },
  { name: "user", from: 1024, to: 49_151, meaning: "registered services, assigned by IANA on request" },
  { name: "dynamic", from: 49_152, to: 65_535, meaning: "never assigned; for clients and short-lived servers" },
];

const TRANSPORTS = { t: "tcp", u: "udp", s: "sctp", d: "dccp" } as const;

/** What is known about a port number or service name. */
export interface Explanation {
  /** In the order of the ports. Empty if IANA has assigned nothing, or knows no such name. */
  readonly entries: readonly RegistryEntry[];
  /** The ports meant: one, or those of the name. */
  readonly ports: readonly ExplainedPort[];
  /** What was probably meant by an unknown name. */
  readonly nearest: readonly string[];
}

interface ExplainedPort {
  readonly port: number;
  readonly range: PortRange;
  /** The names of Portwright's services there. */
  readonly served: readonly string[];
  /** The names of those that come here where their well-known port is not permitted. */
  readonly stoodIn: readonly string[];
  /** Whether this process may bind it on 127.0.0.1, and why. */
  readonly privilege: Privilege;
}

const NEAREST_NAMES = 5;

let loaded: Promise<readonly RegistryEntry[]> | undefined;

/** IANA's registry, read when it is first asked for. */
export function ianaRegistry(): Promise<readonly RegistryEntry[]> {
  loaded ??= import("./iana-registry.json", { with: { type: "json" } }).then(({ default: registry }) =>
    registry.entries.map(readEntry),
  );
  return loaded;
}

function readEntry(line: string): RegistryEntry {
  const [port, name = "", letters = "", description = ""] = line.split("\t");
  const transports = [...letters].map((letter) => TRANSPORTS[letter as keyof typeof TRANSPORTS]);
  return { port: Number(port), name, transports, description };
}

/** Explains a port number or a service's name: IANA's, or Portwright's own as given in `served`. */
export async function explain(
  portOrName: string,
  served: readonly { readonly name: string; readonly port: number }[],
  system: System = thisSystem,
): Promise<Explanation> {
  const registry = await ianaRegistry();
  const text = portOrName.trim().toLowerCase();
  if (/^\d+$/.test(text)) {
    const port = Number(text);
    return {
      entries: registry.filter((entry) => entry.port === port),
      ports: [explainPort(port, served, system)],
      nearest: [],
    };
  }
  const own = served.find(({ name }) => name === text);
  const entries = registry.filter(({ name, port }) => (own ? port === own.port : name === text));
  const ports = own ? [own.port] : [...new Set(entries.map(({ port }) => port))];
  const names = new Set([...served, ...registry].map(({ name }) => name));
  return {
    entries,
    ports: ports.map((port) => explainPort(port, served, system)),
    nearest: ports.length > 0 ? [] : nearestFew(text, names, NEAREST_NAMES),
  };
}

function explainPort(
  port: number,
  served: readonly { readonly name: string; readonly port: number }[],
  system: System,
): ExplainedPort {
  const range = RANGES.find(({ from, to }) => port >= from && port <= to);
  if (range === undefined) {
    throw new PortwrightError("PORT_OUT_OF_RANGE", `${port} is not a port; ports go from 0 to 65535`, {
      place: "explain",
    });
  }
  const namesAt = (wellKnown: number) => served.filter((service) => service.port === wellKnown).map(({ name }) => name);
  return {
    port,
    range,
    served: namesAt(port),
    stoodIn: namesAt(port - STEP),
    privilege: mayBind(port, "127.0.0.1", system),
  };
}
