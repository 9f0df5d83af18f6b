import type { TreeRefusal } from "../../src/contract/world.ts";
import type { Command, Control, Transfer } from "./control.ts";
import { refusal } from "./refusals.ts";
import { isCarriedOut, ruledReply } from "./ruled-reply.ts";
import type { Reply } from "./wire.ts";

/** Names the timer that runs while a transfer waits for its data connection. */
export const DATA_TIMER = "data-connection";

const COMPLETE: Reply = { code: 226, text: "Transfer complete." };
const CANNOT_OPEN: Reply = { code: 425, text: "Can't open data connection." };

/** Sends the 150 reply, and starts the transfer at once if the client has connected already. */
export function startTransfer(control: Control, transfer: Transfer, text: string): void {
  const { rule } = transfer.command;
  const ruled = rule?.reply;
  control.transfer = transfer;
  control.begin(transfer.command);
  // Quirk: 150 also where RFC 959 has 125, so that the reply does not depend on which connection was quicker.
  control.announce(ruled, { code: 150, text });
  if (rule) rule.announced = true;
  // No data connection is needed for saying that there is none.
  if (ruled?.code === CANNOT_OPEN.code) {
    finishTransfer(control, CANNOT_OPEN);
    return;
  }
  if (rule && ruled?.final === "early") {
    rule.answered = true;
    control.greet(ruledReply(ruled, COMPLETE));
  }
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
  control.answer(transfer.command, {
    ...reply,
    octets: transfer.octets,
    ...(transfer.isSpared ? { isOwn: true } : {}),
  });
}

/** The reply to a transfer for which there is no data connection, or not in time. */
export function cannotOpen(control: Control): void {
  finishTransfer(control, { ...CANNOT_OPEN, isOwn: true });
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
  isSpared = false;
  readonly #control: Control;
  readonly #pieces: Iterator<Uint8Array>;
  /** The next piece; looked up in advance, so that it is known which one is the last. */
  #next: IteratorResult<Uint8Array>;

  constructor(control: Control, command: Command, pieces: Iterator<Uint8Array>) {
    this.#control = control;
    this.command = command;
    const after = command.rule?.reply?.after;
    this.#pieces = after === undefined ? pieces : this.#upTo(after, pieces);
    this.#next = this.#pieces.next();
  }

  opened(): void {
    this.pulled();
  }

  pulled(): void {
    const channel = this.#control.data?.channel;
    if (this.#next.done || channel === undefined) {
      finishTransfer(this.#control, COMPLETE, "leave");
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
    if (this.#next.done) finishTransfer(this.#control, COMPLETE);
    else abortTransfer(this.#control);
  }

  *#upTo(octets: number, pieces: Iterator<Uint8Array>): Generator<Uint8Array> {
    this.isSpared = true;
    for (let left = octets; left > 0; ) {
      const next = pieces.next();
      if (next.done) return;
      const piece = next.value.subarray(0, left);
      left -= piece.length;
      yield piece;
    }
    this.isSpared = false;
  }
}

/** Where octets that come from the client go. */
export interface Storage {
  /** More octets than this are refused. */
  readonly limit: number;
  /** Takes them all. */
  store(bytes: Uint8Array): TreeRefusal | "done";
  /** The text of the 226 reply. */
  readonly done: string;
}

/** Octets on their way from the client into the tree, which sees them when all are there. */
export class Receiving implements Transfer {
  readonly command: Command;
  octets = 0;
  isSpared: boolean;
  readonly #control: Control;
  readonly #storage: Storage;
  readonly #after: number | undefined;

  constructor(control: Control, command: Command, storage: Storage) {
    this.#control = control;
    this.command = command;
    this.#storage = storage;
    this.#after = command.rule?.reply?.after;
    this.isSpared = this.#after !== undefined;
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
    if (data) this.#finish(data.received.take(), "leave");
  }

  pulled(): void {
    // Nothing is sent, so no room is waited for.
  }

  broken(): void {
    // What has come is not stored: the client never said that it was all.
    abortTransfer(this.#control);
  }

  #check(): void {
    const { data } = this.#control;
    if (data && this.#after !== undefined && this.octets >= this.#after) {
      this.isSpared = false;
      this.octets = this.#after;
      this.#finish(data.received.take().subarray(0, this.#after), "end");
      return;
    }
    const { limit } = this.#storage;
    if (this.octets <= limit) return;
    this.#control.note("file-too-large", { path: this.command.path, limit });
    finishTransfer(this.#control, refusal("no-space"));
  }

  #finish(bytes: Uint8Array, how: "end" | "leave"): void {
    const ruled = this.command.rule?.reply;
    const isStored = !ruled || this.isSpared || isCarriedOut(ruled);
    const outcome = isStored ? this.#storage.store(bytes) : "done";
    const reply = outcome === "done" ? { code: 226, text: this.#storage.done } : refusal(outcome);
    finishTransfer(this.#control, reply, how);
  }
}
