import type { Fields } from "../contract/machine.ts";
import type { Entry } from "../journal/entry.ts";
import { plainFields } from "../journal/plain.ts";
import { withoutSecrets } from "../journal/print.ts";
import { hostAndPort } from "../ports/addresses.ts";
import type { Reporter } from "./report.ts";
import { registry } from "./settings.ts";
import { StandardOutput } from "./standard-output.ts";

/** A longer text is cut: a line is to tell what happened, and not to carry it. */
const SHOWN_CHARACTERS = 16 * 1024;

/** One JSON object a line on stdout; the first is `ready`. */
export function jsonReporter(): Reporter {
  const output = new StandardOutput((lines) => JSON.stringify({ event: "left-out", lines }));
  const say = (event: object) => output.say(JSON.stringify(event, shorten));
  return {
    ready: (harness) => say({ event: "ready", endpoints: harness.endpoints }),
    follow: (journal) => {
      journal.onEntry((entry) => {
        const event = eventOf(entry);
        if (event) say(event);
      });
    },
    shadowed: (shadows) => {
      for (const { binding, ...shadow } of shadows) say({ event: "shadowed", ...binding, ...shadow });
    },
    stopping: (sessions) => say({ event: "stopping", sessions }),
    stopped: () => {
      say({ event: "stopped" });
      return output.flush();
    },
    flush: () => output.flush(),
  };
}

function shorten(_key: string, value: unknown): unknown {
  if (typeof value !== "string" || value.length <= SHOWN_CHARACTERS) return value;
  return `${value.slice(0, SHOWN_CHARACTERS)}... (${value.length} in all)`;
}

function eventOf(entry: Entry): object | undefined {
  const { session, time } = entry;
  const peer = hostAndPort(session.peer.address, session.peer.port);
  const { name, service, id, transport } = session;
  const shown = (fields: Fields, side: "request" | "reply") => {
    return plainFields(withoutSecrets(fields, registry[service]?.[side] ?? {}));
  };
  const where = { time, name, service, session: id, transport, peer };
  switch (entry.kind) {
    case "open":
      return { event: "open", ...where };
    case "exchange":
      return {
        event: "exchange",
        ...where,
        request: shown(entry.request, "request"),
        reply: shown(entry.reply, "reply"),
      };
    case "note":
      return { event: "note", ...where, note: entry.event, detail: plainFields(entry.detail) };
    case "close":
      return { event: "close", ...where, how: entry.how, ...(entry.error ? { error: entry.error } : {}) };
    default:
      return undefined;
  }
}
