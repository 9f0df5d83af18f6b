import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { services } from "../../services/registry.ts";
import type { Service, Transport } from "../../src/contract/service.ts";
import type { Harness } from "../../src/index.ts";
import type { SessionRecord } from "../../src/journal/entry.ts";
import { prove } from "../../src/supervisor/prove.ts";
import { trusting } from "../../src/transport/client.ts";

export const ALL: readonly Service[] = Object.values(services);

/** Every service that listens on TCP, by name. */
export const OVER_TCP = ALL.filter(({ transports }) => transports.includes("tcp")).map(({ name }) => name);
/** Every service that listens on UDP, by name. */
export const OVER_UDP = ALL.filter(({ transports }) => transports.includes("udp")).map(({ name }) => name);

export function serviceOf(name: string): Service {
  const service = ALL.find((one) => one.name === name);
  if (!service) throw new Error(`there is no service ${name}`);
  return service;
}

/** Of what a service says, so much is remembered. */
const REMEMBERED = 64 * 1024;
/** Of a stream without end, so much is enough. */
const ENOUGH = 256 * 1024;

/** A client that does as a test likes, and sees how that ends. */
export class Visitor {
  /** What it reads and writes on, inside TLS if there is TLS. */
  readonly socket: Socket;
  readonly #tcp: Socket;
  /** The beginning of what came, as Latin-1. */
  text = "";
  octets = 0;
  /** `FIN`, the code of an error, or `enough` of a stream without end. */
  readonly over: Promise<string>;

  constructor(tcp: Socket, socket: Socket, isEndless: boolean) {
    this.#tcp = tcp;
    this.socket = socket;
    this.over = new Promise((resolve) => {
      socket.on("data", (bytes: Buffer) => {
        this.octets += bytes.length;
        if (this.text.length < REMEMBERED) this.text += bytes.toString("latin1");
        if (isEndless && this.octets > ENOUGH) resolve("enough");
      });
      socket.on("end", () => resolve("FIN"));
      socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  }

  get port(): number {
    return this.#tcp.localPort ?? 0;
  }

  /** Sends an RST, after what was written. */
  reset(): void {
    setImmediate(() => {
      this.#tcp.resetAndDestroy();
      this.socket.destroy();
    });
  }
}

/** Connects to a service of a running harness, inside TLS where it speaks that unless told otherwise. */
export async function visit(harness: Harness, name: string, options: { plain?: boolean } = {}): Promise<Visitor> {
  const { host, port } = harness.endpoint(name, { transport: "tcp", host: "127.0.0.1" });
  const tcp = connect({ host, port, allowHalfOpen: true, noDelay: true });
  await once(tcp, "connect");
  if (!serviceOf(name).tls || options.plain) return new Visitor(tcp, tcp, name === "chargen");
  const secure = connectTls({ socket: tcp, ca: harness.ca.pem, servername: "localhost" });
  tcp.on("error", () => secure.destroy());
  await once(secure, "secureConnect");
  return new Visitor(tcp, secure, false);
}

/** The journal's record of a visitor's session, once it is over. */
export async function sessionOf(harness: Harness, localPort: number): Promise<SessionRecord> {
  const where = ({ session }: { session: SessionRecord }) => session.peer.port === localPort;
  const { session } = await harness.journal.waitFor({ kind: "close", where });
  return session;
}

/** The next client is served: has the exchange by which the service proves itself. */
export async function serves(harness: Harness, name: string, transport: Transport = "tcp"): Promise<void> {
  const service = serviceOf(name);
  const { host, port } = harness.endpoint(name, { transport, host: "127.0.0.1" });
  const tls = service.tls ? trusting(harness.ca.pem, "localhost") : undefined;
  const arrived = () => harness.journal.waitFor({ service: name, kind: "exchange" });
  await prove(service.probe[transport] ?? [], { host, port, transport, tls, arrived });
}
