import type { CommandModule, InferredOptionTypes } from "yargs";
import { hostAndPort } from "../../ports/addresses.ts";
import { type PortReport, portsReport } from "../../ports/report.ts";
import { planOf } from "../../supervisor/bind-all.ts";
import { jsonOption, print, table } from "../output.ts";
import { type PlanArguments, registry, settingsOf, withPlan } from "../settings.ts";

const portsOptions = { json: jsonOption } as const;

type PortsArguments = PlanArguments & InferredOptionTypes<typeof portsOptions>;

export const portsCommand: CommandModule<object, PortsArguments> = {
  command: "ports [services..]",
  describe: "Show which port each service would get, and what is in the way, without starting anything",
  builder: (command) =>
    withPlan(command).options(portsOptions).example("$0 ports --ports well-known", "may I have them?"),
  handler: async (args) => {
    const { settings } = await settingsOf(args);
    const plan = planOf(settings).map((planned) => ({
      ...planned,
      transports: registry[planned.service]?.transports ?? [],
    }));
    const report = await portsReport(plan, settings.hosts);
    await print(report, args.json, () => printPlan(report));
  },
};

async function printPlan(report: readonly PortReport[]): Promise<string> {
  const { colors } = await import("../colors.ts");
  const rows = report.map(({ name, wellKnown, transport, host, port, status, why }) => [
    name,
    `${wellKnown}/${transport}`,
    hostAndPort(host, port),
    status === "free" || status === "chosen-later" ? colors.green(status) : colors.red(status),
    why,
  ]);
  const troubles = new Map<string, readonly string[]>();
  for (const { reason, remedies } of report) if (reason) troubles.set(reason, remedies ?? []);
  const ways = [...troubles].map(([reason, remedies]) =>
    [colors.red(reason), ...remedies.map((remedy) => `    ${colors.cyan(remedy)}`)].join("\n"),
  );
  return [await table(["service", "IANA", "would listen on", "status", "why"], rows), ...ways].join("\n");
}
