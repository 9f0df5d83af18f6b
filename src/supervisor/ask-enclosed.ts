import type { AskEnclosed } from "../contract/enclosed.ts";
import type { Output } from "../contract/machine.ts";
import type { Context } from "../contract/service.ts";
import type { RunningInstance } from "./running-instance.ts";

/** How other services ask an instance by messages of its protocol that came inside theirs. */
export function askEnclosed(instance: RunningInstance, context: Context<unknown>): AskEnclosed | undefined {
  const { service, name, rules } = instance;
  const { enclosed } = service;
  const of = { service: service.name, name };
  return (
    enclosed &&
    ((message) => {
      const outputs: Output[] = [];
      const tell = (rule: string) =>
        outputs.push({ do: "enclosed", of, output: { do: "note", event: "rule", detail: { rule } } });
      const asker = { transport: "enclosed", peer: message.peer } as const;
      const exchange = enclosed.respond(message, context, rules.forSession(asker, tell));
      if (!exchange) return undefined;
      const { request, reply, octets, freshSeconds, ruling } = exchange;
      outputs.push({ do: "enclosed", of, output: { do: "exchange", request, reply } });
      return { octets, freshSeconds, ruling, outputs };
    })
  );
}
