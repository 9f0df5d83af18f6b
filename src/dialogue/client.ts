/** The client's part of a dialogue, over whatever reaches the service. */
export interface DialogueClient {
  send(bytes: Uint8Array): void;
  /** FIN; does nothing over UDP. */
  end(): void;
  readonly inbox: Inbox;
  /** Opens the data connection. */
  connect(port: number): Promise<DialogueClient>;
  /** Resolves when what the service is about to say has come, where that can be known. */
  settle(): Promise<void>;
  /** Moves the service's clock, where it can be moved. */
  advance(ms: number): void;
  close(): void;
}

/** What has arrived from the service and was not yet expected. */
export class Inbox {
  #octets: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  ended = false;
  wasReset = false;
  /** Waits until something more may have come; `false` when nothing will. */
  readonly more: () => Promise<boolean>;

  constructor(more: (changed: () => Promise<void>) => Promise<boolean>) {
    this.more = () =>
      more(
        () =>
          new Promise((resolve) => {
            this.#wake = resolve;
          }),
      );
  }

  add(bytes: Uint8Array): void {
    this.#octets.push(bytes);
    this.#wake?.();
  }

  end(how: "end" | "reset"): void {
    if (how === "end") this.ended = true;
    else this.wasReset = true;
    this.#wake?.();
  }

  get over(): boolean {
    return this.ended || this.wasReset;
  }

  /** All octets here, as one array. */
  get octets(): Uint8Array {
    if (this.#octets.length !== 1) this.#octets = [Buffer.concat(this.#octets)];
    return this.#octets[0] as Uint8Array;
  }

  take(count: number): void {
    this.#octets = [this.octets.subarray(count)];
  }
}
