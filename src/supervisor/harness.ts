import { type Capture, type CaptureOptions, Captures } from "../capture/captures.ts";
import type { CaptureFormat } from "../capture/formats.ts";
import type { ExportOptions } from "../capture/write-entries.ts";
import type { Clock } from "../contract/clock.ts";
import type { AskEnclosed } from "../contract/enclosed.ts";
import type { Context, Reachable, Transport } from "../contract/service.ts";
import { PortwrightError } from "../errors.ts";
import type { Entry } from "../journal/entry.ts";
import { Journal } from "../journal/journal.ts";
import { isWildcard } from "../ports/addresses.ts";
import { allowList } from "../ports/allow-list.ts";
import type { Session } from "../session/session.ts";
import { type ClientTls, trusting } from "../transport/client.ts";
import { type AuthorityCertificate, createIdentity, type Identity } from "../transport/identity/identity.ts";
import { tcpNetwork } from "../transport/tcp.ts";
import { ManualClock } from "../world/clock.ts";
import { seededRandom } from "../world/random.ts";
import { MemoryWorld } from "../world/world.ts";
import { askEnclosed } from "./ask-enclosed.ts";
import { type Bound, bindAll } from "./bind-all.ts";
import { Binding, type Surroundings } from "./binding.ts";
import { type Endpoint, environmentOf, type Instance } from "./endpoint.ts";
import { prove } from "./prove.ts";
import { Provers } from "./provers.ts";
import { type RunningInstance, runningInstance } from "./running-instance.ts";
import { Scope } from "./scope.ts";
import type { ServiceHandle } from "./service-handle.ts";
import type { Settings } from "./settings.ts";
import { type VerifyOptions, verify } from "./verify.ts";

/**
 * A set of running services, the world they serve, and the record of what happened.
 *
 * `Name` is the union of the instances' names, so that a misspelt one does not compile; `Handles` is what scopes have for them.
 */
