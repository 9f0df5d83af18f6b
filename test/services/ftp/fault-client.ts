import { connect, type Socket } from "node:net";

/** How long something that must come may take. */
const LATEST_MS = 5000;

/** A client's connection, and all that has come of it. */
export class Watched {
  readonly socket: Socket;
  readonly pieces: Buffer[] = [];
  isConnected = false;
  end: string | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(port: number, options: { readonly paused?: boolean } = {}) {
    this.socket = connect({ host: "127.0.0.1", port });
    const changed = () => {
      for (const check of [...this.#waiting]) check();
    };
    const ended = (how: string) => {
      this.end ??= how;
      changed();
    };
    this.socket.on("connect", () => {
      this.isConnected = true;
      changed();
    });
    if (!options.paused) {
      this.socket.on("data", (bytes: Buffer) => {
        this.pieces.push(bytes);
        changed();
      });
    }
    this.socket.on("end", () => ended("FIN"));
    this.socket.on("error", (error: NodeJS.ErrnoException) => {
      ended(error.code === "ECONNRESET" || error.code === "EPIPE" ? "RST" : String(error.code));
    });
  }

  get octets(): Buffer {
    return Buffer.concat(this.pieces);
  }

  get text(): string {
    return this.octets.toString("latin1");
  }

  say(line: string): void {
    this.socket.write(`${line}\r\n`);
  }

  /** Resolves once it is so; rejects with what there is instead. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve, reject) => {
      const check = () => {
        if (!isSo()) return;
        settle();
        resolve();
      };
      const settle = () => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      const late = () => {
        settle();
        const shown = JSON.stringify(this.text.slice(-400));
        reject(new Error(`${what} has not come; there is ${shown}${this.end ? `, then ${this.end}` : ""}`));
      };
      const timer = setTimeout(late, LATEST_MS);
      this.#waiting.add(check);
    });
  }

  connected(): Promise<void> {
    return this.until("the connection", () => this.isConnected || this.end !== undefined);
  }

  ended(): Promise<void> {
    return this.until("the end", () => this.end !== undefined);
  }

  /** So many replies, from the first one on. */
  async replies(count: number): Promise<readonly Reply[]> {
    await this.until(`reply ${count}`, () => readReplies(this.text).length >= count || this.end !== undefined);
    return readReplies(this.text);
  }
}

/** A reply as a client reads it. */
export interface Reply {
  /** "" for a line that is no reply. */
  readonly code: string;
  /** All of it, without its line end. */
  readonly text: string;
  readonly hasBareLf: boolean;
}

/** RFC 959 section 4.2. What has no line end yet is a reply too. */
export function readReplies(text: string): Reply[] {
  const replies: Reply[] = [];
  let open: { code: string; lines: string[]; hasBareLf: boolean } | undefined;
  for (const [, line = "", end] of text.matchAll(/([^\n]*?)(\r?\n|$)/g)) {
    if (line === "" && (end === "" || !open)) continue;
    const [, code = "", more] = /^(\d{3})([ -])/.exec(line) ?? [];
    open ??= { code, lines: [], hasBareLf: false };
    open.lines.push(line);
    open.hasBareLf ||= end === "\n";
    if (open.code === code ? more === "-" : open.code !== "") continue;
    replies.push({ code: open.code, text: open.lines.join("\n"), hasBareLf: open.hasBareLf });
    open = undefined;
  }
  if (open) replies.push({ code: "", text: open.lines.join("\n"), hasBareLf: open.hasBareLf });
  return replies;
}
