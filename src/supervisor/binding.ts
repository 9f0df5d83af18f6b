import type { Socket } from "node:net";
import type { Clock } from "../contract/clock.ts";
import type { Endpoint as Address, Machine } from "../contract/machine.ts";
import { NO_RULES } from "../contract/rules.ts";
import type { Context, Transport } from "../contract/service.ts";
import type { SessionRecord } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import { Session } from "../session/session.ts";
import type { RuleSet } from "../stub/rule-set.ts";
import type { Connection, Network } from "../transport/connection.ts";
import { listenTcp, tcpConnection } from "../transport/tcp.ts";
import { secureServerSide, type TlsCredentials } from "../transport/tls.ts";
import { bindDatagrams } from "./datagrams.ts";
import type { Instance } from "./endpoint.ts";
import { isMuting, muteMachine } from "./mute.ts";
import { type Listener, Port } from "./port.ts";
import type { Provers } from "./provers.ts";

export interface SessionLimits {
  readonly maxSessions: number;
  readonly maxSessionsPerPeer: number;
}

/** What every binding of a harness shares. */
export interface Surroundings {
  readonly clock: Clock;
  readonly network: Network;
  readonly limits: SessionLimits;
  readonly credentials: () => TlsCredentials;
  readonly random: () => number;
  readonly provers: Provers;
  /** Whether a peer is answered at all. */
  allows(peer: Address): boolean;
  /** Where sessions with this peer are recorded; those of provers are kept apart. */
  journalFor(peer: Address): Journal;
  /** The journal of the provers. */
  readonly proofs: Journal;
}

/** What the rules about connections say of one. */
type Met = ReturnType<RuleSet["connected"]>;
const NOTHING_MET: Met = [];

/** One service on one address: its sockets, and the sessions on them. */
export class Binding {
  readonly instance: Instance;
  readonly host: string;
  readonly #context: Context<unknown>;
  readonly #rules: RuleSet;
  readonly #surroundings: Surroundings;
  readonly #sessions = new Set<Session>();
  /** How many of them were not refused, in all and by peer: who is refused takes nobody's place. */
  #admitted = 0;
  readonly #peers = new Map<string, number>();
  /** Accepted, and not yet a session: in a TLS handshake, or waiting for its turn. */
  readonly #waiting = new Set<Socket>();
  readonly #ports: Port[] = [];
  #stopping = false;

  constructor(instance: Instance, host: string, context: Context<unknown>, rules: RuleSet, surroundings: Surroundings) {
    this.instance = instance;
    this.host = host;
    this.#context = context;
    this.#rules = rules;
    this.#surroundings = surroundings;
  }

  get sessions(): ReadonlySet<Session> {
    return this.#sessions;
  }

  /** Binds one transport; resolves to the port. Rejects with the system's error. */
  async bind(transport: Transport, wanted: number): Promise<number> {
    const listen = (number: number) => this.#listen(transport, number);
    const failed = (number: number, error: Error) => {
      const here = { address: this.host, port: number };
      this.#complain({ transport, local: here, peer: here }, "reopen-failed", error);
    };
    const port = new Port({ transport, listener: await listen(wanted), listen, failed });
    this.#ports.push(port);
    return port.number;
  }

