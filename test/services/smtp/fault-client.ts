import type { Entry } from "../../../src/journal/entry.ts";
import type { RunningHarness } from "../../../src/start-options.ts";
import { TestSocket } from "../../session/tcp-fixture.ts";

type SmtpHarness = RunningHarness<readonly ["smtp"]>;

/** So far the clock goes on after each request: further than any fault waits. */
const WAIT = "3m";
const MESSAGE = `Subject: hello\r\n\r\n${`${"0123456789".repeat(6)}\r\n`.repeat(150)}.\r\n`;
/** RFC 5321 section 4.5.3.1.5. */
const MAX_REPLY_OCTETS = 512;

/**
 * An SMTP client that asks one thing after the other, and says in words what it saw: `452 4.2.2`, `FIN`, `nothing`, or the
 * octets themselves where they are no reply. It sleeps never: that nothing comes is known from the journal, and time is the
 * manual clock's.
 */
export class FaultClient {
  readonly #harness: SmtpHarness;
  readonly #socket: TestSocket;
  readonly #session: number;
  #read = 0;
  #seq = 0;

  private constructor(harness: SmtpHarness, socket: TestSocket, session: number) {
    this.#harness = harness;
    this.#socket = socket;
    this.#session = session;
  }

  /** Connects; if that cannot be done, the error's code. */
  static async connect(harness: SmtpHarness): Promise<FaultClient | string> {
    const opened = harness.journal.find({ kind: "open" }).at(-1)?.seq ?? 0;
    const { host, port } = harness.smtp.endpoint;
    try {
      const socket = await TestSocket.connect(host, port);
      const { session } = await harness.journal.waitFor({ kind: "open", after: opened });
      return new FaultClient(harness, socket, session.id);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  }

  get isOver(): boolean {
    return this.#socket.end !== undefined;
  }

  close(): void {
    this.#socket.socket.destroy();
  }

  greeting(): Promise<string> {
    return this.#settle(this.#entries()[0]?.time ?? 0);
  }

  /** Sends a command line, and says what came of it. */
  command(line: string): Promise<string> {
    return this.#ask(`${line}\r\n`);
  }

  message(): Promise<string> {
    return this.#ask(MESSAGE);
  }

  async #ask(octets: string): Promise<string> {
    const { journal, clock } = this.#harness;
    this.#seq = this.#entries().at(-1)?.seq ?? 0;
    const asked = clock.now();
    const over = new AbortController();
    const answered = journal.waitFor(
      { kind: "exchange", session: this.#session, after: this.#seq },
      { signal: over.signal },
    );
    this.#socket.socket.write(octets);
    if (this.#entries().some(isUnread)) await this.#otherIsServed();
    else await Promise.race([answered, this.#socket.ended()]);
    over.abort();
    await answered.catch(() => undefined);
    return this.#settle(asked);
  }

  /** By now this one would have been served too. */
  async #otherIsServed(): Promise<void> {
    const other = await FaultClient.connect(this.#harness);
    if (typeof other === "string") throw new Error(other);
    await other.greeting();
    await other.command("NOOP");
    other.close();
  }

  /** What came, once nothing more will. */
  async #settle(asked: number): Promise<string> {
    this.#harness.clock.advance(WAIT);
    const socket = this.#socket;
    const isComplete = () => socket.octets >= this.#sent();
    if (!isComplete() && !this.isOver) await socket.until(isComplete);
    if (this.#entries().some(isEnd)) await socket.ended();
    const entries = this.#entries().filter(({ seq }) => seq > this.#seq);
    const pieces = entries.filter(({ kind }) => kind === "sent");
    const late = (pieces.at(-1)?.time ?? asked) - asked;
    const came = socket.text.slice(this.#read);
    this.#read = socket.text.length;
    const how = came === "" ? [] : [printed(came, pieces.length, late)];
    const end = socket.end === undefined ? [] : [socket.end === "ECONNRESET" ? "RST" : socket.end];
    return how.length + end.length === 0 ? "nothing" : [...how, ...end].join(", then ");
  }

  #sent(): number {
    let octets = 0;
    for (const entry of this.#entries()) if (entry.kind === "sent") octets += entry.bytes.length;
    return octets;
  }

  #entries(): readonly Entry[] {
    return this.#harness.journal.find({ session: this.#session });
  }
}

function isEnd(entry: Entry): boolean {
  if (entry.kind === "note") return entry.event === "fault" && entry.detail.effect === "cut";
  return entry.kind === "close" || (entry.kind === "end" && entry.by === "service");
}

function isUnread(entry: Entry): boolean {
  return entry.kind === "note" && entry.event === "fault" && entry.detail.effect === "stop-reading";
}

/** `452 4.2.2`; with several lines also what they say; octets that are no reply as they are. */
function printed(came: string, pieces: number, late: number): string {
  const [whole, first] = REPLY.exec(came) ?? [];
  if (whole === undefined) return JSON.stringify(came);
  const [status = ""] = /^\d{3}(?: \d\.\d{1,3}\.\d{1,3})?(?= )/.exec(whole) ?? [];
  const texts = whole
    .split("\r\n")
    .slice(0, -1)
    .map((line) => line.slice(4));
  const reply = first === undefined ? status : `${first} ${texts.join(" / ")}`;
  const rest = came.slice(whole.length);
  return rest === "" ? reply + course(came, pieces, late) : `${reply} ${JSON.stringify(rest)}`;
}

/** One reply: lines of one code, all but the last with a hyphen. */
const REPLY = /^(?:(\d{3})-[^\r\n]*\r\n(?:\1-[^\r\n]*\r\n)*\1 |\d{3} )[^\r\n]*\r\n/;

/** How it came, if not at once and in one piece. */
function course(came: string, pieces: number, late: number): string {
  const long = came.length > MAX_REPLY_OCTETS ? ` of ${came.length} octets` : "";
  const cut = pieces === 1 ? "" : pieces === came.length ? " octet by octet" : ` in ${pieces} pieces`;
  return `${long}${cut}${late > 0 ? ` after ${late} ms` : ""}`;
}
