import { services } from "../../services/registry.ts";
import type { Service } from "../../src/contract/service.ts";
import { faultsOf } from "../repo/tables.ts";

/** Every service, with its name. */
export const ALL = (Object.values(services) as unknown as readonly Service[]).map(
  (service) => [service.name, service] as const,
);

const OF_DATAGRAMS = /"udp"|"duplicate"|"reorder"|"source"/;

/** The rules of a service's fault table; over TLS it is the table of what is inside, without its datagrams. */
export async function goodRules({ name, tls, stub }: Service): Promise<readonly { readonly [key: string]: unknown }[]> {
  const inner = tls && ALL.find(([, other]) => other.stub === stub && !other.tls);
  const faults = await faultsOf(inner?.[0] ?? name);
  const rules = (faults ?? []).map(({ rule }) => rule);
  return inner ? rules.filter((rule) => !OF_DATAGRAMS.test(JSON.stringify(rule))) : rules;
}
