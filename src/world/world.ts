import type { Message, World, Zone } from "../contract/world.ts";
import { fromUtf8, toUtf8 } from "../wire/bytes.ts";
import { People, type Person } from "./accounts.ts";
import { type MailLimits, MailStore } from "./mail-store.ts";
import { NameTable } from "./name-addresses.ts";
import { type FileContent, MemoryTree } from "./tree.ts";
import { ZoneStore } from "./zone-store.ts";

/** What a world is made from, and returns to on `reset`. */
export interface Fixtures {
  readonly domain: string;
  readonly people: readonly Person[];
  readonly mail: readonly { readonly mailbox: string; readonly from: string; readonly raw: Uint8Array }[];
  readonly files: readonly { readonly path: string; readonly content: FileContent }[];
  readonly zones: readonly Zone[];
  readonly quotes: readonly string[];
}

/** What a peer may make grow, in all. */
export interface WorldLimits extends MailLimits {
  readonly maxFileOctets: number;
  readonly maxFiles: number;
}

export const WORLD_LIMITS: WorldLimits = {
  maxMailboxes: 10_000,
  maxMailboxOctets: 128 * 1024 * 1024,
  maxMailOctets: 256 * 1024 * 1024,
  maxFileOctets: 256 * 1024 * 1024,
  maxFiles: 100_000,
};

/** The date of everything that was there from the beginning: fixed, so that listings never differ. */
const FIXTURE_TIME = Date.UTC(2026, 0, 1);

/** A person's or address's mail, as a test reads it. */
export interface Mailbox {
  readonly name: string;
  readonly messages: readonly Message[];
  /** The text of each message, oldest first. */
  readonly texts: readonly string[];
}

/** The world of one harness. `reset` brings back the fixtures. Making one throws a `RangeError` if they do not fit. */
export class MemoryWorld implements World {
  readonly #fixtures: Fixtures;
  readonly #limits: WorldLimits;
  readonly accounts: People;
  mail!: MailStore;
  tree!: MemoryTree;
  zones!: ZoneStore;
  readonly addresses: NameTable;

  /** `seed` decides which addresses names have. */
  constructor(fixtures: Fixtures, limits: WorldLimits = WORLD_LIMITS, seed = 1) {
    this.addresses = new NameTable(seed);
    this.#fixtures = fixtures;
    this.#limits = limits;
    this.accounts = new People(fixtures.people);
    this.reset();
  }

  get domain(): string {
    return this.#fixtures.domain;
  }

  get quotes(): readonly string[] {
    return this.#fixtures.quotes;
  }

  /** The mailbox of an account (`alice`) or an address (`x@example.test`); empty if nothing has arrived. */
  mailbox(nameOrAddress: string): Mailbox {
    const name = this.mail.route(nameOrAddress) ?? nameOrAddress;
    const messages = this.mail.messages(name);
    return { name, messages, texts: messages.map((message) => toUtf8(message.raw)) };
  }

  /** Makes or replaces a file, and the directories on the way. */
  file(path: string, content: string | Uint8Array): void {
    this.tree.plant(path, typeof content === "string" ? fromUtf8(content) : content, FIXTURE_TIME);
  }

  /** The name for which an address was made up, if one was: `outside: synthetic` of the service dns. */
  nameOf(address: string): string | undefined {
    return this.addresses.nameOf(address);
  }

  reset(): void {
    this.addresses.clear();
    const { domain, mail, files, zones } = this.#fixtures;
    this.mail = new MailStore(domain, this.accounts, this.#limits);
    for (const { mailbox, from, raw } of mail) {
      const to = `${mailbox}@${domain}`;
      const outcome = this.mail.deliver(mailbox, { envelope: { from, to: [to] }, raw, receivedAt: FIXTURE_TIME });
      if (outcome === "full")
        throw new RangeError(`limits: the mail for ${mailbox} that is there from the beginning does not fit`);
    }
    this.tree = new MemoryTree({
      maxOctets: this.#limits.maxFileOctets,
      maxNames: this.#limits.maxFiles,
      now: FIXTURE_TIME,
      version: this.tree?.version ?? 0,
    });
    for (const { path, content } of files) this.tree.plant(path, content, FIXTURE_TIME);
    this.zones = new ZoneStore(zones, (this.zones?.version ?? 0) + 1);
  }
}
