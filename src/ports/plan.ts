import { PortwrightError } from "../errors.ts";
import { nearest } from "../wire/nearest.ts";

/** How ports are chosen. */
export type PortScheme =
  /** The well-known port where this process may bind it, else 10000 more; further instances take further steps. */
  | { readonly type: "auto" }
  | { readonly type: "well-known" }
  /** The system chooses when the port is bound. */
  | { readonly type: "ephemeral" }
  | { readonly type: "offset"; readonly by: number };

/** An instance of a service that needs a port. */
export interface WantedPort {
  readonly name: string;
  readonly service: string;
  readonly wellKnown: number;
  /** The user's own choice; 0 leaves it to the system. */
  readonly port?: number;
}

export interface PlannedPort {
  readonly name: string;
  readonly service: string;
  readonly wellKnown: number;
  /** 0: the system chooses when it is bound. One number for all transports. */
  readonly port: number;
  /** Why this number, in one sentence. */
  readonly why: string;
}

const HIGHEST_PORT = 65_535;
export const STEP = 10_000;
const SCHEME_WORDS = ["auto", "well-known", "ephemeral", "offset"] as const;

/** Reads `auto`, `well-known`, `ephemeral` or `offset:N`. */
export function parsePortScheme(text: string): PortScheme {
  if (text === "auto" || text === "well-known" || text === "ephemeral") return { type: text };
  const offset = /^offset:(\d+)$/.exec(text)?.[1];
  if (offset !== undefined && Number(offset) <= HIGHEST_PORT) return { type: "offset", by: Number(offset) };
  if (/^offset\b/.test(text)) {
    throw badScheme(text, `offset takes a number from 0 to ${HIGHEST_PORT}, such as offset:20000`);
  }
  const meant = nearest(text, SCHEME_WORDS);
  throw badScheme(
    text,
    `${meant ? `did you mean ${meant}? ` : ""}Schemes are auto, well-known, ephemeral and offset:N`,
  );
}

/**
 * Gives each instance its port, before anything is bound. Explicit ports come first; the others follow in order. A number
 * is never given twice, and what cannot be given is a `PortwrightError`.
 */
export function planPorts(
  wanted: readonly WantedPort[],
  scheme: PortScheme,
  mayBind: (port: number) => boolean,
): PlannedPort[] {
  const holders = new Map<number, WantedPort>();
  for (const instance of wanted) {
    if (instance.port === undefined) continue;
    checkRange(instance, instance.port);
    claim(holders, instance, instance.port);
  }
  return wanted.map((instance) => {
    const { name, service, wellKnown } = instance;
    return { name, service, wellKnown, ...choose(instance, scheme, mayBind, holders) };
  });
}

type Choice = Pick<PlannedPort, "port" | "why">;

function choose(
  instance: WantedPort,
  scheme: PortScheme,
  mayBind: (port: number) => boolean,
  holders: Map<number, WantedPort>,
): Choice {
  if (instance.port === 0) return { port: 0, why: "Left to the system, as asked for." };
  if (instance.port !== undefined) return { port: instance.port, why: "Asked for." };
  const { wellKnown } = instance;
  switch (scheme.type) {
    case "ephemeral":
      return { port: 0, why: "Left to the system." };
    case "well-known":
      claim(holders, instance, wellKnown);
      return { port: wellKnown, why: `The well-known port of ${instance.service}.` };
    case "offset": {
      const port = wellKnown + scheme.by;
      checkRange(instance, port, `${wellKnown} + ${scheme.by}`);
      claim(holders, instance, port);
      return { port, why: `${wellKnown} + ${scheme.by}.` };
    }
    case "auto":
      return chooseByStep(instance, mayBind, holders);
  }
}

function chooseByStep(
  instance: WantedPort,
  mayBind: (port: number) => boolean,
  holders: Map<number, WantedPort>,
): Choice {
  const { wellKnown, name } = instance;
  let obstacle = "";
  for (let port = wellKnown; port <= HIGHEST_PORT; port += STEP) {
    const holder = holders.get(port);
    if (holder !== undefined) {
      obstacle = `${port} is ${holder.name}'s`;
    } else if (!mayBind(port)) {
      obstacle = `${port} needs privilege here`;
    } else {
      holders.set(port, instance);
      if (port === wellKnown) return { port, why: `${port} may be bound here.` };
      return { port, why: `${obstacle}; ${wellKnown} + ${port - wellKnown}.` };
    }
  }
  throw new PortwrightError(
    "PORT_OUT_OF_RANGE",
    `no port is left for ${name}: ${obstacle}, and so on in steps of ${STEP}`,
    {
      place: `services.${name}`,
      remedies: [`portwright up ${portSpec(instance, 0)}`],
    },
  );
}

function checkRange(instance: WantedPort, port: number, sum?: string): void {
  if (Number.isInteger(port) && port >= 0 && port <= HIGHEST_PORT) return;
  const said = sum === undefined ? String(port) : `${sum} = ${port}`;
  throw new PortwrightError("PORT_OUT_OF_RANGE", `${said} is not a port; ports go from 0 to ${HIGHEST_PORT}`, {
    place: `services.${instance.name}.port`,
  });
}

function claim(holders: Map<number, WantedPort>, instance: WantedPort, port: number): void {
  if (port === 0) return;
  const holder = holders.get(port);
  if (holder === undefined) {
    holders.set(port, instance);
    return;
  }
  throw new PortwrightError("PORT_CLASH", `port ${port} is wanted by ${holder.name} and by ${instance.name}`, {
    place: `services.${instance.name}.port`,
    remedies: ["portwright up --ports auto", `portwright up ${portSpec(instance, 0)}`],
  });
}

/** How an instance with a port is written on the command line: `smtp:2525`, `mx2=smtp:2525`. */
export function portSpec(instance: { readonly name: string; readonly service: string }, port: number): string {
  const { name, service } = instance;
  return name === service ? `${service}:${port}` : `${name}=${service}:${port}`;
}

function badScheme(text: string, why: string): PortwrightError {
  return new PortwrightError("PORT_SCHEME_UNKNOWN", `"${text}" is not a port scheme: ${why}`, { place: "ports" });
}
