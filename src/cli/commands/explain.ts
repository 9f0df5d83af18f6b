import type { CommandModule } from "yargs";
import { PortwrightError } from "../../errors.ts";
import { type Explanation, explain } from "../../ports/iana.ts";
import { jsonOption, print } from "../output.ts";
import { registry } from "../settings.ts";

interface ExplainArguments {
  readonly port: string;
  readonly json: boolean | undefined;
}

export const explainCommand: CommandModule<object, ExplainArguments> = {
  command: "explain <port>",
  describe: "Explain a port number or service name: IANA's entry, what it is for, who may bind it here",
  builder: (command) =>
    command
      .positional("port", { type: "string", demandOption: true, describe: "PORT or NAME" })
      .option("json", jsonOption)
      .example("$0 explain 25", "what is port 25?")
      .example("$0 explain imaps", "where is it?"),
  handler: async ({ port, json }) => {
    const explanation = await explain(String(port), Object.values(registry));
    if (explanation.ports.length === 0) {
      const near = explanation.nearest.join(", ");
      throw new PortwrightError("USAGE", `IANA knows no service "${port}"${near ? `; did you mean ${near}?` : ""}`);
    }
    await print(explanation, json, () => printExplanation(explanation));
  },
};

function printExplanation({ entries, ports }: Explanation): string {
  const blocks = ports.map(({ port, range, served, stoodIn, privilege }) => {
    const here = entries.filter((entry) => entry.port === port);
    const assigned = here.map(({ name, transports, description }) => {
      return `  IANA: ${name || "(reserved)"} over ${transports.join(" and ") || "no transport"}: ${description}`;
    });
    const titles = served.map((name) => `${name} (${registry[name]?.title}; ${registry[name]?.specs.join(", ")})`);
    return [
      `Port ${port}, a ${range.name} port (${range.from} to ${range.to}: ${range.meaning}).`,
      ...(assigned.length > 0 ? assigned : ["  IANA has assigned it to nobody."]),
      ...titles.map((title) => `  Portwright serves it: ${title}.`),
      ...stoodIn.map((name) => `  Portwright's ${name} comes here where it may not have port ${registry[name]?.port}.`),
      `  ${privilege.allowed ? "You may bind it here" : "You may not bind it here"}: ${privilege.why}.`,
    ].join("\n");
  });
  return blocks.join("\n\n");
}
