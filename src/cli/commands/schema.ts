import type { CommandModule } from "yargs";
import { registry } from "../settings.ts";

export const schemaCommand: CommandModule = {
  command: "schema",
  describe: "Print the JSON Schema of the configuration file, for editors",
  builder: (command) =>
    command.example("$0 schema > portwright.schema.json", "then: # yaml-language-server: $schema=..."),
  handler: async () => {
    const { configJsonSchema } = await import("../../config/json-schema.ts");
    process.stdout.write(`${JSON.stringify(configJsonSchema(registry), null, 2)}\n`);
  },
};
