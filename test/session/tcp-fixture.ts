import { connect, type Socket } from "node:net";
import type { Clock } from "../../src/contract/clock.ts";
import type { Fault } from "../../src/contract/fault.ts";
import { Journal } from "../../src/journal/journal.ts";
import { Session } from "../../src/session/session.ts";
import type { Connection, Network } from "../../src/transport/connection.ts";
import { createIdentity } from "../../src/transport/identity/identity.ts";
import { listenTcp, tcpConnection, tcpNetwork } from "../../src/transport/tcp.ts";
import { secureServerSide } from "../../src/transport/tls.ts";
import { ManualClock } from "../../src/world/clock.ts";
import { NOON, type Script, ScriptedMachine } from "./fixture.ts";

export interface TcpScene extends AsyncDisposable {
  readonly port: number;
  readonly host: string;
  readonly clock: ManualClock;
  readonly journal: Journal;
  /** One for each connection, in their order. */
  readonly sessions: readonly { readonly session: Session; readonly machine: ScriptedMachine }[];
  /** How many sessions are over. */
  readonly overs: () => number;
  connect(localAddress?: string): Promise<TestSocket>;
}

/** Sessions of scripted machines on real sockets. */
export async function tcpSceneOf(
  script: Script,
  options: { host?: string; network?: Network; isSecure?: boolean; clock?: Clock; faults?: readonly Fault[] } = {},
): Promise<TcpScene> {
  const { host = "127.0.0.1", network = tcpNetwork(), faults } = options;
  const manual = new ManualClock(NOON);
  const clock = options.clock ?? manual;
  const identity = options.isSecure ? createIdentity({ now: Date.now(), domain: "example.test" }) : undefined;
  const journal = new Journal(() => clock.now());
  const sessions: { session: Session; machine: ScriptedMachine }[] = [];
  const clients: TestSocket[] = [];
  let overs = 0;
  const listener = await listenTcp({
    host,
    port: 0,
    failed: () => undefined,
    accept: (socket) => {
      if (!identity) {
        serve(tcpConnection(socket));
        return;
      }
      secureServerSide(socket, { credentials: identity, alpn: [], clock }, (outcome) => {
        if (!(outcome instanceof Error)) serve(outcome);
      });
    },
  });
  function serve(connection: Connection): void {
    const machine = new ScriptedMachine(script);
    const { local, peer } = connection;
    const record = journal.session({ service: "scripted", name: "scripted", transport: "tcp", local, peer });
    const over = () => {
      overs += 1;
    };
    const session = new Session({ record, machine, connection, network, clock, journal, over });
    sessions.push({ session, machine });
    if (faults) session.impair(faults);
    session.start();
  }
  return {
    host,
    port: listener.local.port,
    clock: manual,
    journal,
    sessions,
    overs: () => overs,
    connect: async (localAddress) => {
      const client = await TestSocket.connect(host, listener.local.port, localAddress);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.socket.destroy();
      const closed = listener.close();
      for (const { session } of sessions) session.destroy();
      identity?.[Symbol.dispose]();
      await closed;
    },
  };
}

/** A TCP client that remembers what it saw. */
export class TestSocket {
  readonly socket: Socket;
  text = "";
  octets = 0;
  /** `FIN`, or the code of the error. */
  end: string | undefined;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.octets += bytes.length;
      if (this.text.length < 100_000) this.text += bytes.toString("latin1");
      this.#wake();
    });
    socket.on("end", () => this.#ended("FIN"));
    socket.on("error", (error: NodeJS.ErrnoException) => this.#ended(error.code ?? error.message));
    socket.on("close", () => this.#ended("closed"));
  }

  static connect(host: string, port: number, localAddress?: string): Promise<TestSocket> {
    const socket = connect({
      host,
      port,
      allowHalfOpen: true,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new TestSocket(socket));
      });
    });
  }

  #ended(how: string): void {
    this.end ??= how;
    this.#wake();
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      if (this.end !== undefined) throw new Error(`it ended (${this.end}) after ${JSON.stringify(this.text)}`);
      await this.#change();
    }
  }

  /** How it ended: `FIN`, or an error's code. */
  async ended(): Promise<string> {
    while (this.end === undefined) await this.#change();
    return this.end;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
