import pino from "pino";
import type { Entry } from "../journal/entry.ts";
import { hostAndPort } from "../ports/addresses.ts";
import { plainFields, type Reporter } from "./report.ts";

/** What may wait for a reader that does not read; more is dropped, lest the services wait for it. */
const MOST_WAITING_OCTETS = 8 * 1024 * 1024;
/** How long the last lines may take to leave. */
const FLUSH_MS = 1000;

/** One JSON object a line on stdout; the first is `ready`. A reader that is slow or gone never holds up the services. */
export function jsonReporter(): Reporter {
  const stdout = pino.destination({ dest: 1, sync: false, maxLength: MOST_WAITING_OCTETS });
  let open = true;
  stdout.on("error", () => {
    open = false; // the reader is gone (EPIPE): nobody is left to be told
  });
  const say = (event: object) => {
    if (open) stdout.write(`${JSON.stringify(event)}\n`);
  };
  return {
    ready: (harness) => say({ event: "ready", endpoints: harness.endpoints, env: harness.env }),
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
      return new Promise((resolve) => {
        const late = setTimeout(resolve, FLUSH_MS);
        const left = () => {
          clearTimeout(late);
          resolve();
        };
        if (open) stdout.flush(left);
        else left();
      });
    },
  };
}

function eventOf(entry: Entry): object | undefined {
  const { session, time } = entry;
  const peer = hostAndPort(session.peer.address, session.peer.port);
  const where = { time, service: session.name, session: session.id, transport: session.transport, peer };
  switch (entry.kind) {
    case "open":
      return { event: "open", ...where };
    case "exchange":
      return { event: "exchange", ...where, request: plainFields(entry.request), reply: plainFields(entry.reply) };
    case "note":
      return { event: "note", ...where, note: entry.event, detail: plainFields(entry.detail) };
    case "close":
      return { event: "close", ...where, how: entry.how, ...(entry.error ? { error: entry.error } : {}) };
    default:
      return undefined;
  }
}
