import type { Endpoint } from "../contract/machine.ts";
import type { Transport } from "../contract/service.ts";

export interface Listener {
  readonly local: Endpoint;
  close(): Promise<void>;
}

export interface PortParts {
  readonly transport: Transport;
  readonly listener: Listener;
  /** Binds the same number again. */
  listen(number: number): Promise<Listener>;
  /** It could not be bound again. */
  failed(number: number, error: Error): void;
}

/** A port of ours; without a listener while a rule refuses it. */
export class Port {
  readonly transport: Transport;
  readonly number: number;
  readonly #parts: PortParts;
  #listener: Listener | undefined;
  #isRefused = false;
  #isOpening = false;
  #isClosed = false;
  #reopened: Promise<void> = Promise.resolve();

  constructor(parts: PortParts) {
    this.#parts = parts;
    this.transport = parts.transport;
    this.number = parts.listener.local.port;
    this.#listener = parts.listener;
  }

  /** Resolves when it is open again, if it is to be; rejects with the system's error. */
  get reopened(): Promise<void> {
    return this.#reopened;
  }

  /** Closes it at once, or opens it again, very soon. */
  refuse(isRefused: boolean): void {
    this.#isRefused = isRefused;
    if (isRefused) {
      void this.#listener?.close();
      this.#listener = undefined;
    } else if (!this.#listener && !this.#isOpening) {
      this.#reopened = this.#reopen();
      this.#reopened.catch(() => undefined); // told in the journal, and to whoever waits
    }
  }

  /** For good. Resolves when the port is free. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#listener?.close(), this.#reopened.catch(() => undefined)]);
  }

  /** It may be refused again, and more than once, before it is open. */
  async #reopen(): Promise<void> {
    this.#isOpening = true;
    try {
      while (!this.#listener && !this.#isRefused && !this.#isClosed) {
        const listener = await this.#parts.listen(this.number);
        if (this.#isRefused || this.#isClosed) await listener.close();
        else this.#listener = listener;
      }
    } catch (error) {
      this.#parts.failed(this.number, error as Error);
      throw error;
    } finally {
      this.#isOpening = false;
    }
  }
}
