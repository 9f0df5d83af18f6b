import { readFileSync } from "node:fs";
import * as v from "valibot";
import type { CommandModule } from "yargs";
import { PortwrightError } from "../../errors.ts";
import { hostAndPort } from "../../ports/addresses.ts";
import { prove } from "../../supervisor/prove.ts";
import { trusting } from "../../transport/client.ts";
import { EXIT } from "../exit.ts";
import { jsonOption, print, table } from "../output.ts";
import { registry } from "../settings.ts";

/** What `up --port-file` writes, as far as it is read here. */
const portFileSchema = v.object({
  env: v.object({ PORTWRIGHT_CA_FILE: v.optional(v.string()) }),
  endpoints: v.array(
    v.object({
      name: v.string(),
      service: v.string(),
      transport: v.picklist(["tcp", "udp"]),
      host: v.string(),
      port: v.number(),
      status: v.picklist(["ready", "failed"]),
      reason: v.optional(v.string()),
    }),
  ),
});

type PortFile = v.InferOutput<typeof portFileSchema>;
type Listed = PortFile["endpoints"][number];

interface CheckArguments {
  readonly file: string;
  readonly json: boolean | undefined;
}

export const checkCommand: CommandModule<object, CheckArguments> = {
  command: "check <file>",
  describe: "Have a real exchange with every endpoint of a harness that runs",
  builder: (command) =>
    command
      .positional("file", { type: "string", demandOption: true, describe: "What up --port-file wrote" })
      .option("json", jsonOption)
      .example("$0 check ports.json", "exits with 1 if one does not answer"),
  handler: async ({ file, json }) => {
    const { env, endpoints } = read(file);
    const ca = env.PORTWRIGHT_CA_FILE === undefined ? undefined : readText(env.PORTWRIGHT_CA_FILE);
    const checked = await Promise.all(endpoints.map((endpoint) => check(endpoint, ca)));
    if (checked.some(({ status }) => status === "failed")) process.exitCode = EXIT.failed;
    await print(checked, json, () =>
      table(
        ["service", "listens on", "status"],
        checked.map(({ name, host, port, transport, status, reason }) => [
          name,
          `${hostAndPort(host, port)}/${transport}`,
          reason === undefined ? status : `${status}: ${reason}`,
        ]),
      ),
    );
  },
};

async function check(endpoint: Listed, ca: string | undefined): Promise<Listed> {
  const service = registry[endpoint.service];
  const steps = service?.probe[endpoint.transport];
  if (endpoint.status === "failed" || !steps) return endpoint;
  try {
    if (service.tls && ca === undefined) throw new Error("it cannot be verified; start it with --ca-file");
    await prove(steps, {
      host: endpoint.host,
      port: endpoint.port,
      transport: endpoint.transport,
      tls: service.tls && ca !== undefined ? trusting(ca, "localhost") : undefined,
    });
    return endpoint;
  } catch (error) {
    return { ...endpoint, status: "failed", reason: (error as Error).message };
  }
}

function read(path: string): PortFile {
  try {
    return v.parse(portFileSchema, JSON.parse(readText(path)));
  } catch (cause) {
    if (cause instanceof PortwrightError) throw cause;
    throw new PortwrightError("USAGE", `not a file that up --port-file wrote: ${(cause as Error).message}`, {
      place: path,
      cause,
    });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new PortwrightError("USAGE", `cannot be read: ${(cause as Error).message}`, { place: path, cause });
  }
}
