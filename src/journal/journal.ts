import type { ChannelId, Endpoint, Fields } from "../contract/machine.ts";
import { PortwrightError } from "../errors.ts";
import { type CloseCause, type DatagramBinding, DatagramEntry, type Entry, type SessionRecord } from "./entry.ts";
import { describe, isMatch, type Query } from "./query.ts";

export interface JournalLimits {
  readonly maxEntries: number;
  /** Of the octets sent and received that entries hold. */
  readonly maxOctets: number;
}

export const JOURNAL_LIMITS: JournalLimits = { maxEntries: 50_000, maxOctets: 64 * 1024 * 1024 };

/** What one entry costs beside its octets, so that many small ones are bounded too. */
const ENTRY_OVERHEAD_OCTETS = 64;

/**
 * The record of everything that happened, oldest first, bounded in entries and octets.
 *
 * Theory of operation: entries stand in a ring, `seq` modulo its size; appending writes one place and, when a bound is
 * reached, forgets the oldest. Octets are kept by reference and exchanges of datagrams are decoded when read. Readers
 * that wait are asked at each append; while nobody waits, an append asks nobody.
 */
export class Journal {
  readonly #limits: JournalLimits;
  readonly #now: () => number;
  #ring: (Entry | undefined)[] = [];
  #first = 1;
  #next = 1;
  #octets = 0;
  #lastSession = 0;
  #closed = false;
  readonly #readers = new Set<(entry: Entry | undefined) => void>();

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
    return this.#first - 1;
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
    this.#append({ seq: this.#next, time, session, kind: "received", bytes, channel }, bytes.length);
  }

  sent(session: SessionRecord, time: number, bytes: Uint8Array, channel?: ChannelId): void {
    this.#append({ seq: this.#next, time, session, kind: "sent", bytes, channel }, bytes.length);
  }

  exchange(session: SessionRecord, time: number, request: Fields, reply: Fields): void {
    this.#append({ seq: this.#next, time, session, kind: "exchange", request, reply }, 0);
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
    const entry = new DatagramEntry(this.#next, time, binding, peer, received, sent);
    this.#append(entry, received.length + (sent?.length ?? 0));
  }

  /** The entries that the query means, oldest first. */
  find(query: Query = {}): Entry[] {
    const found: Entry[] = [];
    for (let seq = Math.max(this.#first, (query.after ?? 0) + 1); seq < this.#next; seq += 1) {
      const entry = this.#at(seq);
      if (entry && isMatch(entry, query)) found.push(entry);
    }
    return found;
  }

  /** The exchanges of a service, oldest first. */
  exchanges(service?: string, request?: Query["request"]): Extract<Entry, { kind: "exchange" }>[] {
    const found = this.find({
      kind: "exchange",
      ...(service === undefined ? {} : { service }),
      ...(request ? { request } : {}),
    });
    return found as Extract<Entry, { kind: "exchange" }>[];
  }

  /**
   * The first entry that the query means, whether it is there already or is still to come. Rejects with
   * `WAIT_TIMEOUT` after `timeout` milliseconds (default 5,000), naming the last entries that did not match.
   */
  waitFor(query: Query, options: { readonly timeout?: number; readonly signal?: AbortSignal } = {}): Promise<Entry> {
    const timeout = options.timeout ?? 5000;
    const [past] = this.find(query);
    if (past) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        clearTimeout(timer);
        this.#readers.delete(reader);
        options.signal?.removeEventListener("abort", aborted);
        outcome();
      };
      const reader = (entry: Entry | undefined) => {
        if (!entry) settle(() => reject(this.#missed(query, "the harness was stopped")));
        else if (isMatch(entry, query)) settle(() => resolve(entry));
      };
      const aborted = () => settle(() => reject(options.signal?.reason as Error));
      const timer = setTimeout(() => settle(() => reject(this.#missed(query, `${timeout} ms have passed`))), timeout);
      if (this.#closed) return reader(undefined);
      if (options.signal?.aborted) return aborted();
      options.signal?.addEventListener("abort", aborted);
      this.#readers.add(reader);
    });
  }

  /** Entries as they come, until the harness stops or the loop is left; with `past`, those already there first. */
  async *follow(query: Query = {}, options: { readonly past?: boolean } = {}): AsyncGenerator<Entry, void, undefined> {
    const queue: Entry[] = options.past ? this.find(query) : [];
    let wake: () => void = () => undefined;
    let open = !this.#closed;
    const reader = (entry: Entry | undefined) => {
      if (!entry) open = false;
      else if (isMatch(entry, query)) queue.push(entry);
      else return;
      wake();
    };
    this.#readers.add(reader);
    try {
      for (;;) {
        const entry = queue.shift();
        if (entry) yield entry;
        else if (!open) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      this.#readers.delete(reader);
    }
  }

  /** Calls `read` for each entry from now on; returns how to stop it. */
  onEntry(read: (entry: Entry) => void): () => void {
    const reader = (entry: Entry | undefined) => entry && read(entry);
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** Forgets everything; numbering starts again if no session is open. */
  clear(options: { readonly restart?: boolean } = {}): void {
    this.#ring = [];
    this.#octets = 0;
    if (options.restart) {
      this.#next = 1;
      this.#lastSession = 0;
    }
    this.#first = this.#next;
  }

  /** Ends every follower and every wait; what was recorded can still be read. */
  close(): void {
    this.#closed = true;
    for (const reader of [...this.#readers]) reader(undefined);
    this.#readers.clear();
  }

  #append(entry: Entry | DatagramEntry, octets: number): void {
    if (this.size >= this.#limits.maxEntries) this.#forgetOldest();
    this.#ring[this.#next % this.#limits.maxEntries] = entry as Entry;
    this.#next += 1;
    this.#octets += octets + ENTRY_OVERHEAD_OCTETS;
    while (this.#octets > this.#limits.maxOctets && this.size > 1) this.#forgetOldest();
    if (this.#readers.size > 0) for (const reader of [...this.#readers]) reader(entry as Entry);
  }

  #forgetOldest(): void {
    const place = this.#first % this.#limits.maxEntries;
    const oldest = this.#ring[place];
    if (oldest) this.#octets -= octetsOf(oldest) + ENTRY_OVERHEAD_OCTETS;
    this.#ring[place] = undefined;
    this.#first += 1;
  }

  #at(seq: number): Entry | undefined {
    return this.#ring[seq % this.#limits.maxEntries];
  }

  #missed(query: Query, cause: string): PortwrightError {
    const others = this.find(query.service === undefined ? {} : { service: query.service });
    const last = others
      .slice(-5)
      .map((entry) => `  ${entry.session.name} ${entry.kind} ${JSON.stringify(describe(entry))}`);
    const seen =
      last.length > 0 ? `the last of ${others.length} that did not match:\n${last.join("\n")}` : "nothing came";
    return new PortwrightError("WAIT_TIMEOUT", `no entry matched ${printQuery(query)}: ${cause}; ${seen}`);
  }
}

function octetsOf(entry: Entry | DatagramEntry): number {
  if (entry instanceof DatagramEntry) return entry.received.length + (entry.sent?.length ?? 0);
  return entry.kind === "received" || entry.kind === "sent" ? entry.bytes.length : 0;
}

function printQuery(query: Query): string {
  return JSON.stringify(query, (_, value: unknown) =>
    value instanceof RegExp || typeof value === "function" ? String(value) : value,
  );
}
