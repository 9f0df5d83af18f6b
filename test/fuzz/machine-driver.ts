import type { ChannelId, CloseHow, Fields, Input, Machine, Output } from "../../src/contract/machine.ts";

const NOW = Date.UTC(2026, 0, 1);
const LOOPBACK = "127.0.0.1";

/** An endless producer is let go after so many. */
const MAX_PULLS = 64;
/** What one input may bring about: more is a machine that loops. */
const MAX_TURN = { outputs: 20_000, octets: 16 * 1024 * 1024 };

type Unstamped<T> = T extends unknown ? Omit<T, "now"> : never;
type Event = Unstamped<Input>;

/** All that came of a session: octets by channel (the main connection is ""), exchanges and notes, and how it ended. */
export interface Outcome {
  readonly sent: ReadonlyMap<ChannelId, Uint8Array>;
  readonly records: readonly { readonly [name: string]: Fields | string | undefined }[];
  readonly closed: CloseHow | undefined;
}

/**
 * A session in miniature, without sockets: answers `listen` with `listening`, and `pull` with `pull`. The clock stands
 * still, and timers expire only when told to. The peer connects to listeners when it has said everything: what is sent
 * depends on when a data connection comes, and pieces must not decide that.
 */
export class MachineDriver {
  readonly #machine: Machine;
  readonly #pulls: "at-once" | "late";
  readonly #inbox: Event[] = [];
  readonly #late: Event[] = [];
  readonly #connecting: Event[] = [];
  readonly #timers = new Map<string, number>();
  readonly #sent = new Map<ChannelId, Uint8Array[]>();
  readonly #records: Outcome["records"][number][] = [];
  #now = NOW;
  #pullsLeft = MAX_PULLS;
  #closed: CloseHow | undefined;

  /** `late` pulls come only after the next input from the peer. */
  constructor(machine: Machine, port: number, pulls: "at-once" | "late" = "at-once") {
    this.#machine = machine;
    this.#pulls = pulls;
    this.tell({
      type: "open",
      local: { address: LOOPBACK, port },
      peer: { address: LOOPBACK, port: 40_000 },
    });
  }

  tell(event: Event): void {
    const late = this.#late.splice(0);
    this.#inbox.push(event);
    this.#work();
    this.#inbox.push(...late);
    this.#work();
  }

  /** Lets everything that waits take place: data connections, late pulls, and every timer in the order of time. */
  settle(): void {
    for (let turn = 0; turn < MAX_PULLS; turn += 1) {
      while (this.#late.length + this.#connecting.length > 0 && !this.#closed) {
        this.#inbox.push(...this.#connecting.splice(0), ...this.#late.splice(0));
        this.#work();
      }
      const [next] = [...this.#timers].sort(([, a], [, b]) => a - b);
      if (!next || this.#closed) return;
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1]);
      this.tell({ type: "timer", name: next[0] });
    }
  }

  get closed(): CloseHow | undefined {
    return this.#closed;
  }

  get outcome(): Outcome {
    const sent = new Map([...this.#sent].map(([channel, parts]) => [channel, Buffer.concat(parts)]));
    return { sent, records: this.#records, closed: this.#closed };
  }

  #work(): void {
    for (let event = this.#inbox.shift(); event && !this.#closed; event = this.#inbox.shift()) {
      let outputs = 0;
      let octets = 0;
      for (const output of this.#machine.handle({ ...event, now: this.#now })) {
        outputs += 1;
        if (output.do === "send") octets += output.bytes.length;
        if (outputs > MAX_TURN.outputs || octets > MAX_TURN.octets)
          throw new RangeError(`one ${event.type} input brought about ${outputs} outputs and ${octets} octets`);
        this.#perform(output);
        if (this.#closed) break;
      }
    }
  }

  #perform(output: Output): void {
    switch (output.do) {
      case "send":
        this.#sentOn(output.channel ?? "").push(output.bytes);
        return;
      case "close":
        if (output.channel === undefined) this.#closed = output.how;
        return;
      case "listen":
        this.#inbox.push({
          type: "listening",
          channel: output.channel,
          local: { address: LOOPBACK, port: 50_000 },
        });
        this.#connecting.push({
          type: "channel",
          channel: output.channel,
          peer: { address: LOOPBACK, port: 40_001 },
        });
        return;
      case "pull":
        this.#pull(output.channel);
        return;
      case "timer":
        if (output.ms === "off") this.#timers.delete(output.name);
        else this.#timers.set(output.name, this.#now + output.ms);
        return;
      case "exchange":
        // Whether its fields were made already is nobody's concern.
        this.#records.push({ do: output.do, request: output.request, reply: output.reply });
        return;
      case "note":
        this.#records.push(output);
        return;
      case "idle":
        return;
    }
  }

  #pull(channel: ChannelId | undefined): void {
    if (this.#pullsLeft === 0) return;
    this.#pullsLeft -= 1;
    const pull: Event = channel === undefined ? { type: "pull" } : { type: "pull", channel };
    (this.#pulls === "late" ? this.#late : this.#inbox).push(pull);
  }

  #sentOn(channel: ChannelId): Uint8Array[] {
    let parts = this.#sent.get(channel);
    if (!parts) {
      parts = [];
      this.#sent.set(channel, parts);
    }
    return parts;
  }
}
