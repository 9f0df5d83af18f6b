import type { ChannelId, Endpoint, Fields } from "../contract/machine.ts";
import {
  type CloseCause,
  type DatagramBinding,
  DatagramEntry,
  type Entry,
  plainEntry,
  ReceivedEntry,
  type SessionRecord,
} from "./entry.ts";
import { Follower } from "./follower.ts";
import { missed } from "./missed.ts";
import { OctetStore } from "./octet-store.ts";
import { type EntryOf, isMatch, type Query } from "./query.ts";

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

/** How long `waitFor` waits unless told. */
const WAIT_MS = 5000;
/** What a timer of Node can hold. */
const LONGEST_MS = 2 ** 31 - 1;

/** Told each entry, and `undefined` when the journal is closed. */
type Reader = (entry: Entry | undefined) => void;

export interface WaitOptions {
  /** In milliseconds; 5,000 unless said otherwise, `Infinity` for no limit. */
  readonly timeout?: number;
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface FollowOptions {
  /** Those already there first. */
  readonly past?: boolean;
  /** Ends the loop with the signal's reason. */
  readonly signal?: AbortSignal;
}

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

  constructor(now: () => number, limits: JournalLimits = JOURNAL_LIMITS) {
    this.#now = now;
    this.#limits = limits;
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

  /** The entries that the query means, oldest first. */
  find<const Q extends Query = Query>(query?: Q): EntryOf<Q>[] {
    const wanted: Query = query ?? {};
    const found: Entry[] = [];
    for (let seq = Math.max(this.#first, (wanted.after ?? 0) + 1); seq < this.#next; seq += 1) {
      const entry = this.#at(seq);
      if (entry && isMatch(entry, wanted)) found.push(plainEntry(entry));
    }
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

  /**
   * The first entry that the query means, whether it is there already or is still to come. Rejects with `WAIT_TIMEOUT`
   * when the time is over or the harness is stopped, naming the last entries that did not match.
   */
  async waitFor<const Q extends Query>(query: Q, options: WaitOptions = {}): Promise<EntryOf<Q>> {
    return (await this.#awaited(query, options)) as EntryOf<Q>;
  }

  async #awaited(query: Query, options: WaitOptions): Promise<Entry> {
    const { timeout = WAIT_MS, signal } = options;
    signal?.throwIfAborted();
    const past = this.#firstMatch(query);
    if (past) return past;
    if (this.#closed) throw missed(query, "the harness was stopped", this.find());
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        clearTimeout(timer);
        forget();
        signal?.removeEventListener("abort", aborted);
        outcome();
      };
      const fail = (cause: string) => settle(() => reject(missed(query, cause, this.find())));
      const aborted = () => settle(() => reject(signal?.reason));
      const timer = timeout <= LONGEST_MS ? setTimeout(() => fail(`${timeout} ms have passed`), timeout) : undefined;
      const forget = this.#read((entry) => {
        try {
          if (!entry) fail("the harness was stopped");
          else if (isMatch(entry, query)) settle(() => resolve(plainEntry(entry)));
        } catch (error) {
          settle(() => reject(error)); // the query's own test failed
        }
      });
      signal?.addEventListener("abort", aborted);
    });
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
      query ?? {},
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

  #firstMatch(query: Query): Entry | undefined {
    for (let seq = Math.max(this.#first, (query.after ?? 0) + 1); seq < this.#next; seq += 1) {
      const entry = this.#at(seq);
      if (entry && isMatch(entry, query)) return plainEntry(entry);
    }
    return undefined;
  }

  #append(entry: Entry | DatagramEntry, octets: number): void {
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

function octetsOf(entry: Entry | DatagramEntry): number {
  if (entry instanceof DatagramEntry || entry instanceof ReceivedEntry) return entry.octets;
  if (entry.kind === "exchange") return entry.weight ?? 0;
  return entry.kind === "sent" ? entry.bytes.length : 0;
}
