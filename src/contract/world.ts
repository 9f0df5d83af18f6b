/**
 * What the services serve, as they see it: one world, many doors. Everything is in memory, synchronous and deterministic;
 * times are milliseconds since the epoch. Refusals are values, so that each protocol says them in its own terms.
 */

export interface World {
  /** The domain the world's people and hosts live in: `example.test`. */
  readonly domain: string;
  readonly accounts: Accounts;
  readonly mail: Mail;
  readonly tree: Tree;
  readonly zones: Zones;
  /** Addresses of their own for names of other people's. */
  readonly addresses: NameAddresses;
  /** What the quote-of-the-day service says, one a day. */
  readonly quotes: readonly string[];
}

export interface Account {
  readonly name: string;
  /** The person's name, for replies such as VRFY's. */
  readonly fullName: string;
}

export interface Accounts {
  find(name: string): Account | undefined;
  /** The account, if the password is right. */
  authenticate(name: string, password: string): Account | undefined;
}

/** A stored message. */
export interface Message {
  /** RFC 3501 section 2.3.1.1: strictly ascending within a mailbox. */
  readonly uid: number;
  readonly envelope: Envelope;
  /** The message as it will be shown to readers, with CRLF line ends. */
  readonly raw: Uint8Array;
  readonly receivedAt: number;
}

/** RFC 5321 section 2.3.1. The null reverse-path is "". */
export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

export interface Mail {
  /**
   * Whose mailbox an address leads to: an account's name for an address of the world's domain (sub-addresses
   * `alice+x@` included), otherwise the address itself in lower case. `undefined` if no such mailbox may be made.
   */
  route(address: string): string | undefined;
  /** A message of so many octets can be delivered to every one of these mailboxes, each named once. */
  hasRoom(mailboxes: Iterable<string>, octets: number): boolean;
  /** Stores a message, or says why not. */
  deliver(mailbox: string, message: Omit<Message, "uid">): Message | "full";
  /** The messages of a mailbox, oldest first; empty if it does not exist. */
  messages(mailbox: string): readonly Message[];
}

export interface FileStat {
  /** Absolute, normalised, with `/` between names. */
  readonly path: string;
  readonly name: string;
  readonly type: "file" | "directory";
  /** Size; 0 for a directory. */
  readonly octets: number;
  readonly modified: number;
}

/** Why a change to the tree was refused. */
export type TreeRefusal =
  | "not-found"
  | "exists"
  | "not-a-directory"
  | "is-a-directory"
  | "not-empty"
  | "no-space"
  | "bad-path";

/** A file system in memory. Paths are absolute; `.` and `..` are resolved, and nothing lies above `/`. */
export interface Tree {
  /** Changes whenever anything in the tree does; what was derived from an older version is stale. */
  readonly version: number;
  stat(path: string): FileStat | undefined;
  /** The entries of a directory in name order, or `undefined` if it is none. */
  list(path: string): readonly FileStat[] | undefined;
  /** A file's octets (never changed afterwards), or `undefined` if it is none. */
  read(path: string): Uint8Array | undefined;
  /** Makes or replaces a file; its directory must exist. */
  write(path: string, bytes: Uint8Array, now: number): TreeRefusal | "done";
  remove(path: string): TreeRefusal | "done";
  makeDirectory(path: string, now: number): TreeRefusal | "done";
  removeDirectory(path: string): TreeRefusal | "done";
  rename(from: string, to: string, now: number): TreeRefusal | "done";
  /** How many octets may still be written. */
  readonly room: number;
}

/** DNS zones as master-file text (RFC 1035 section 5): the one form that people, files and programs share. */
export interface Zones {
  /** Changes whenever any zone does; what was derived from an older version is stale. */
  readonly version: number;
  readonly all: readonly Zone[];
  /** Makes or replaces the zone of its origin; the very object is kept. */
  put(zone: Zone): void;
}

export interface Zone {
  /** Absolute, lower case, with its final dot: `example.test.` */
  readonly origin: string;
  readonly text: string;
  /** Where the text is from, for error messages: a file's name, or `zones["example.test"]`. */
  readonly source: string;
}

/** An address of its own for each name that is asked for, and the way back; gone with `reset`. */
export interface NameAddresses {
  /**
   * The name's address in 198.18.0.0/15 (RFC 2544) and its twin in 2001:db8::/32 (RFC 3849), whose last 32 bits are the
   * same. A name, in lower case without its final dot, keeps its address; `undefined` once there are too many names.
   */
  of(name: string): { readonly ipv4: string; readonly ipv6: string } | undefined;
  /** The name that has an address, of either family. */
  nameOf(address: string): string | undefined;
}
