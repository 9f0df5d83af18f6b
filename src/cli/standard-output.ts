/** What may wait for a reader that does not read; more is left out, lest it fill the memory. */
const MOST_WAITING_OCTETS = 8 * 1024 * 1024;
/** How long the last lines may take to leave. */
const FLUSH_MS = 1000;

/**
 * Lines for standard output. A reader that is slow, or gone, never holds up the services: lines of one turn leave in one
 * write, and what finds no room is left out and counted.
 */
export class StandardOutput {
  readonly #leftOut: (lines: number) => string;
  #waiting: string[] = [];
  #characters = 0;
  #missing = 0;
  #isOpen = true;

  /** `leftOut` makes the line that tells how many lines found no room. */
  constructor(leftOut: (lines: number) => string) {
    this.#leftOut = leftOut;
    process.stdout.on("error", () => {
      this.#isOpen = false; // EPIPE: nobody is left to be told
    });
  }

  say(line: string): void {
    if (!this.#isOpen) return;
    if (process.stdout.writableLength + this.#characters > MOST_WAITING_OCTETS) {
      this.#missing += 1;
      return;
    }
    const told = this.#missing > 0 ? `${this.#leftOut(this.#missing)}\n${line}\n` : `${line}\n`;
    this.#missing = 0;
    this.#characters += told.length;
    if (this.#waiting.push(told) === 1) setImmediate(() => this.#write());
  }

  /** Resolves when everything has left, or when nobody has read it for a second. */
  flush(): Promise<void> {
    this.#write();
    if (!this.#isOpen || process.stdout.writableLength === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const late = setTimeout(resolve, FLUSH_MS);
      process.stdout.write("", () => {
        clearTimeout(late);
        resolve();
      });
    });
  }

  #write(): void {
    if (this.#waiting.length === 0) return;
    const text = this.#waiting.join("");
    this.#waiting = [];
    this.#characters = 0;
    try {
      process.stdout.write(text);
    } catch {
      this.#isOpen = false; // a file on a full disk throws: nothing more can be told there
    }
  }
}
