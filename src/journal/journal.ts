import type { ChannelId, Endpoint, Fields } from "../contract/machine.ts";
import {
  type CloseCause,
  type DatagramBinding,
  DatagramEntry,
  type Entry,
  type Exchanged,
  plainEntry,
  ReceivedEntry,
  type SessionRecord,
  UnreadEntry,
} from "./entry.ts";
import { Follower } from "./follower.ts";
import { missed, printQuery, whatCame } from "./missed.ts";
import { OctetStore } from "./octet-store.ts";
import { ordered } from "./order.ts";
import type { EntryOf, Query } from "./query.ts";
import { Search, type TablesOf } from "./search.ts";
import { awaitedSession, SessionBook, type SessionQuery, type SessionSummary } from "./sessions.ts";
import { type Sieve, through } from "./sieve.ts";
import { type PatienceOptions, type Reader, type Source, wait } from "./wait.ts";

export interface JournalLimits {
  readonly maxEntries: number;
  /** Of the octets sent and received that entries hold. */
  readonly maxOctets: number;
}

export const JOURNAL_LIMITS: JournalLimits = { maxEntries: 50_000, maxOctets: 64 * 1024 * 1024 };

/** What one entry costs beside its octets, so that many small ones are bounded too. */
const ENTRY_OVERHEAD_OCTETS = 64;

/** What a request's fields take in memory for each octet they were read from, roughly: strings, maps, lists. */
const FIELDS_WEIGHT = 4;
/** What comes behind so many octets is a body, which fields hold by reference. */
const MOST_FIELD_OCTETS = 16 * 1024;

export interface WaitOptions extends PatienceOptions {
  /** The how-manieth entry that the query means is waited for; the first, unless said otherwise. */
  readonly count?: number;
  /** Only entries after this one, or after the one with this number; as in the query. */
  readonly after?: Query["after"];
}

export interface FollowOptions {
  /** Those already there first. */
  readonly past?: boolean;
  /** Ends the loop with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The entries that several queries mean, one for each. */
export type EntriesOf<Q extends readonly Query[]> = { readonly [At in keyof Q]: EntryOf<Q[At]> };

/**
 * The record of everything that happened, oldest first, bounded in entries and octets.
 *
 * Theory of operation: entries stand in a ring; appending writes one place and, when a bound is reached, forgets the
 * oldest. Octets are kept by reference, exchanges of datagrams are decoded when read, and the fields of other exchanges
 * are made from octets that were counted just before. Readers that wait are asked at each append; while nobody waits, an
 * append asks nobody.
 */
export class Journal {
  readonly #limits: JournalLimits;
  readonly #now: () => number;
  readonly #tablesOf: TablesOf;
  readonly #store = new OctetStore();
  #ring: (Entry | undefined)[] = [];
  /** The entry in the ring's first place. */
  #base = 1;
  #first = 1;
  #next = 1;
  #octets = 0;
  #forgotten = 0;
  #lastSession = 0;
  #era = 0;
  #closed = false;
  /** Replaced whenever somebody comes or goes, so that it may be walked meanwhile. */
  #readers: readonly Reader[] = [];

  /** With `tablesOf` it knows which fields the services have, refuses others in queries, and shows no secrets. */
  constructor(now: () => number, limits: JournalLimits = JOURNAL_LIMITS, tablesOf: TablesOf = () => undefined) {
    this.#now = now;
    this.#limits = limits;
    this.#tablesOf = tablesOf;
  }

  /** How many entries are held. */
  get size(): number {
    return this.#next - this.#first;
  }

  /** How many entries were forgotten to stay within the bounds. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** How many octets the entries hold. */
  get octets(): number {
    return this.#octets - this.size * ENTRY_OVERHEAD_OCTETS;
  }

