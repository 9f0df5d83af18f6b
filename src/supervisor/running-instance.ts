import type { Service, Transport } from "../contract/service.ts";
import type { Journal } from "../journal/journal.ts";
import { RuleSet } from "../stub/rule-set.ts";
import { seededRandom } from "../world/random.ts";
import type { Binding } from "./binding.ts";
import type { Endpoint, Instance } from "./endpoint.ts";
import { ServiceHandle } from "./service-handle.ts";
import type { Settings } from "./settings.ts";

export interface RunningParts {
  readonly settings: Settings;
  readonly journal: Journal;
  /** Of every instance; they are bound later. */
  readonly bindings: readonly Binding[];
  endpoint(where: { readonly transport?: Transport; readonly host?: string }): Endpoint;
}

/** An instance as the harness runs it: its rules, and its handle. */
export interface RunningInstance {
  readonly name: string;
  readonly service: Service;
  readonly rules: RuleSet;
  readonly handle: ServiceHandle;
  /** Back to the rules of the document, and to the first random number. */
  reset(): void;
  /** From now on its ports are closed while a rule refuses them. */
  followRefusals(): void;
}

/** Makes what an instance needs besides its ports. */
export function runningInstance(instance: Instance, parts: RunningParts): RunningInstance {
  const { name, service, rules: written } = instance;
  const { clock, seed, triggers } = parts.settings;
  // Random numbers of its own, so that what others do changes nothing here.
  let random = seededRandom(seed);
  const rules = new RuleSet({ service, name, clock, random: () => random(), triggers, written });
  const bindings = () => parts.bindings.filter((binding) => binding.instance.name === name);
  const handle = new ServiceHandle({
    name,
    rules,
    journal: parts.journal,
    endpoint: parts.endpoint,
    sessions: () => bindings().flatMap((binding) => [...binding.sessions]),
    ready: async () => {
      await Promise.all(bindings().map((binding) => binding.reopened));
    },
  });
  const follow = () => {
    for (const binding of bindings()) binding.refuse((transport) => rules.isRefused(transport));
  };
  return {
    name,
    service,
    rules,
    handle,
    reset() {
      random = seededRandom(seed);
      rules.reset();
    },
    followRefusals() {
      rules.onRefusal = follow;
      follow();
    },
  };
}
