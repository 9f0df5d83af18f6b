import type { Service, Transport } from "../contract/service.ts";
import { type PlannedPort, planPorts } from "../ports/plan.ts";
import { mayBind } from "../ports/privilege.ts";
import type { Binding } from "./binding.ts";
import { bracketed, type Endpoint, type Instance } from "./endpoint.ts";
import type { Settings } from "./settings.ts";

export interface Bound {
  readonly service: Service;
  readonly endpoint: Endpoint;
}

/** How many numbers are tried when the system chooses one that is taken on another address or transport. */
const CHOICES = 100;

type MakeBinding = (instance: Instance, host: string) => Binding;

/** Binds every instance on every host, as planned. What fails is reported, and stops nothing else. */
export async function bindAll(settings: Settings, makeBinding: MakeBinding): Promise<Bound[]> {
  const plan = planOf(settings);
  const bound = await Promise.all(
    settings.instances.map((instance, at) =>
      bindInstance(instance, plan[at] as PlannedPort, settings.hosts, makeBinding),
    ),
  );
  return bound.flat();
}

/** The ports that these settings lead to on this machine, decided before anything is bound. */
export function planOf(settings: Pick<Settings, "instances" | "ports" | "hosts">): PlannedPort[] {
  const wanted = settings.instances.map(({ name, service, port }) => ({
    name,
    service: service.name,
    wellKnown: service.port,
    ...(port === undefined ? {} : { port }),
  }));
  const allowed = (port: number) => settings.hosts.every((host) => mayBind(port, host).allowed);
  return planPorts(wanted, settings.ports, allowed);
}

async function bindInstance(
  instance: Instance,
  planned: PlannedPort,
  hosts: readonly string[],
  makeBinding: MakeBinding,
): Promise<Bound[]> {
  const bindings = hosts.map((host) => makeBinding(instance, host));
  for (let choice = 1; ; choice += 1) {
    const outcomes = await bindOnce(instance, planned.port, bindings);
    const unlucky = planned.port === 0 && outcomes.some(({ error }) => error?.code === "EADDRINUSE");
    if (!unlucky || choice === CHOICES) {
      return Promise.all(outcomes.map((outcome) => report(instance, outcome, planned)));
    }
    await Promise.all(bindings.map((binding) => binding.close({ again: true })));
  }
}

interface Outcome {
  readonly host: string;
  readonly transport: Transport;
  readonly port: number;
  readonly error?: NodeJS.ErrnoException;
}

/** TCP first, then UDP on the same number; the first host's choice is everybody's. */
async function bindOnce(instance: Instance, planned: number, bindings: readonly Binding[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let port = planned;
  for (const transport of ["tcp", "udp"] as const) {
    if (!instance.service.transports.includes(transport)) continue;
    let rest = bindings;
    while (port === 0 && rest.length > 0) {
      const [first, ...others] = rest as [Binding, ...Binding[]];
      const outcome = await bindOne(first, transport, 0);
      outcomes.push(outcome);
      port = outcome.port;
      rest = others;
    }
    outcomes.push(...(await Promise.all(rest.map((binding) => bindOne(binding, transport, port)))));
  }
  return outcomes;
}

async function bindOne(binding: Binding, transport: Transport, port: number): Promise<Outcome> {
  const { host } = binding;
  try {
    return { host, transport, port: await binding.bind(transport, port) };
  } catch (error) {
    return { host, transport, port, error: error as NodeJS.ErrnoException };
  }
}

async function report(instance: Instance, outcome: Outcome, planned: PlannedPort): Promise<Bound> {
  const { service, name } = instance;
  const { host, transport, port, error } = outcome;
  const endpoint: Endpoint = {
    name,
    service: service.name,
    transport,
    wellKnown: service.port,
    host,
    port,
    url: `${service.scheme}://${bracketed(host)}:${port}`,
    status: "ready",
  };
  if (!error) return { service, endpoint };
  // Loaded when something fails: a start that succeeds does not pay for it.
  const { diagnose } = await import("../ports/diagnose.ts");
  const diagnosis = await diagnose(
    { name, service: service.name, wellKnown: planned.wellKnown, host, port, transport },
    error,
  );
  return { service, endpoint: { ...endpoint, status: "failed", ...diagnosis } };
}
