import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { frame } from "../../../services/dns/frames.ts";
import { concat, toHex } from "../../../src/wire/bytes.ts";
import { query } from "./world.ts";

/** A client waits no longer for what must come. */
const DEADLINE_MS = 10_000;

/** A query that no rule is about: once its answer is here, whatever was to come before it has come. */
const LAST_QUERY = query("ssh.example.test A id=48059");
const LAST_ID = 48_059;

export interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: RemoteInfo;
}

/** A UDP socket that keeps what comes. */
export class UdpClient implements AsyncDisposable {
  readonly #socket = createSocket("udp4");
  readonly #port: number;
  readonly received: Datagram[] = [];

  constructor(port: number) {
    this.#port = port;
    this.#socket.on("message", (bytes, from) => this.received.push({ bytes, from }));
  }

  send(octets: Uint8Array): void {
    this.#socket.send(octets, this.#port, "127.0.0.1");
  }

  /** What comes until so many datagrams are there. */
  async until(count: number): Promise<readonly Datagram[]> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    while (this.received.length < count) await once(this.#socket, "message", { signal });
    return this.received.splice(0);
  }

  /** The answers to queries that leave one after the other, before the answer to a last one. */
  async ask(...queries: readonly Uint8Array[]): Promise<readonly Datagram[]> {
    for (const octets of [...queries, LAST_QUERY]) this.send(octets);
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const isLast = ({ bytes }: Datagram) => bytes.length > 2 && ((bytes[0] ?? 0) << 8) + (bytes[1] ?? 0) === LAST_ID;
    while (!this.received.some(isLast)) await once(this.#socket, "message", { signal });
    const at = this.received.findIndex(isLast);
    const before = this.received.splice(0, at + 1);
    return before.slice(0, -1);
  }

  /** The error that sending to a closed port brings. */
  async refused(octets: Uint8Array): Promise<string> {
    const socket = createSocket("udp4");
    socket.connect(this.#port, "127.0.0.1");
    await once(socket, "connect");
    socket.send(octets);
    const [error] = (await once(socket, "error", { signal: AbortSignal.timeout(DEADLINE_MS) }).catch(
      (thrown: unknown) => [thrown],
    )) as [NodeJS.ErrnoException];
    socket.close();
    return error.code ?? error.message;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((closed) => this.#socket.close(() => closed()));
  }
}

/** What a connection brought, up to the answer to a last query or to its end. */
export interface Conversation {
  readonly octets: Uint8Array;
  /** `FIN`, or the error's code; `undefined` while it is open. */
  readonly ending: string | undefined;
}

export interface ConversationOptions {
  /** The answer to the last query, with its length; without it the connection is waited for to end. */
  readonly last?: Uint8Array;
  /** Something else that ends the waiting. */
  readonly until?: Promise<unknown>;
}

/** Sends queries over one connection, in one piece. */
export async function converse(
  port: number,
  queries: readonly Uint8Array[],
  { last, until }: ConversationOptions = {},
): Promise<Conversation> {
  const socket = connect(port, "127.0.0.1");
  const pieces: Uint8Array[] = [];
  const received = () => concat([new Uint8Array(0), ...pieces]);
  let ending: string | undefined;
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const done = new Promise<void>((resolve, reject) => {
    const close = (how: string) => {
      ending ??= how;
      resolve();
    };
    socket.on("data", (bytes) => {
      pieces.push(bytes);
      if (last && toHex(received()).endsWith(toHex(last))) resolve();
    });
    socket.on("end", () => close("FIN"));
    socket.on("error", (error: NodeJS.ErrnoException) => close(error.code ?? error.message));
    deadline.addEventListener("abort", () => reject(new Error(`nothing more came after ${received().length} octets`)));
  });
  socket.write(concat([new Uint8Array(0), ...[...queries, ...(last ? [LAST_QUERY] : [])].map((one) => frame(one))]));
  try {
    await Promise.race([done, ...(until ? [until] : [])]);
  } finally {
    socket.destroy();
  }
  const octets = received();
  return { octets: last && !ending ? octets.subarray(0, octets.length - last.length) : octets, ending };
}

/** The answer to the last query of a conversation, with its length. */
export async function lastAnswer(port: number): Promise<Uint8Array> {
  await using client = new UdpClient(port);
  client.send(LAST_QUERY);
  const [answer] = await client.until(1);
  return frame(answer?.bytes ?? new Uint8Array(0));
}
