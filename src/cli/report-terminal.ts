import pino from "pino";
import pretty from "pino-pretty";
import { services } from "../../services/registry.ts";
import type { Service } from "../contract/service.ts";
import type { Entry } from "../journal/entry.ts";
import { printFields } from "../journal/print.ts";
import { hostAndPort } from "../ports/addresses.ts";
import type { Endpoint } from "../supervisor/endpoint.ts";
import { colors, isColored } from "./colors.ts";
import type { Reporter } from "./report.ts";
import { StandardOutput } from "./standard-output.ts";
import { drawTable } from "./table.ts";

/** A table of the endpoints, what failed and the way out, then a line for each exchange. */
export function terminalReporter(): Reporter {
  const output = new StandardOutput((lines) => `(${lines} lines are left out: nobody read them)`);
  const say = (text: string) => output.say(text);
  const print = pretty.prettyFactory({ colorize: isColored, ignore: "level", translateTime: "SYS:HH:MM:ss.l" });
  const log = pino({ base: null }, { write: (line) => say(print(line).trimEnd()) });
  return {
    ready(harness) {
      say(endpointTable(harness.endpoints));
      for (const endpoint of harness.endpoints) if (endpoint.status === "failed") say(trouble(endpoint));
      const tls = harness.endpoints.some(({ service, status }) => status === "ready" && serviceOf(service)?.tls);
      if (tls)
        say(
          colors.dim(`TLS clients trust the authority that --ca-file FILE writes (SHA-256 ${harness.ca.fingerprint}).`),
        );
      if (harness.endpoints.some(({ status }) => status === "ready")) say(colors.dim("Ready. Ctrl-C stops."));
    },
    follow(journal) {
      journal.onEntry((entry) => {
        const line = lineOf(entry);
        if (line !== undefined) log.info(line);
      });
    },
    shadowed: (shadows) => {
      for (const shadow of shadows) say(trouble(shadow));
    },
    stopping: (sessions) =>
      say(
        sessions > 0 ? `Stopping: ${sessions} session(s) are told goodbye; Ctrl-C again ends them now.` : "Stopping.",
      ),
    stopped: () => {
      say("Stopped.");
      return output.flush();
    },
    flush: () => output.flush(),
  };
}

function serviceOf(name: string): Service | undefined {
  return (services as unknown as { readonly [name: string]: Service })[name];
}

/** One row for each service and transport, its addresses together. */
function endpointTable(endpoints: readonly Endpoint[]): string {
  const rows = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const key = `${endpoint.name}/${endpoint.transport}`;
    rows.set(key, [...(rows.get(key) ?? []), endpoint]);
  }
  const cells = [...rows.values()].map((row) => {
    const [first] = row as [Endpoint, ...Endpoint[]];
    const { name, service, transport, wellKnown } = first;
    const ready = row.find(({ status }) => status === "ready");
    const where = row.map(({ host, port, status }) =>
      status === "ready" ? colors.green(hostAndPort(host, port)) : colors.red(`${hostAndPort(host, port)} failed`),
    );
    const example = ready ? (serviceOf(service)?.example({ host: ready.host, port: ready.port, transport }) ?? "") : "";
    return [name, `${wellKnown}/${transport}`, where.join("\n"), example];
  });
  return drawTable(["service", "IANA", "listens on", "try"], cells);
}

function trouble({ reason, remedies }: Pick<Endpoint, "reason" | "remedies">): string {
  const ways = (remedies ?? []).map((remedy) => `    ${colors.cyan(remedy)}`);
  return [colors.red(reason ?? "failed"), ...ways].join("\n");
}

function summaryOf({ session, request, reply }: Extract<Entry, { kind: "exchange" }>): string {
  const fields = () => `${printFields(request)} -> ${printFields(reply) || "no answer"}`;
  return serviceOf(session.service)?.summary?.(request, reply) ?? fields();
}

function lineOf(entry: Entry): string | undefined {
  const { name, id, transport, peer } = entry.session;
  const who = `${name} ${transport === "udp" ? "udp" : `#${id}`} ${hostAndPort(peer.address, peer.port)}`;
  switch (entry.kind) {
    case "open":
      return `${who} connected`;
    case "exchange":
      return `${who} ${summaryOf(entry)}`;
    case "note":
      return `${who} ${entry.event} ${printFields(entry.detail)}`;
    case "close":
      return `${who} closed by ${entry.how}${entry.error ? ` (${entry.error})` : ""}`;
    default:
      return undefined;
  }
}
