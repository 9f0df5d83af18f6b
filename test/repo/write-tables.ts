import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { services } from "../../services/registry.ts";
import type { Service } from "../../src/contract/service.ts";
import { generatedTables, SERVICES, withTables } from "./tables.ts";

// `npm run tables`: fills the tables of the services' READMEs that are made from their definitions.
for (const service of Object.values(services) as unknown as readonly Service[]) {
  const file = join(SERVICES, service.name, "README.md");
  try {
    const page = readFileSync(file, "utf8");
    const filled = withTables(page, await generatedTables(service));
    if (filled === page) continue;
    writeFileSync(file, filled);
    process.stdout.write(`wrote services/${service.name}/README.md\n`);
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`services/${service.name}/README.md: ${(error as Error).message}\n`);
  }
}
