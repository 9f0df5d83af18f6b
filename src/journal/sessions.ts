import { PortwrightError } from "../errors.ts";
import type { CloseCause, Entry, SessionRecord } from "./entry.ts";
import { isSession, type Query, timeOf } from "./query.ts";
import type { Awaited } from "./wait.ts";

/** A session as a whole, also of a peer that asked nothing. */
export interface SessionSummary extends SessionRecord {
  /** When it was opened, in milliseconds since the epoch; if that was forgotten, when its oldest entry came. */
  readonly opened: number;
  /** When and how it was closed; absent as long as it is open. */
  readonly closed?: { readonly time: number; readonly how: CloseCause; readonly error?: string | undefined };
  /** How many exchanges it had. */
  readonly requests: number;
  /** Octets that came, and that were sent, on all its connections. */
  readonly received: number;
  readonly sent: number;
}

/** Which sessions are meant. Everything given must hold. */
export interface SessionQuery extends Pick<Query, "service" | "name" | "session"> {
  /** This many requests, or a range; 0 for a peer that connected and asked nothing. */
  readonly requests?: number | { readonly min?: number; readonly max?: number };
  /** It is closed, is still open, or was closed in this way. */
  readonly closed?: boolean | CloseCause;
  /** Opened not before, or not after this time. */
  readonly since?: number | Date;
  readonly until?: number | Date;
  readonly where?: (session: SessionSummary) => boolean;
}

type Growing = { -readonly [Name in keyof SessionSummary]: SessionSummary[Name] };

/** The summaries of sessions, grown entry by entry. A datagram has no session. */
export class SessionBook {
  readonly #sessions = new Map<number, Growing>();

  /** The sessions that are meant, in the order in which they were opened. */
  find(query: SessionQuery): SessionSummary[] {
    return [...this.#sessions.values()].filter((session) => isMeant(session, query)).map((session) => ({ ...session }));
  }

  /** The entry's session, with the entry; `undefined` if there is none. */
  add(entry: Entry): SessionSummary | undefined {
    const { id } = entry.session;
    let session = this.#sessions.get(id);
    if (!session) {
      // A note alone says that a connection did not become a session.
      if (id === 0 || entry.kind === "note") return undefined;
      session = { ...entry.session, opened: entry.time, requests: 0, received: 0, sent: 0 };
      this.#sessions.set(id, session);
    }
    if (entry.kind === "exchange") {
      // What came inside a request is not another one.
      if (entry.session.name === session.name) session.requests += 1;
    } else if (entry.kind === "received" || entry.kind === "sent") session[entry.kind] += entry.bytes.length;
    else if (entry.kind === "close") {
      const { time, how, error } = entry;
      session.closed = { time, how, ...(error === undefined ? {} : { error }) };
    }
    return session;
  }
}

/** Waits for the first session that comes to be as it is wanted. */
export function awaitedSession(query: SessionQuery): Awaited<SessionSummary> {
  const book = new SessionBook();
  return {
    tell: (entry) => {
      const session = book.add(entry);
      return session && isMeant(session, query) ? { ...session } : undefined;
    },
    missed: (cause) => missedSession(query, cause, book),
  };
}

function isMeant(session: SessionSummary, query: SessionQuery): boolean {
  const { service = session.service, name = session.name, closed, requests } = query;
  return (
    session.service === service &&
    session.name === name &&
    (query.session === undefined || isSession(session, query.session)) &&
    (query.since === undefined || session.opened >= timeOf(query.since)) &&
    (query.until === undefined || session.opened <= timeOf(query.until)) &&
    (requests === undefined || isWithin(session.requests, requests)) &&
    (closed === undefined ||
      (typeof closed === "boolean" ? closed === (session.closed !== undefined) : session.closed?.how === closed)) &&
    (query.where?.(session) ?? true)
  );
}

function isWithin(count: number, range: NonNullable<SessionQuery["requests"]>): boolean {
  if (typeof range === "number") return count === range;
  return count >= (range.min ?? 0) && count <= (range.max ?? Number.POSITIVE_INFINITY);
}

const SHOWN_SESSIONS = 5;

function missedSession(query: SessionQuery, cause: string, book: SessionBook): PortwrightError {
  const { service, name, where, ...rest } = query;
  const wanted = Object.entries(rest).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  const of = (name ?? service) === undefined ? "" : ` of ${name ?? service}`;
  const which = `session${of}${wanted.length > 0 ? ` with${wanted.join("")}` : ""}${where ? " that passes the test" : ""}`;
  const all = book.find({ ...(service === undefined ? {} : { service }), ...(name === undefined ? {} : { name }) });
  const seen = all.slice(-SHOWN_SESSIONS).map((session) => `\n  ${printSession(session)}`);
  const came = all.length === 0 ? "there was none" : `the last of ${all.length}:${seen.join("")}`;
  return new PortwrightError("WAIT_TIMEOUT", `no ${which}: ${cause}; ${came}`);
}

/** A session on one line: `session 3 of smtp from 127.0.0.1 port 40000: 0 requests, closed (peer)`. */
export function printSession({ id, name, peer, requests, received, sent, closed }: SessionSummary): string {
  const asked = `${requests} ${requests === 1 ? "request" : "requests"}, ${received} octets in, ${sent} out`;
  const end = closed ? `closed (${closed.how}${closed.error === undefined ? "" : `, ${closed.error}`})` : "open";
  return `session ${id} of ${name} from ${peer.address} port ${peer.port}: ${asked}, ${end}`;
}
