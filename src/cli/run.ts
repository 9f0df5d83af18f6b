import yargs from "yargs";
import { PortwrightError } from "../errors.ts";
import { checkCommand } from "./commands/check.ts";
import { explainCommand } from "./commands/explain.ts";
import { portsCommand } from "./commands/ports.ts";
import { schemaCommand } from "./commands/schema.ts";
import { upCommand } from "./commands/up.ts";
import { whoCommand } from "./commands/who.ts";
import { EXIT } from "./exit.ts";
import { registry } from "./settings.ts";

const USAGE = `Portwright: real network services on their well-known ports.

Usage: $0 <command> [options]

A service is written [NAME=]SERVICE[:PORT], such as smtp, smtp:2525 or backup=smtp:2526.`;

const EPILOGUE = `Examples:
  portwright up                          every service
  portwright up smtp dns --for 10s       two of them, for ten seconds
  portwright ports                       what would listen where, and what is in the way
  portwright who 53/udp                  who holds a port
  portwright explain 25                  what a port is for, and who may bind it here

Exit codes: 0 done; 1 an endpoint failed (with --strict, or all of them; for check, any); 2 wrong arguments or configuration; 130 interrupted twice.`;

/** Parses the command line and runs its command. */
export async function run(args: readonly string[], version: string): Promise<void> {
  const parser = yargs([...args])
    .scriptName("portwright")
    .usage(USAGE)
    .command(upCommand)
    .command(checkCommand)
    .command(portsCommand)
    .command(whoCommand)
    .command(explainCommand)
    .command(schemaCommand)
    .locale("en")
    .parserConfiguration({ "greedy-arrays": false })
    .check(isUnambiguous)
    .demandCommand(1, "Which command? `portwright up` starts every service.")
    .strict()
    .recommendCommands()
    .version(version)
    .alias("version", "V")
    .help()
    .alias("help", "h")
    .epilogue(EPILOGUE)
    .wrap(Math.min(process.stdout.columns ?? 100, 120))
    .exitProcess(false)
    .fail((message, error) => {
      // An option without its value comes as an error of yargs's own.
      throw error && error.name !== "YError" ? error : new PortwrightError("USAGE", message);
    });
  // A reader may have seen enough (`| head -1`): that is no mistake, and no news.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", leave);
  try {
    refuseService(args);
    await parser.parseAsync();
  } catch (error) {
    fail(error);
  }
}

/** Who types `portwright smtp` has forgotten a word. */
function refuseService(args: readonly string[]): void {
  const [service = ""] = (args[0] ?? "").split(":");
  if (!Object.hasOwn(registry, service)) return;
  const remedies = [`portwright up ${args.join(" ")}`];
  throw new PortwrightError("USAGE", `${service} is a service, and no command`, { remedies });
}

/** What may be given several times. */
const SEVERAL = new Set(["_", "services", "host", "allow"]);

function isUnambiguous(args: { readonly _: readonly unknown[]; readonly [name: string]: unknown }): true {
  for (const [name, value] of Object.entries(args)) {
    if (Array.isArray(value) && !SEVERAL.has(name)) throw new PortwrightError("USAGE", `--${name} is given twice`);
  }
  const [, unexpected] = args._;
  if (unexpected !== undefined) throw new PortwrightError("USAGE", `"${String(unexpected)}" means nothing behind --`);
  return true;
}

function leave(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") process.exitCode = EXIT.failed;
}

/** Says what was wrong and what to type next; a mistake of our own shows its stack. */
function fail(error: unknown): void {
  if (!(error instanceof PortwrightError)) {
    process.stderr.write(`portwright: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = EXIT.failed;
    return;
  }
  process.stderr.write(`portwright: ${error.message}\n`);
  for (const remedy of error.remedies) process.stderr.write(`  try: ${remedy}\n`);
  if (error.code === "USAGE") process.stderr.write("  try: portwright --help\n");
  process.exitCode = error.code === "START_FAILED" ? EXIT.failed : EXIT.usage;
}
