import type { CommandModule } from "yargs";
import { hostAndPort } from "../../ports/addresses.ts";
import { type WhoReport, whoReport } from "../../ports/report.ts";
import { jsonOption, print, table } from "../output.ts";

interface WhoArguments {
  readonly port: string;
  readonly json: boolean | undefined;
}

export const whoCommand: CommandModule<object, WhoArguments> = {
  command: "who <port>",
  describe: "Show who holds a port",
  builder: (command) =>
    command
      .positional("port", { type: "string", demandOption: true, describe: "PORT, PORT/tcp or PORT/udp" })
      .option("json", jsonOption)
      .example("$0 who 53/udp", "usually systemd-resolved"),
  handler: async ({ port, json }) => {
    const report = await whoReport(port);
    await print(report, json, () => printHolders(report));
  },
};

async function printHolders(report: readonly WhoReport[]): Promise<string> {
  const owners = report.flatMap((one) => one.owners);
  const none = report
    .filter((one) => one.owners.length === 0)
    .map(({ port, transport, noWay }) => noWay ?? `Nobody holds ${port}/${transport}.`);
  if (owners.length === 0) return none.join("\n");
  const rows = owners.map(({ address, port, transport, state, pid, command, user }) => [
    `${hostAndPort(address, port)}/${transport}`,
    state,
    String(pid ?? "hidden"),
    user ?? "hidden",
    command ?? "hidden: ask as root",
  ]);
  return [await table(["address", "state", "pid", "user", "command"], rows), ...none].join("\n");
}
