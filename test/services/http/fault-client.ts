import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Entry } from "../../../src/journal/entry.ts";
import type { RunningHarness } from "../../../src/start-options.ts";

type HttpHarness = RunningHarness<readonly ["http"]>;

/** So far the clock goes on after each request: further than any fault waits. */
const WAIT = "3m";

/** What a client saw of one request. */
export interface Sight {
  /** The octets that came, as Latin-1. */
  readonly came: string;
  /** How the connection ended, if it did. */
  readonly end: "FIN" | "RST" | undefined;
  /** By the harness's clock, from the request to the last octet. */
  readonly lateMs: number;
}

/**
 * A client on a bare socket that asks one thing after the other. It sleeps never: that nothing comes is known from the
 * journal, and time is the manual clock's.
 */
export class FaultClient {
  readonly #harness: HttpHarness;
  readonly #socket: Socket;
  readonly #pieces: string[] = [];
  #octets = 0;
  #seq = 0;
  #end: Sight["end"];
  #wake: () => void = () => undefined;

  private constructor(harness: HttpHarness, socket: Socket) {
    this.#harness = harness;
    this.#socket = socket;
    socket.on("data", (bytes) => {
      this.#octets += bytes.length;
      this.#pieces.push(bytes.toString("latin1"));
      this.#wake();
    });
    socket.on("end", () => this.#ended("FIN"));
    socket.on("error", () => this.#ended("RST"));
  }

  /** Connects; if that cannot be done, the error's code. */
  static async connect(harness: HttpHarness): Promise<FaultClient | string> {
    const { host, port } = harness.http.endpoint;
    const socket = connect({ host, port, allowHalfOpen: true });
    try {
      await once(socket, "connect");
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
    const client = new FaultClient(harness, socket);
    await harness.journal.waitFor({ kind: "open", where: (entry) => client.#isMine(entry) });
    return client;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Sends a request, and says what came of it. */
  async ask(request: string): Promise<Sight> {
    const { clock } = this.#harness;
    const askedAt = clock.now();
    this.#pieces.length = 0;
    if (!this.isOver && !this.#entries().some(isEnd)) this.#socket.write(request, "latin1");
    await this.#told((entry) => entry.kind === "sent" || isAnswered(entry));
    clock.advance(WAIT);
    await this.#told(isAnswered);
    clock.advance(WAIT);
    const entries = this.#entries();
    await this.#until(() => this.#octets >= sentIn(entries));
    if (entries.some(isEnd)) await this.#until(() => this.isOver);
    const since = entries.filter(({ seq }) => seq > this.#seq);
    this.#seq = entries.at(-1)?.seq ?? 0;
    const lastAt = since.findLast(({ kind }) => kind === "sent")?.time ?? askedAt;
    return { came: this.#pieces.join(""), end: this.#end, lateMs: lastAt - askedAt };
  }

  /** Such an entry is there, or the connection has ended. */
  async #told(isMeant: (entry: Entry) => boolean): Promise<void> {
    const over = new AbortController();
    const where = (entry: Entry) => this.#isMine(entry) && isMeant(entry);
    const told = this.#harness.journal.waitFor({ after: this.#seq, where }, { signal: over.signal });
    const ended = this.#until(() => this.isOver);
    await Promise.race([told, ended]);
    over.abort();
    await told.catch((error: unknown) => {
      if (!over.signal.aborted) throw error;
    });
  }

  async #until(isThere: () => boolean): Promise<void> {
    while (!isThere() && !this.isOver) {
      await new Promise<void>((resolve) => {
        const before = this.#wake;
        this.#wake = () => {
          before();
          resolve();
        };
      });
    }
  }

  #ended(how: "FIN" | "RST"): void {
    this.#end ??= how;
    this.#wake();
  }

  #entries(): readonly Entry[] {
    return this.#harness.journal.find({ where: (entry) => this.#isMine(entry) });
  }

  #isMine({ session }: Entry): boolean {
    return session.peer.port === this.#socket.localPort;
  }
}

/** What keeps the answer from coming may be all that is heard of it. */
function isAnswered(entry: Entry): boolean {
  return entry.kind === "exchange" || (entry.kind === "note" && entry.event === "fault");
}

function isEnd(entry: Entry): boolean {
  if (entry.kind === "note") return entry.event === "fault" && entry.detail.effect === "cut";
  return entry.kind === "close" || (entry.kind === "end" && entry.by === "service");
}

function sentIn(entries: readonly Entry[]): number {
  let octets = 0;
  for (const entry of entries) if (entry.kind === "sent") octets += entry.bytes.length;
  return octets;
}