  /** Closes the ports of these transports at once, sessions going on, and opens all others again, very soon. */
  refuse(isRefused: (transport: Transport) => boolean): void {
    if (this.#stopping) return;
    for (const port of this.#ports) port.refuse(isRefused(port.transport));
  }

  /** Resolves when the ports are open again; rejects with the system's error. */
  get reopened(): Promise<unknown> {
    return Promise.all(this.#ports.map(({ reopened }) => reopened));
  }

  /**
   * Closes the listeners; sessions go on. Resolves when every session is gone and the ports are free. With `again`,
   * the binding may bind other ports afterwards.
   */
  close(options: { readonly again?: boolean } = {}): Promise<unknown> {
    this.#stopping = !options.again;
    return Promise.all(this.#ports.splice(0).map((port) => port.close()));
  }

  shutdown(): void {
    for (const session of this.#sessions) session.shutdown();
    for (const socket of this.#waiting) socket.destroy();
  }

  destroy(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#waiting) socket.destroy();
  }

  #listen(transport: Transport, port: number): Promise<Listener> {
    return transport === "tcp" ? this.#bindTcp(port) : this.#bindUdp(port);
  }

  #bindTcp(port: number) {
    const here = { address: this.host, port };
    const failed = (error: Error) =>
      this.#complain({ transport: "tcp", local: here, peer: here }, "accept-failed", error);
    return listenTcp({ host: this.host, port, accept: (socket) => this.#accept(socket), failed });
  }

  #bindUdp(port: number) {
    const { instance, host } = this;
    return bindDatagrams({
      instance,
      host,
      port,
      context: this.#context,
      rules: this.#rules,
      surroundings: this.#surroundings,
      complain: (where, event, error) => this.#complain({ transport: "udp", ...where }, event, error),
    });
  }

  /** What the rules about connections say of one. */
  #met(peer: Address): Met {
    return this.#rules.hasConnected ? this.#rules.connected({ transport: "tcp", peer }) : NOTHING_MET;
  }

  /** Ends the sessions of provers, so that nobody finds them afterwards. */
  dismissProvers(): void {
    const { provers } = this.#surroundings;
    for (const session of this.#sessions) if (provers.has(session.record.peer)) session.destroy();
    for (const socket of this.#waiting) if (provers.has(peerOf(socket))) socket.destroy();
  }

  #accept(socket: Socket): void {
    // It may break before anybody else listens to it.
    socket.on("error", () => socket.destroy());
    if (this.#stopping || !socket.remoteAddress) {
      socket.destroy();
      return;
    }
    const { provers } = this.#surroundings;
    if (!provers.active) {
      this.#admit(socket);
      return;
    }
    this.#wait(socket);
    const admit = () => {
      if (this.#waiting.delete(socket) && !socket.destroyed) this.#admit(socket);
    };
    void provers.identified(socket.localPort ?? 0).then(admit);
  }

  #admit(socket: Socket): void {
    const peer = peerOf(socket);
    const local = { address: socket.localAddress ?? this.host, port: socket.localPort ?? 0 };
    const { clock, credentials, limits, allows, journalFor } = this.#surroundings;
    if (!allows(peer)) {
      this.#complain({ transport: "tcp", local, peer }, "not-allowed");
      socket.resetAndDestroy();
      return;
    }
    const { tls } = this.instance.service;
    const journal = journalFor(peer);
    // Who is one too many is told so, and meets nothing else.
    const isNobody = journal === this.#surroundings.proofs || this.#isTooMany(this.#countsWith(peer));
    const met = isNobody ? NOTHING_MET : this.#met(peer);
    const isMuted = isMuting(
      met.flatMap(({ faults }) => faults),
      tls !== undefined,
    );
    if (!tls || isMuted) {
      this.#open(tcpConnection(socket), journal, met, isMuted);
      return;
    }
    if (this.#waiting.size >= limits.maxSessions) {
      this.#complain({ transport: "tcp", local, peer }, "too-many-handshakes");
      socket.resetAndDestroy();
      return;
    }
    this.#wait(socket);
    secureServerSide(socket, { credentials: credentials(), alpn: tls.alpn, clock }, (outcome) => {
      this.#waiting.delete(socket);
      if (!(outcome instanceof Error)) {
        if (this.#stopping) outcome.destroy();
        else this.#open(outcome, journal, met, false);
        return;
      }
      const record = journal.session({ ...this.#names("tcp"), local, peer });
      journal.opened(record);
      journal.note(record, "tls-failed", { error: outcome.message });
      journal.closed(record, this.#stopping ? "destroyed" : outcome.by, outcome.message);
    });
  }

  #wait(socket: Socket): void {
    this.#waiting.add(socket);
    socket.once("close", () => this.#waiting.delete(socket));
  }

  #open(connection: Connection, journal: Journal, met: Met, isMuted: boolean): void {
    const { clock, network, random } = this.#surroundings;
    const { local, peer, tls } = connection;
    const record = journal.session({ ...this.#names("tcp"), local, peer, ...(tls ? { tls: { ...tls } } : {}) });
    const machine = isMuted ? muteMachine() : this.#makeMachine(journal, record);
    if (!machine) {
      connection.reset();
      return;
    }
    const counts = this.#countsWith(peer);
    const isOneTooMany = this.#isTooMany(counts);
    const detach: (() => void)[] = [];
    const over = (session: Session) => {
      this.#sessions.delete(session);
      for (const letGo of detach) letGo();
      if (!isOneTooMany) this.#count(peer.address, -1);
    };
    const session = new Session({ record, machine, connection, network, clock, journal, over, random });
    this.#sessions.add(session);
    if (isOneTooMany) {
      session.refuse(counts);
      return;
    }
    this.#count(peer.address, 1);
    for (const { rule, faults } of met) detach.push(rule.attach(session.impair(faults)));
    session.start();
    for (const { rule } of met) journal.note(record, "rule", { rule: rule.label });
  }

  /** How many sessions there are with one more of this peer's. */
  #countsWith(peer: Address) {
    return { ofService: this.#admitted + 1, ofPeer: (this.#peers.get(peer.address) ?? 0) + 1 };
  }

  #isTooMany({ ofService, ofPeer }: { readonly ofService: number; readonly ofPeer: number }): boolean {
    const { maxSessions, maxSessionsPerPeer } = this.#surroundings.limits;
    return ofService > maxSessions || ofPeer > maxSessionsPerPeer;
  }

  #count(peer: string, change: 1 | -1): void {
    this.#admitted += change;
    const ofPeer = (this.#peers.get(peer) ?? 0) + change;
    if (ofPeer > 0) this.#peers.set(peer, ofPeer);
    else this.#peers.delete(peer);
  }

  /** `undefined` if the service crashed over it, which is in the journal then. */
  #makeMachine(journal: Journal, record: SessionRecord): Machine | undefined {
    const { service } = this.instance;
    const isProof = journal === this.#surroundings.proofs;
    const rules = isProof ? NO_RULES : this.#rules.forSession(record, (rule) => journal.note(record, "rule", { rule }));
    try {
      const machine = service.machine?.(this.#context, rules);
      if (machine) return machine;
      throw new TypeError(`${service.name} declares TCP and has no machine`);
    } catch (error) {
      journal.opened(record);
      journal.note(record, "crash", { stack: (error as Error).stack ?? String(error) });
      journal.closed(record, "service");
      return undefined;
    }
  }

  #names(transport: Transport) {
    return { service: this.instance.service.name, name: this.instance.name, transport };
  }

  /** Something happened that belongs to no session. */
  #complain(where: Pick<SessionRecord, "transport" | "local" | "peer">, event: string, error?: Error): void {
    const journal = this.#surroundings.journalFor(where.peer);
    const record = journal.session({ ...this.#names(where.transport), ...where });
    journal.note(record, event, error ? { stack: error.stack ?? error.message } : {});
  }
}

function peerOf(socket: Socket): Address {
  return { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
}
