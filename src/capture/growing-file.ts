import { closeSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { PortwrightError } from "../errors.ts";

/** What waits is written when it is so much, and at the end of every turn. */
const MOST_WAITING_OCTETS = 256 * 1024;

/**
 * A file that grows while things happen. What was written in earlier turns is the system's: whatever becomes of this
 * process, it is in the file.
 */
export class GrowingFile {
  readonly path: string;
  /** Called before what waits is written, for those who hold something back. */
  beforeWrite: () => void = () => undefined;
  /** Stands behind everything, and is written over by what comes next: for forms that have an end. */
  tail: Uint8Array | undefined;
  readonly #file: number;
  readonly #failed: (error: PortwrightError) => void;
  #waiting: Uint8Array[] = [];
  #octets = 0;
  /** Where the next octets go. */
  #position = 0;
  #isScheduled = false;
  #isClosed = false;

  /** Throws `FILE_UNWRITABLE`. `failed` is told once if writing fails later; nothing is written then any more. */
  constructor(path: string, failed: (error: PortwrightError) => void) {
    this.path = path;
    this.#failed = failed;
    try {
      this.#file = openSync(path, "w");
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  append(octets: Uint8Array): void {
    if (this.#isClosed) return;
    this.#waiting.push(octets);
    this.#octets += octets.length;
    if (this.#octets >= MOST_WAITING_OCTETS) this.#write();
    this.changed();
  }

  /** Something waits to be written, here or with those who hold it back. */
  changed(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  flush(): void {
    if (this.#isClosed) return;
    this.beforeWrite();
    this.#write();
  }

  close(): void {
    this.flush();
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#file);
  }

  #write(): void {
    const tail = this.tail ?? NO_TAIL;
    const octets = Buffer.concat([...this.#waiting.splice(0), tail]);
    // A pipe has no positions, and nothing written over either.
    const start = this.tail ? this.#position : null;
    this.#position += octets.length - tail.length;
    this.#octets = 0;
    try {
      for (let at = 0; at < octets.length; ) {
        at += writeSync(this.#file, octets, at, octets.length - at, start === null ? null : start + at);
      }
    } catch (cause) {
      this.#isClosed = true;
      closeSync(this.#file);
      this.#failed(unwritable(this.path, cause));
    }
  }
}

const NO_TAIL = new Uint8Array(0);

function unwritable(path: string, cause: unknown): PortwrightError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const remedies = code === "ENOENT" ? [`mkdir -p ${dirname(path)}`] : [];
  return new PortwrightError("FILE_UNWRITABLE", `cannot be written: ${message}`, { place: path, cause, remedies });
}