  /** Makes the record of a new session; `opened` says so in the journal. */
  session(record: Omit<SessionRecord, "id">): SessionRecord {
    this.#lastSession += 1;
    return { id: this.#lastSession, ...record };
  }

  opened(session: SessionRecord): void {
    this.#append({ seq: this.#next, time: this.#now(), session, kind: "open" }, 0);
  }

  received(session: SessionRecord, time: number, bytes: Uint8Array, channel?: ChannelId): void {
    this.#append(new ReceivedEntry(this.#next, time, session, this.#store, bytes, channel), bytes.length);
  }

  sent(session: SessionRecord, time: number, bytes: Uint8Array, channel?: ChannelId): void {
    this.#append({ seq: this.#next, time, session, kind: "sent", bytes, channel }, bytes.length);
  }

  /** `octets` is how many octets the request came in, from which its fields were made. */
  exchange(session: SessionRecord, time: number, request: Fields, reply: Fields, octets = 0): void {
    const weight = FIELDS_WEIGHT * Math.min(octets, MOST_FIELD_OCTETS);
    this.#append({ seq: this.#next, time, session, kind: "exchange", request, reply, weight }, weight);
  }

  /** An exchange whose fields are made when somebody reads it. */
  unread(session: SessionRecord, time: number, source: Exchanged, octets: number): void {
    const weight = FIELDS_WEIGHT * Math.min(octets, MOST_FIELD_OCTETS);
    this.#append(new UnreadEntry(this.#next, time, session, source, weight), weight);
  }

  note(session: SessionRecord, event: string, detail: Fields = {}): void {
    this.#append({ seq: this.#next, time: this.#now(), session, kind: "note", event, detail }, 0);
  }

  channel(session: SessionRecord, channel: ChannelId, local: Endpoint, peer: Endpoint): void {
    this.#append({ seq: this.#next, time: this.#now(), session, kind: "channel", channel, local, peer }, 0);
  }

  ended(session: SessionRecord, by: "peer" | "service", channel?: ChannelId): void {
    this.#append({ seq: this.#next, time: this.#now(), session, kind: "end", by, channel }, 0);
  }

  closed(session: SessionRecord, how: CloseCause, error?: string): void {
    this.#append({ seq: this.#next, time: this.#now(), session, kind: "close", how, error }, 0);
  }

  datagram(
    binding: DatagramBinding,
    time: number,
    peer: Endpoint,
    received: Uint8Array,
    sent: Uint8Array | undefined,
  ): void {
    const entry = new DatagramEntry(this.#next, time, binding, peer, this.#store, received, sent);
    this.#append(entry, entry.octets);
  }

  /** The entries that the query means, oldest first. Throws `QUERY_INVALID`, as all that take a query do. */
  find<const Q extends Query = Query>(query?: Q): EntryOf<Q>[] {
    const search = this.#search(query ?? {});
    const found: Entry[] = [];
    for (const entry of this.#past(search.after)) if (search.matches(entry)) found.push(plainEntry(entry));
    return found as EntryOf<Q>[];
  }

  /** The exchanges of a service, oldest first. */
  exchanges(service?: string, request?: Query["request"]): Extract<Entry, { kind: "exchange" }>[] {
    return this.find({
      kind: "exchange",
      ...(service === undefined ? {} : { service }),
      ...(request ? { request } : {}),
    });
  }

  /** The sessions that are meant, those without a request included, in the order in which they were opened. */
  sessions(query: SessionQuery = {}): SessionSummary[] {
    const book = new SessionBook();
    for (const entry of this.#past()) book.add(entry);
    return book.find(query);
  }

  /**
   * The first entry that the query means, or with `count` a later one, whether it is there already or is still to come.
   * Rejects with `WAIT_TIMEOUT` when the time is over or the harness is stopped, and tells the nearest entries that did
   * not match, and in what. With a sieve, it is as if there were no entries but those that come through.
   */
  async waitFor<const Q extends Query>(query: Q, options: WaitOptions = {}, sieve?: Sieve): Promise<EntryOf<Q>> {
    const { count = 1, after } = options;
    const search = this.#search(after === undefined ? query : { ...query, after });
    let found = 0;
    const tell = through(sieve, (entry) => {
      if (!search.matches(entry)) return undefined;
      found += 1;
      return found === count ? plainEntry(entry) : undefined;
    });
    const entries = () => [...this.#past()].filter((entry) => sieve?.has(entry) ?? true);
    const miss = (cause: string) => missed({ search, cause, count, entries: entries() });
    return (await wait(this.#source(search.after), { tell, missed: miss }, options)) as EntryOf<Q>;
  }

  /**
   * Entries that follow one another, whatever came between them: the first that the first query means, the first behind
   * it that the second means, and so on. Rejects as `waitFor` does, and says which came too early, and which never.
   */
  async inOrder<const Q extends readonly Query[]>(queries: Q, options: PatienceOptions = {}): Promise<EntriesOf<Q>> {
    const awaited = ordered(
      queries.map((query) => this.#search(query)),
      () => [...this.#past()],
    );
    return (await wait(this.#source(), awaited, options)).map(plainEntry) as unknown as EntriesOf<Q>;
  }

  /** The first session that is, or comes to be, as the query says. Rejects as `waitFor` does. */
  waitForSession(query: SessionQuery = {}, options: PatienceOptions = {}): Promise<SessionSummary> {
    return wait(this.#source(), awaitedSession(query), options);
  }

  /** What came nearest to a query that nothing matched, in lines for people. */
  explain(query: Query): string {
    const search = this.#search(query);
    return `no ${printQuery(search)}${whatCame({ search, cause: "", entries: [...this.#past()] })}`;
  }

  /** Entries as they come, from this call on, until the harness stops or the loop is left. */
  follow<const Q extends Query = Query>(
    query?: Q,
    options: FollowOptions = {},
  ): AsyncIterableIterator<EntryOf<Q>, void, undefined> {
    const followed = {
      bounds: () => ({ first: this.#first, next: this.#next, era: this.#era }),
      isClosed: () => this.#closed,
      entry: (seq: number) => this.#at(seq),
      onChange: (changed: () => void) => this.#read(changed),
    };
    const follower: AsyncIterableIterator<Entry, void, undefined> = new Follower(
      followed,
      this.#search(query ?? {}),
      options.past ? 0 : this.#next,
      options.signal,
    );
    return follower as AsyncIterableIterator<EntryOf<Q>, void, undefined>;
  }

  /** Calls `read` for each entry from now on; returns how to stop it. What `read` throws is an uncaught exception. */
  onEntry(read: (entry: Entry) => void): () => void {
    return this.#read((entry) => {
      try {
        if (entry) read(plainEntry(entry));
      } catch (error) {
        // Its own mistake, and not that of the session which was just being recorded.
        queueMicrotask(() => {
          throw error;
        });
      }
    });
  }

  /** Forgets everything; with `restart`, numbering begins at 1 again. */
  clear(options: { readonly restart?: boolean } = {}): void {
    this.#ring = [];
    this.#octets = this.#forgotten = 0;
    if (options.restart) {
      this.#next = 1;
      this.#lastSession = 0;
      this.#era += 1;
    }
    this.#first = this.#base = this.#next;
  }

  /** Ends every follower and every wait; what was recorded can still be read. */
  close(): void {
    this.#closed = true;
    for (const reader of this.#readers) reader(undefined);
    this.#readers = [];
  }

  #read(reader: Reader): () => void {
    this.#readers = [...this.#readers, reader];
    return () => {
      this.#readers = this.#readers.filter((other) => other !== reader);
    };
  }

  #search(query: Query): Search {
    return new Search(query, this.#tablesOf);
  }

  *#past(after = 0): Iterable<Entry> {
    for (let seq = Math.max(this.#first, after + 1); seq < this.#next; seq += 1) {
      const entry = this.#at(seq);
      if (entry) yield entry;
    }
  }

  #source(after = 0): Source {
    return { isClosed: this.#closed, past: () => this.#past(after), read: (reader) => this.#read(reader) };
  }

  #append(entry: Entry | DatagramEntry | UnreadEntry, octets: number): void {
    if (this.size >= this.#limits.maxEntries) this.#forgetOldest();
    this.#ring[this.#place(this.#next)] = entry as Entry;
    this.#next += 1;
    this.#octets += octets + ENTRY_OVERHEAD_OCTETS;
    while (this.#octets > this.#limits.maxOctets && this.size > 1) this.#forgetOldest();
    for (const reader of this.#readers) reader(entry as Entry);
  }

  #forgetOldest(): void {
    const place = this.#place(this.#first);
    const oldest = this.#ring[place];
    if (oldest) this.#octets -= octetsOf(oldest) + ENTRY_OVERHEAD_OCTETS;
    this.#ring[place] = undefined;
    this.#first += 1;
    this.#forgotten += 1;
  }

  #place(seq: number): number {
    return (seq - this.#base) % this.#limits.maxEntries;
  }

  #at(seq: number): Entry | undefined {
    return this.#ring[this.#place(seq)];
  }
}

function octetsOf(entry: Entry | DatagramEntry | UnreadEntry): number {
  if (entry instanceof DatagramEntry || entry instanceof ReceivedEntry) return entry.octets;
  if (entry.kind === "exchange") return entry.weight ?? 0;
  return entry.kind === "sent" ? entry.bytes.length : 0;
}