export class Harness<Name extends string = string, Handles = unknown> implements AsyncDisposable {
  /** What the services serve; change it as you like, `reset` brings the fixtures back. */
  readonly world: MemoryWorld;
  /** The record of everything that happened since the start, or since `reset`; readable after `stop` too. */
  readonly journal: Journal;
  /** Where the sessions' time comes from: the system's clock, or the manual one, which `advance` moves. */
  readonly clock: Clock & { advance(duration: number | string): void };
  readonly #settings: Settings;
  readonly #identity: Identity;
  readonly #bindings: Binding[] = [];
  readonly #running = new Map<string, RunningInstance>();
  readonly #captures: Captures;
  readonly #askers = new Map<string, AskEnclosed>();
  readonly #proofs: Journal;
  readonly #provers = new Provers();
  #random: () => number;
  #trust: ClientTls | undefined;
  #endpoints: readonly Endpoint[] = [];
  #stopped: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  /** Use `start`. Throws `WORLD_INVALID` for files or mail that cannot be there. */
  constructor(settings: Settings) {
    const { clock, limits, fixtures, seed } = settings;
    this.#settings = settings;
    this.clock = clock instanceof ManualClock ? clock : { ...clock, advance: refuseToAdvance };
    this.world = worldOf(settings);
    this.journal = new Journal(
      () => clock.now(),
      limits,
      (name) => {
        return settings.instances.find((one) => one.name === name || one.service.name === name)?.service;
      },
    );
    this.#proofs = new Journal(() => clock.now(), limits);
    this.#captures = new Captures({
      journal: this.journal,
      clock,
      instances: settings.instances,
      endpoints: () => this.#endpoints,
    });
    this.#random = seededRandom(seed);
    const parts = { settings, journal: this.journal, bindings: this.#bindings };
    for (const instance of settings.instances) {
      const { name } = instance;
      const running = runningInstance(instance, { ...parts, endpoint: (where) => this.endpoint(name as Name, where) });
      this.#running.set(name, running);
      if (!(name in this)) Object.defineProperty(this, name, { value: running.handle, enumerable: true });
    }
    // Clients judge certificates by their own clock, wherever the harness's stands.
    this.#identity = createIdentity({
      now: Date.now(),
      domain: fixtures.domain,
      hosts: settings.instances.map(({ service }) => service.host),
      names: settings.hosts.filter((host) => !isWildcard(host)),
    });
  }

  /** Every address of every service, ready or failed, in the order of the services. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** The certificate authority that TLS clients of this harness must trust. */
  get ca(): AuthorityCertificate {
    return this.#identity.ca;
  }

  /** Where other languages find the services: `{ PORTWRIGHT_SMTP: "127.0.0.1:10025" }`. */
  get env(): { [variable: string]: string } {
    return environmentOf(this.#endpoints);
  }

  /** The sessions that are open now. */
  get sessions(): readonly Session[] {
    return this.#bindings.flatMap((binding) => [...binding.sessions]);
  }

  /** The first ready endpoint of an instance. Throws `ENDPOINT_ABSENT` if there is none. */
  endpoint(name: Name, where: { readonly transport?: Transport; readonly host?: string } = {}): Endpoint {
    const ofName = this.#endpoints.filter((endpoint) => endpoint.name === name);
    const found = ofName.find(
      (endpoint) =>
        endpoint.status === "ready" &&
        (where.transport ?? endpoint.transport) === endpoint.transport &&
        (where.host ?? endpoint.host) === endpoint.host,
    );
    if (found) return found;
    const failed = ofName.find((endpoint) => endpoint.status === "failed");
    const names = [...new Set(this.#endpoints.map((endpoint) => endpoint.name))].join(", ");
    throw new PortwrightError(
      "ENDPOINT_ABSENT",
      failed ? `${name} failed: ${failed.reason}` : `no such endpoint; this harness runs ${names}`,
      { place: `endpoint(${JSON.stringify(name)})`, remedies: failed?.remedies ?? [] },
    );
  }

  /** A running service by its instance's name, which is a property of the harness too: `harness.smtp`. */
  service(name: Name): ServiceHandle {
    const running = this.#running.get(name);
    if (running) return running.handle;
    const names = [...this.#running.keys()].join(", ");
    const place = `service(${JSON.stringify(name)})`;
    throw new PortwrightError("ENDPOINT_ABSENT", `no such service; this harness runs ${names}`, { place });
  }

  /**
   * One test's part of this harness, by a domain of its own: mailboxes, zone, files, rules and journal. Throws
   * `SCOPE_INVALID` for what is no label of the DNS.
   *
   *     using scope = harness.scope("test-42");
   *     scope.address("alice"); // alice@test-42.example.test
   */
  scope(name: string): Scope & Handles {
    const scope = new Scope({ name, world: this.world, journal: this.journal, running: this.#running });
    return scope as Scope & Handles;
  }

  /**
   * Throws `VERIFY_FAILED` if a rule was never used, or a service refused a request that no rule is about; the message has
   * them all.
   */
  verify(options: VerifyOptions = {}): void {
    verify([...this.#running.values()], this.journal, options);
  }

  /**
   * What the journal has, as a file's content: `pcapng` for Wireshark, `har` (HTTP only), `jsonl` (an entry a line) or
   * `dialogue` (transcripts, which `replay` plays).
   *
   * TLS is in a pcapng as what was inside it; `capture` has the records themselves.
   *
   *     writeFileSync("smtp.pcapng", harness.export("pcapng", { service: "smtp" }));
   */
  export(format: "pcapng", options?: ExportOptions): Uint8Array;
  export(format: "har" | "jsonl" | "dialogue", options?: ExportOptions): string;
  export(format: CaptureFormat, options: ExportOptions = {}): Uint8Array | string {
    return this.#captures.export(format, options);
  }

  /**
   * Writes everything that happens from now on into a file, until `close()` or the harness's stop; the file's ending says the
   * form, and a file that is there already is replaced. It can be read while it grows.
   *
   * TLS connections that begin while it runs are in a pcapng with their records, and with the secrets that decrypt them.
   * Throws `FILE_UNWRITABLE`.
   *
   *     using capture = harness.capture("out.pcapng");
   */
  capture(path: string, options: CaptureOptions = {}): Capture {
    return this.#captures.start(path, options);
  }

  /** Binds and proves everything. Afterwards `endpoints` says what is ready. */
  async open(): Promise<void> {
    const surroundings = this.#surroundings();
    const open = (binding: Binding) => {
      this.#bindings.push(binding);
      return binding;
    };
    const rulesOf = ({ name }: Instance) => (this.#running.get(name) as RunningInstance).rules;
    this.#check();
    const bound = await bindAll(this.#settings, (instance, host) =>
      open(
        new Binding(instance, host, this.#context(instance.service, instance.options), rulesOf(instance), surroundings),
      ),
    );
    if (this.#settings.user !== undefined) {
      const { dropPrivileges } = await import("../ports/drop-privileges.ts");
      dropPrivileges(this.#settings.user);
    }
    let secured: Promise<unknown> = Promise.resolve();
    const proofs = bound.map((one) => {
      if (!one.service.tls) return this.#prove(one);
      // One after the other: all but the first resume its TLS session.
      const proof = secured.then(() => this.#prove(one));
      secured = proof;
      return proof;
    });
    this.#endpoints = await Promise.all(proofs);
    for (const binding of this.#bindings) binding.dismissProvers();
    this.#provers.finish();
    this.#random = seededRandom(this.#settings.seed);
    for (const running of this.#running.values()) running.followRefusals();
  }

  /**
   * Returns the world, the journal, the rules and the random numbers to their beginning. Connections stay open, and ports
   * that a rule had closed open again.
   */
  reset(): void {
    for (const running of this.#running.values()) running.reset();
    this.world.reset();
    this.#random = seededRandom(this.#settings.seed);
    this.journal.clear({ restart: this.sessions.length === 0 });
  }

  /**
   * Refuses new connections, lets every session say goodbye in its protocol's words, waits for them up to `graceMs`, and
   * ends what is left. Twice is the same as once.
   */
  stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#stopped ??= this.#stop(options.graceMs ?? this.#settings.graceMs);
    return this.#stopped;
  }

  /** Ends every session now; a `stop` that waits for them is done at once. */
  destroy(): void {
    for (const binding of this.#bindings) binding.destroy();
    this.#drained?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(graceMs: number): Promise<void> {
    const closed = this.#bindings.map((binding) => binding.close());
    for (const binding of this.#bindings) binding.shutdown();
    let deadline: NodeJS.Timeout | undefined;
    await Promise.race([
      Promise.all(closed),
      new Promise<void>((resolve) => {
        this.#drained = resolve;
        deadline = setTimeout(resolve, graceMs);
      }),
    ]);
    clearTimeout(deadline);
    for (const binding of this.#bindings) binding.destroy();
    await Promise.all(closed);
    this.journal.close();
    this.#identity[Symbol.dispose]();
    this.#captures.close();
  }

  /** Nothing is bound if a service cannot serve this world. */
  #check(): void {
    for (const { name, service, options } of this.#settings.instances) {
      try {
        service.check?.(this.#context(service, options));
      } catch (cause) {
        throw new PortwrightError("WORLD_INVALID", (cause as Error).message, { place: name, cause });
      }
    }
  }

  #surroundings(): Surroundings {
    const { allow, clock, channelPorts, limits } = this.#settings;
    const list = allow.length > 0 ? allowList(allow) : undefined;
    const provers = this.#provers;
    const credentials = this.#captures.witnessing(this.#identity);
    return {
      clock,
      limits,
      provers,
      network: tcpNetwork(channelPorts),
      credentials: () => credentials,
      allows: list ? (peer) => list.allows(peer.address) || provers.has(peer) : () => true,
      proofs: this.#proofs,
      random: () => this.#random(),
      journalFor: (peer) => (provers.has(peer) ? this.#proofs : this.journal),
    };
  }

  #context(service: Settings["instances"][number]["service"], options: unknown): Context<unknown> {
    return {
      options,
      world: this.world,
      secure: service.tls !== undefined,
      hostname: `${service.host}.${this.world.domain}`,
      random: () => this.#random(),
      enclosed: (mediaType) => this.#enclosed(mediaType, service.tls !== undefined),
      endpoints: () => this.#reachable(),
    };
  }

  #reachable(): readonly Reachable[] {
    return this.#endpoints
      .filter(({ status }) => status === "ready")
      .map(({ name, service, transport, host, port }) => {
        const instance = this.#settings.instances.find((one) => one.name === name) as Instance;
        const hostname = `${instance.service.host}.${this.world.domain}`;
        return { service, transport, hostname, address: host, port };
      });
  }

  /** The first instance that takes messages of a media type inside others, asked through its rules. */
  #enclosed(mediaType: string, secure: boolean): AskEnclosed | undefined {
    const key = `${mediaType} ${secure}`;
    const known = this.#askers.get(key);
    if (known) return known;
    const instance = this.#settings.instances.find(({ service }) => service.enclosed?.mediaType === mediaType);
    const running = instance && this.#running.get(instance.name);
    const asker = running && askEnclosed(running, { ...this.#context(instance.service, instance.options), secure });
    if (asker) this.#askers.set(key, asker);
    return asker;
  }

  /** All provers trust the harness's own authority, and no other. */
  #proverTls(): ClientTls {
    this.#trust ??= trusting(this.ca.pem, "localhost");
    return this.#trust;
  }

  async #prove({ endpoint, service }: Bound): Promise<Endpoint> {
    const steps = service.probe[endpoint.transport];
    if (endpoint.status === "failed" || !steps) return endpoint;
    const connected = this.#provers.expect(endpoint.port);
    try {
      await prove(steps, {
        host: endpoint.host,
        port: endpoint.port,
        transport: endpoint.transport,
        tls: service.tls ? this.#proverTls() : undefined,
        connected,
        arrived: (from) => {
          const isFrom = ({ session }: Entry) =>
            session.peer.port === from.port && session.peer.address === from.address;
          return this.#proofs.waitFor({ name: endpoint.name, where: isFrom });
        },
      });
      return endpoint;
    } catch (error) {
      connected();
      const reason = `${endpoint.name} is bound and does not answer as it should: ${(error as Error).message}`;
      return { ...endpoint, status: "failed", reason, remedies: [] };
    }
  }
}

function refuseToAdvance(): never {
  throw new PortwrightError("CLOCK_RUNS", "this clock is the system's, and runs by itself", {
    place: "clock.advance",
    remedies: ['start({ clock: "manual" })'],
  });
}

function worldOf({ fixtures, limits, seed }: Settings): MemoryWorld {
  try {
    return new MemoryWorld(fixtures, limits, seed);
  } catch (cause) {
    throw new PortwrightError("WORLD_INVALID", (cause as Error).message, { cause });
  }
}
