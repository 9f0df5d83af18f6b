import type { TreeRefusal } from "../../src/contract/world.ts";
import type { Command, Control, Transfer } from "./control.ts";
import { refusal } from "./refusals.ts";
import type { Reply } from "./wire.ts";

/** Names the timer that runs while a transfer waits for its data connection. */
export const DATA_TIMER = "data-connection";

/** Sends the 150 reply, and starts the transfer at once if the client has connected already. */
export function startTransfer(control: Control, transfer: Transfer, text: string): void {
  control.transfer = transfer;
  // Quirk: 150 also where RFC 959 has 125, so that the reply does not depend on which connection was quicker.
  control.send({ code: 150, text });
  if (control.data?.phase === "open") transfer.opened();
  else control.output({ do: "timer", name: DATA_TIMER, ms: control.context.options.dataTimeoutMs });
}

/**
 * Ends the transfer in progress, whichever way it went, with its final reply. `leave` where the client has nothing more to
 * send: the data connection is closed before the reply is written (RFC 959 section 5.4).
 */
export function finishTransfer(control: Control, reply: Reply, how: "end" | "leave" = "end"): void {
  const { transfer, data } = control;
  if (!transfer) return;
  if (data?.phase === "listening") control.output({ do: "timer", name: DATA_TIMER, ms: "off" });
  control.transfer = undefined;
  control.closeData(how);
  control.answer(transfer.command, { ...reply, octets: transfer.octets });
}

/** The reply to a transfer whose data connection was lost. */
export function abortTransfer(control: Control): void {
  noteAborted(control);
  finishTransfer(control, { code: 426, text: "Connection closed; transfer aborted." });
}

/** Tells that the transfer in progress, if any, did not come to its end. */
export function noteAborted(control: Control): void {
  if (!control.transfer) return;
  const { command, octets } = control.transfer;
  control.note("transfer-aborted", { command: command.verb, path: command.path, octets });
}

/** Octets on their way to the client: a file or a listing, piece by piece. */
export class Sending implements Transfer {
  readonly command: Command;
  octets = 0;
  readonly #control: Control;
  readonly #pieces: Iterator<Uint8Array>;
  /** The next piece; looked up in advance, so that it is known which one is the last. */
  #next: IteratorResult<Uint8Array>;

  constructor(control: Control, command: Command, pieces: Iterator<Uint8Array>) {
    this.#control = control;
    this.command = command;
    this.#pieces = pieces;
    this.#next = pieces.next();
  }

  opened(): void {
    this.pulled();
  }

  pulled(): void {
    const channel = this.#control.data?.channel;
    if (this.#next.done || channel === undefined) {
      finishTransfer(this.#control, { code: 226, text: "Transfer complete." }, "leave");
      return;
    }
    const bytes = this.#next.value;
    this.#control.output({ do: "send", bytes, channel });
    this.octets += bytes.length;
    this.#next = this.#pieces.next();
    this.#control.output({ do: "pull", channel });
  }

  received(): void {
    // What a client sends while it receives is for nobody.
  }

  ended(): void {
    // A client may close its sending side at once: it has nothing to send.
  }

  broken(): void {
    // A client that knows the size closes when it has everything.
    if (this.#next.done) finishTransfer(this.#control, { code: 226, text: "Transfer complete." });
    else abortTransfer(this.#control);
  }
}

/** Octets on their way from the client into the tree, which sees them when all are there. */
export class Receiving implements Transfer {
  readonly command: Command;
  octets = 0;
  readonly #control: Control;
  readonly #limit: number;
  readonly #store: (bytes: Uint8Array) => TreeRefusal | "done";
  readonly #done: string;

  /** More than `limit` octets are refused; `store` takes them all; `done` is the text of the 226 reply. */
  constructor(
    control: Control,
    command: Command,
    limit: number,
    store: (bytes: Uint8Array) => TreeRefusal | "done",
    done: string,
  ) {
    this.#control = control;
    this.command = command;
    this.#limit = limit;
    this.#store = store;
    this.#done = done;
  }

  opened(): void {
    // A quick client has sent something before its command was read.
    this.octets = this.#control.data?.received.octets ?? 0;
    this.#check();
    if (this.#control.data?.ended) this.ended();
  }

  received(bytes: Uint8Array): void {
    this.#control.data?.received.append(bytes);
    this.octets += bytes.length;
    this.#check();
  }

  ended(): void {
    const { data } = this.#control;
    if (!data) return;
    const outcome = this.#store(data.received.take());
    finishTransfer(this.#control, outcome === "done" ? { code: 226, text: this.#done } : refusal(outcome), "leave");
  }

  pulled(): void {
    // Nothing is sent, so no room is waited for.
  }

  broken(): void {
    // What has come is not stored: the client never said that it was all.
    abortTransfer(this.#control);
  }

  #check(): void {
    if (this.octets <= this.#limit) return;
    this.#control.note("file-too-large", { path: this.command.path, limit: this.#limit });
    finishTransfer(this.#control, refusal("no-space"));
  }
}
