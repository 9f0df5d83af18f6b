import { type ServiceName, services } from "../../services/registry.ts";
import { keyOf, sessionTranscript } from "../capture/transcript.ts";
import type { Service } from "../contract/service.ts";
import type { Entry } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import { withoutSecretOctets } from "./without-secrets.ts";

/** How much is shown: of one session, and of them all the last so many. */
const SHOWN_LINES = 60;
const SHOWN_SESSIONS = 10;
const SHOWN_CHARACTERS = 200;

/** What the services saw, for the report of a test that failed: each session as a dialogue, without secrets. */
export function transcriptOf(journal: Journal): string {
  const sessions = new Map<string, Entry[]>();
  for (const entry of journal.find()) {
    const key = keyOf(entry.session);
    const entries = sessions.get(key);
    if (entries) entries.push(entry);
    else sessions.set(key, [entry]);
  }
  const all = [...sessions.values()].filter(isOfTest);
  const left = Math.max(0, all.length - SHOWN_SESSIONS);
  const shown = all.slice(left).map(printSession);
  return [...(left > 0 ? [`# ${left} earlier sessions are left out`] : []), ...shown].join("\n").trimEnd();
}

/** Some of it happened in the test, and not only its end. */
function isOfTest(entries: readonly Entry[]): boolean {
  return entries.some(({ kind }) => kind !== "end" && kind !== "close");
}

function printSession(entries: readonly Entry[]): string {
  const service: Service | undefined = services[entries[0]?.session.service as ServiceName];
  const text = sessionTranscript(withoutSecretOctets(entries, service), {
    of: () => ({ notation: service?.notation }),
    maxLines: SHOWN_LINES,
  });
  // What a dialogue needs for being replayed says nothing to readers of a report.
  const body = text.replace(/^(?:service|transport|options|clock): .*\n\n?/gm, "");
  return body.replace(/.+/g, (line) =>
    line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}...` : line,
  );
}
