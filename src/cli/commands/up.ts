import type { ArgumentsCamelCase, CommandModule, InferredOptionTypes } from "yargs";
import { formatOf } from "../../capture/formats.ts";
import { PortwrightError } from "../../errors.ts";
import { isLoopback } from "../../ports/addresses.ts";
import { Harness } from "../../supervisor/harness.ts";
import type { Settings } from "../../supervisor/settings.ts";
import { writeWholeFile } from "../../whole-file.ts";
import { durationMs } from "../../wire/duration.ts";
import { EXIT } from "../exit.ts";
import type { Reporter } from "../report.ts";
import { type PlanArguments, settingsOf, withPlan } from "../settings.ts";

/** How long sessions may take to say goodbye when a person stops the harness. */
const GRACE_MS = 5000;

const upOptions = {
  allow: { type: "string", array: true, requiresArg: true, describe: "Answer only these CIDR blocks" },
  strict: { type: "boolean", describe: "Exit with 1 if any endpoint fails" },
  "port-file": { type: "string", requiresArg: true, describe: "Write the endpoints as JSON here, once they are ready" },
  // Not `--env-file`: Node 20 takes that for itself, wherever it stands.
  "port-env": {
    type: "string",
    requiresArg: true,
    describe: "Write PORTWRIGHT_SMTP=127.0.0.1:10025 ... here, once they are ready",
  },
  "ca-file": {
    type: "string",
    requiresArg: true,
    describe: "Write the certificate authority here, for TLS clients to trust",
  },
  capture: {
    type: "string",
    requiresArg: true,
    describe: "Write what happens here, while it happens: FILE.pcapng, .har, .jsonl or .txt",
  },
  json: { type: "boolean", describe: "One JSON object a line on stdout [default: when piped]" },
  triggers: {
    type: "boolean",
    describe: "Requests may provoke faults by themselves, such as mail to 452@fault.test",
  },
  seed: { type: "number", requiresArg: true, describe: "Seed of everything random [default: 1]" },
  for: { type: "string", requiresArg: true, describe: "Stop after this time, such as 10s, 5m or 500ms" },
  user: { type: "string", requiresArg: true, describe: "Started as root: become this user once every port is bound" },
  quiet: { type: "boolean", describe: "No line for each exchange" },
} as const;

type UpOptions = PlanArguments & InferredOptionTypes<typeof upOptions>;
type UpArguments = ArgumentsCamelCase<UpOptions>;

export const upCommand: CommandModule<object, UpOptions> = {
  command: "up [services..]",
  describe: "Start services, and say where each one listens",
  builder: (command) =>
    withPlan(command)
      .options(upOptions)
      .example("$0 up", "every service, on well-known ports where permitted")
      .example("$0 up smtp:2525 dns", "two services, one on a port of your choice")
      .example("$0 up --port-file ports.json --json", "for programs"),
  handler: (args) => up(args),
};

async function up(args: UpArguments): Promise<void> {
  const runForMs = parseDuration(args.for);
  if (args.capture !== undefined) formatOf(args.capture);
  const overrides = { allow: args.allow, seed: args.seed, user: args.user, triggers: args.triggers };
  const { settings, strict, graceMs = GRACE_MS } = await settingsOf(args, overrides);
  warnOfExposure(settings);
  const reporter = await makeReporter(args.json ?? !process.stdout.isTTY);
  const harness = new Harness(settings);
  const interrupts = watchInterrupts();
  let isStarting = true;
  void interrupts.second.then(() => {
    process.exitCode = EXIT.interrupted;
    if (isStarting) process.exit();
    harness.destroy();
  });
  const failed = await openAll(harness, args);
  isStarting = false;
  reporter.ready(harness);
  if (failed > 0 && ((args.strict ?? strict) || failed === harness.endpoints.length)) {
    process.exitCode = EXIT.failed;
    await harness.stop({ graceMs: 0 });
    await reporter.flush();
    process.exit();
  }
  if (!args.quiet) reporter.follow(harness.journal);
  void reportShadows(harness, reporter);
  await Promise.race([interrupts.first, ...(runForMs === undefined ? [] : [timeOut(runForMs)])]);
  reporter.stopping(harness.sessions.length);
  await harness.stop({ graceMs });
  await reporter.stopped();
  // Not left to the end of everything: lines that nobody reads would keep the process for ever.
  process.exit();
}

async function makeReporter(json: boolean): Promise<Reporter> {
  if (json) return (await import("../report-json.ts")).jsonReporter();
  return (await import("../report-terminal.ts")).terminalReporter();
}

/** Starts everything and writes the files; returns how many endpoints failed. */
async function openAll(harness: Harness, args: UpArguments): Promise<number> {
  try {
    await harness.open();
    writeFiles(harness, args);
    if (args.capture !== undefined) harness.capture(args.capture, { past: true, failed: captureFailed });
  } catch (error) {
    await harness.stop({ graceMs: 0 });
    throw error;
  }
  return harness.endpoints.filter((endpoint) => endpoint.status === "failed").length;
}

/** Looks for other processes with the same numbers; takes its time, and nobody waits for it. */
async function reportShadows(harness: Harness, reporter: Reporter): Promise<void> {
  try {
    const { findShadows } = await import("../../ports/shadows.ts");
    reporter.shadowed(await findShadows(harness.endpoints.filter(({ status }) => status === "ready")));
  } catch (error) {
    process.stderr.write(`portwright: other processes could not be looked for: ${(error as Error).message}\n`);
  }
}

/** Writes what other programs read: each file whole, or not at all. */
function writeFiles(harness: Harness, args: UpArguments): void {
  const caFile = args.caFile === undefined ? undefined : harness.ca.file(args.caFile);
  if (args.portFile === undefined && args.portEnv === undefined) return;
  const env = { ...harness.env, ...(caFile === undefined ? {} : { PORTWRIGHT_CA_FILE: caFile }) };
  if (args.portFile !== undefined) {
    writeWholeFile(
      args.portFile,
      `${JSON.stringify({ pid: process.pid, env, endpoints: harness.endpoints }, null, 2)}\n`,
    );
  }
  if (args.portEnv !== undefined) {
    writeWholeFile(
      args.portEnv,
      Object.entries(env)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    );
  }
}

/** The services go on: whoever uses them has not asked for the capture. */
function captureFailed(error: PortwrightError): void {
  process.stderr.write(`portwright: ${error.message}; the capture ends here\n`);
}

function warnOfExposure({ hosts, allow, instances }: Settings): void {
  const beyond = hosts.filter((host) => !isLoopback(host));
  if (beyond.length === 0) return;
  const who = allow.length > 0 ? `from ${allow.join(", ")} ` : "";
  const names = instances.map(({ name }) => name).join(", ");
  process.stderr.write(
    `WARNING: other machines can reach these services ${who}on ${beyond.join(" and ")}: ${names}.\n` +
      "         They let everybody in with published passwords. Leave --expose out unless you mean it.\n",
  );
}

/** Ctrl-C and its like: the first asks for a stop, the second for an end. */
function watchInterrupts(): { readonly first: Promise<void>; readonly second: Promise<void> } {
  const asked: (() => void)[] = [];
  const [first, second] = [0, 1].map(() => new Promise<void>((resolve) => asked.push(resolve))) as [
    Promise<void>,
    Promise<void>,
  ];
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => asked.shift()?.());
  return { first, second };
}

function timeOut(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function parseDuration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = durationMs(text);
  if (ms === undefined) {
    throw new PortwrightError("USAGE", `--for ${text}: expected a time such as 10s, 5m or 500ms, at most 596h`);
  }
  return ms;
}
