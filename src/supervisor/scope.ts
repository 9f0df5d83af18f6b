import type { Fields } from "../contract/machine.ts";
import type { Service } from "../contract/service.ts";
import { PortwrightError } from "../errors.ts";
import type { Journal, WaitOptions } from "../journal/journal.ts";
import type { EntryOf, Query } from "../journal/query.ts";
import type { RuleHandle } from "../stub/handle.ts";
import type { Mailbox, MemoryWorld } from "../world/world.ts";
import type { RunningInstance } from "./running-instance.ts";
import { ScopeSieve } from "./scope-sieve.ts";
import type { ServiceHandle } from "./service-handle.ts";

/** What a scope needs of its harness. */
export interface ScopeParts {
  readonly name: string;
  readonly world: MemoryWorld;
  readonly journal: Journal;
  readonly running: ReadonlyMap<string, RunningInstance>;
}

/** A label of the DNS (RFC 1123 section 2.1). */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * One test's part of a harness that it shares with others: a domain of its own, and by that name its own mailboxes, zone,
 * files, rules and journal.
 *
 * A request belongs to the scope that its names lie in: the recipient's domain, the name asked for, the Host header, the
 * path below `/hosts/`. A session belongs to it with its first such request.
 */
export class Scope implements Disposable {
  readonly name: string;
  /** `test-42.example.test`. */
  readonly domain: string;
  /** Where its files are; the root of what HTTP serves for its domain. */
  readonly directory: string;
  readonly #parts: ScopeParts;
  readonly #rules = new Set<Pick<RuleHandle, "remove">>();

  /** Use `harness.scope`. */
  constructor(parts: ScopeParts) {
    const { name, world } = parts;
    if (typeof name !== "string" || !LABEL.test(name)) {
      throw new PortwrightError("SCOPE_INVALID", "a scope's name is a label of the DNS: letters, digits and -", {
        place: `scope(${JSON.stringify(name)})`,
      });
    }
    this.name = name;
    this.domain = `${name}.${world.domain}`;
    this.directory = `/hosts/${this.domain}`;
    this.#parts = parts;
    for (const instance of parts.running.keys()) {
      if (!(instance in this)) Object.defineProperty(this, instance, { get: () => this.service(instance) });
    }
    this.zone({});
  }

  /** An address whose mail comes into this scope: `alice@test-42.example.test`. */
  address(user: string): string {
    return `${user}@${this.domain}`;
  }

  /** What has come for an address of this scope. */
  mailbox(user: string): Mailbox {
    return this.#parts.world.mailbox(this.address(user));
  }

  /** Makes or replaces a file below its directory: `scope.file("/index.html", "...")`. */
  file(path: string, content: string | Uint8Array): void {
    this.#parts.world.file(`${this.directory}/${path.replace(/^\/+/, "")}`, content);
  }

  /** Replaces its zone: names with records, as lines of a master file say them: `{ www: "A 192.0.2.1" }`. */
  zone(records: { readonly [name: string]: string | readonly string[] }): void {
    const lines = Object.entries(records).flatMap(([name, values]) =>
      [values].flat().map((value) => `${name} ${value}`),
    );
    const text = ["$TTL 300", "@ SOA ns hostmaster 1 1h 15m 4w 5m", "@ NS ns", ...lines, ""].join("\n");
    this.#parts.world.zones.set(this.domain, text, `scope(${JSON.stringify(this.name)}).zone`);
  }

  /** A service as this scope sees it: its rules are for requests of the scope, and its exchanges are those of the scope. */
  service(name: string): ServiceHandle {
    const running = this.#parts.running.get(name);
    if (!running) {
      const names = [...this.#parts.running.keys()].join(", ");
      throw new PortwrightError("ENDPOINT_ABSENT", `no such service; this harness runs ${names}`, {
        place: `service(${JSON.stringify(name)})`,
      });
    }
    const { service } = running;
    if (!service.names) {
      throw new PortwrightError("SCOPE_INVALID", `nothing in a request of ${service.name} says whose it is`, {
        place: `scope(${JSON.stringify(this.name)}).service(${JSON.stringify(name)})`,
      });
    }
    return running.handle.scoped({
      includes: (request) => this.#includes(service, request),
      made: (rule) => this.#rules.add(rule),
    });
  }

  /** What happened to this scope, oldest first. */
  find<const Q extends Query = Query>(query?: Q): EntryOf<Q>[] {
    const sieve = this.#sieve();
    return this.#parts.journal.find(query).filter((entry) => sieve.has(entry));
  }

  /** The first entry of this scope that the query means, past or future; see `Journal.waitFor`. */
  waitFor<const Q extends Query>(query: Q, options: WaitOptions = {}): Promise<EntryOf<Q>> {
    return this.#parts.journal.waitFor(query, options, this.#sieve());
  }

  /** Takes back its rules, its zone, its files and its mail. */
  reset(): void {
    const { world } = this.#parts;
    for (const rule of this.#rules) rule.remove();
    this.#rules.clear();
    world.mail.forget((mailbox) => mailbox.endsWith(`@${this.domain}`));
    world.tree.uproot(this.directory);
    this.zone({});
  }

  [Symbol.dispose](): void {
    this.reset();
    this.#parts.world.zones.remove(this.domain);
  }

  #includes(service: Service, request: Fields): boolean {
    const names = service.names?.(request) ?? [];
    return names.some((name) => name === this.domain || name.endsWith(`.${this.domain}`));
  }

  #sieve(): ScopeSieve {
    const { journal, running } = this.#parts;
    return new ScopeSieve(journal, ({ session, request }) => {
      const instance = running.get(session.name);
      return instance !== undefined && this.#includes(instance.service, request);
    });
  }
}
