import type { Fields } from "../contract/machine.ts";
import type { FieldTable, Transport } from "../contract/service.ts";
import type { Entry } from "../journal/entry.ts";
import type { Journal, WaitOptions } from "../journal/journal.ts";
import type { Query } from "../journal/query.ts";
import type { Session } from "../session/session.ts";
import type { FaultInput } from "../stub/fault-input.ts";
import { RuleHandle } from "../stub/handle.ts";
import type { RuleInput, WantedFields } from "../stub/rule-input.ts";
import type { RuleSet } from "../stub/rule-set.ts";
import type { Endpoint } from "./endpoint.ts";

type Exchange = Extract<Entry, { kind: "exchange" }>;
type ExchangeQuery = Query & { readonly kind: "exchange" };
type WantedReply = NonNullable<Query["reply"]>;

/** What a service's handle needs of its harness. */
export interface HandleParts {
  readonly name: string;
  readonly rules: RuleSet;
  readonly journal: Journal;
  endpoint(where: { readonly transport?: Transport; readonly host?: string }): Endpoint;
  sessions(): readonly Session[];
  ready(): Promise<void>;
}

/** What a scope makes of a handle: it includes some requests only, and is told the rules that are made. */
export interface Scoping {
  includes(request: Fields): boolean;
  made(rule: { remove(): void }): void;
}

/**
 * One running service, as tests see it: where it is, what it was asked, and how to make it misbehave.
 *
 * `Request` and `Reply` are the fields of its requests and what a rule may answer.
 */
export class ServiceHandle<Request extends FieldTable = FieldTable, Reply = unknown> {
  /** The instance's name. */
  readonly name: string;
  readonly #parts: HandleParts;
  readonly #scoping: Scoping | undefined;

  constructor(parts: HandleParts, scoping?: Scoping) {
    this.name = parts.name;
    this.#parts = parts;
    this.#scoping = scoping;
  }

  /** The same service for some requests only; see `harness.scope`. */
  scoped(scoping: Scoping): ServiceHandle<Request, Reply> {
    return new ServiceHandle(this.#parts, scoping);
  }

  /** Its first ready endpoint. Throws `ENDPOINT_ABSENT` if there is none. */
  get endpoint(): Endpoint {
    return this.#parts.endpoint({});
  }

  get host(): string {
    return this.endpoint.host;
  }

  get port(): number {
    return this.endpoint.port;
  }

  get url(): string {
    return this.endpoint.url;
  }

  /** The sessions that are open now. */
  get sessions(): readonly Session[] {
    return this.#parts.sessions();
  }

  /**
   * Makes a rule, which comes before all others: what is to happen to which requests. Throws `RULE_INVALID` for a rule that
   * cannot be, or could never match.
   *
   *     const full = harness.smtp.stub({ when: { command: "RCPT", to: "full@*" }, reply: { code: 452 }, times: 2 });
   *     full.count;
   */
  stub(rule: RuleInput<Request, Reply>): RuleHandle<Reply> {
    const { rules } = this.#parts;
    const scoping = this.#scoping;
    if (!scoping) return new RuleHandle(rules.add(rule), rules);
    const handle = new RuleHandle<Reply>(
      rules.addWithin(rule, (request) => scoping.includes(request)),
      rules,
    );
    scoping.made(handle);
    return handle;
  }

  /**
   * Impairs every connection, those that are open included, until `remove()`; `change({ fault })` makes it another. With
   * `only`, just these sessions; a scope can have no others, as nobody knows whose a connection is before it is asked.
   *
   *     using slow = harness.smtp.impair({ latency: { ms: 50, jitter: 10 } });
   */
  impair(
    fault: FaultInput | readonly FaultInput[],
    options: { readonly only?: Session | readonly Session[] } = {},
  ): RuleHandle<Reply> {
    const { rules } = this.#parts;
    const input = { when: { phase: "connect" }, fault };
    const scoping = this.#scoping;
    const ofAll = () => (scoping ? rules.addWithin(input, scoping.includes) : rules.add(input));
    const rule = options.only ? rules.detached(input) : ofAll();
    const faults = rule.compiled.steps[0]?.faults ?? [];
    for (const session of [options.only ?? this.sessions].flat()) rule.attach(session.impair(faults));
    const handle = new RuleHandle<Reply>(rule, rules);
    scoping?.made(handle);
    return handle;
  }

  /** What it was asked so far, oldest first; with `request`, only what matches. */
  exchanges(request?: WantedFields<Request>): Exchange[] {
    return this.#parts.journal.find(this.#query(request, undefined));
  }

  /**
   * The first request that matches, with its reply, whether it has come already or is still to come. Rejects with
   * `WAIT_TIMEOUT`, which says which came nearest and in what they differed.
   *
   *     await harness.smtp.waitFor({ to: "alice@example.test", subject: /code/ }, { timeout: 2000 });
   */
  waitFor(
    request: WantedFields<Request>,
    options: WaitOptions & { readonly reply?: WantedReply } = {},
  ): Promise<Exchange> {
    return this.#parts.journal.waitFor(this.#query(request, options.reply), options);
  }

  /** What came nearest to a request that it was not asked, in lines for people. */
  explain(request: WantedFields<Request>): string {
    return this.#parts.journal.explain(this.#query(request, undefined));
  }

  #query(request: WantedFields<Request> | undefined, reply: WantedReply | undefined): ExchangeQuery {
    const wanted = request as ExchangeQuery["request"];
    const scoping = this.#scoping;
    return {
      name: this.name,
      kind: "exchange",
      ...(wanted ? { request: wanted } : {}),
      ...(reply ? { reply } : {}),
      ...(scoping ? { where: (entry) => entry.kind === "exchange" && scoping.includes(entry.request) } : {}),
    };
  }

  /** Resolves when its ports, closed by a rule, are open again; rejects if they cannot be. */
  ready(): Promise<void> {
    return this.#parts.ready();
  }
}
