import { expect } from "vitest";
import { PortwrightError } from "../../src/errors.ts";
import type { SessionRecord } from "../../src/journal/entry.ts";
import { Journal, type JournalLimits } from "../../src/journal/journal.ts";
import type { TablesOf } from "../../src/journal/search.ts";
import { fromLatin1 } from "../../src/wire/bytes.ts";

export const PEER = { address: "127.0.0.1", port: 40_000 };
export const LOCAL = { address: "127.0.0.1", port: 25 };

/** A journal whose clock counts 1, 2, 3 ... */
export function journalOf(limits: Partial<JournalLimits> = {}, tablesOf?: TablesOf): Journal {
  let now = 0;
  const count = () => {
    now += 1;
    return now;
  };
  return new Journal(count, { maxEntries: 1000, maxOctets: 1_000_000, ...limits }, tablesOf);
}

/** A session of a service in the journal; not opened, so that nothing is recorded yet. */
export function sessionOf(journal: Journal, service = "smtp", name = service): SessionRecord {
  return journal.session({ service, name, transport: "tcp", local: LOCAL, peer: PEER });
}

/** Records that octets came. */
export function receive(journal: Journal, session: SessionRecord, text: string): void {
  journal.received(session, 0, fromLatin1(text));
}

/** Records an exchange. */
export function exchange(journal: Journal, session: SessionRecord, command: string, code = 250): void {
  journal.exchange(session, 0, { command }, { code });
}

/** What a wait in vain says. */
export async function messageOf(wait: Promise<unknown>): Promise<string> {
  const error: unknown = await wait.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PortwrightError);
  expect((error as PortwrightError).code).toBe("WAIT_TIMEOUT");
  return (error as Error).message;
}
