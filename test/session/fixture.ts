import type { Fault } from "../../src/contract/fault.ts";
import type { Input, Machine, Output } from "../../src/contract/machine.ts";
import { Journal, type JournalLimits } from "../../src/journal/journal.ts";
import { Session } from "../../src/session/session.ts";
import type { Network } from "../../src/transport/connection.ts";
import { type MemoryClient, MemoryNetwork } from "../../src/transport/memory.ts";
import { fromLatin1, toLatin1 } from "../../src/wire/bytes.ts";
import { ManualClock } from "../../src/world/clock.ts";

export const NOON = Date.UTC(2026, 0, 1, 12);

/** What a machine does at each input. */
export type Script = (input: Input) => Iterable<Output>;

/** A machine that does what a test says, and remembers what it was told and how deep. */
export class ScriptedMachine implements Machine {
  readonly state = "SCRIPTED";
  readonly inputs: Input[] = [];
  readonly #script: Script;
  #inside = false;

  constructor(script: Script) {
    this.#script = script;
  }

  /** A generator is inside the machine from its first output to its last. */
  *handle(input: Input): Iterable<Output> {
    if (this.#inside) throw new Error(`${input.type} came while the machine was at work`);
    this.#inside = true;
    try {
      this.inputs.push(input);
      yield* this.#script(input);
    } finally {
      this.#inside = false;
    }
  }

  /** The inputs in a word each; octets as text, of a channel with its name. */
  get told(): string[] {
    return this.inputs.map((input) => {
      const channel = "channel" in input && input.channel !== undefined ? `${input.channel}:` : "";
      if (input.type === "data") return `${channel}${JSON.stringify(toLatin1(input.bytes))}`;
      if (input.type === "timer") return `timer ${input.name}`;
      if (input.type === "shutdown") return `shutdown ${input.reason}`;
      return `${channel}${input.type}`;
    });
  }
}

export const send = (text: string, channel?: string): Output => ({
  do: "send",
  bytes: fromLatin1(text),
  ...(channel === undefined ? {} : { channel }),
});
export const END: Output = { do: "close", how: "end" };
export const RESET: Output = { do: "close", how: "reset" };

/** What a client in memory saw: its octets, then `FIN` or `RST`. */
export class Reader {
  readonly client: MemoryClient;
  text = "";

  constructor(client: MemoryClient) {
    this.client = client;
    client.events = {
      data: (bytes) => {
        this.text += toLatin1(bytes);
      },
      end: () => {
        this.text += "FIN";
      },
      reset: () => {
        this.text += "RST";
      },
    };
  }

  write(text: string): void {
    this.client.write(fromLatin1(text));
  }
}

export interface Scene {
  readonly machine: ScriptedMachine;
  readonly session: Session;
  readonly peer: Reader;
  readonly clock: ManualClock;
  readonly journal: Journal;
  readonly network: MemoryNetwork;
  /** How often the session said that nothing of it is left. */
  readonly overs: () => number;
  /** What the journal has of the session, in a word each. */
  readonly record: () => string[];
}

/** A session of a scripted machine in memory. */
export function sceneOf(
  script: Script,
  parts: { network?: Network; limits?: JournalLimits; faults?: readonly Fault[] } = {},
): Scene {
  const machine = new ScriptedMachine(script);
  const clock = new ManualClock(NOON);
  const journal = new Journal(() => clock.now(), parts.limits);
  const network = new MemoryNetwork();
  const { server, client } = network.connect(25);
  const peer = new Reader(client);
  const record = journal.session({
    service: "scripted",
    name: "scripted",
    transport: "tcp",
    local: server.local,
    peer: server.peer,
  });
  let overs = 0;
  const session = new Session({
    record,
    machine,
    connection: server,
    network: parts.network ?? network,
    clock,
    journal,
    over: () => {
      overs += 1;
    },
  });
  if (parts.faults) session.impair(parts.faults);
  session.start();
  return { machine, session, peer, clock, journal, network, overs: () => overs, record: () => wordsOf(journal) };
}

function wordsOf(journal: Journal): string[] {
  return journal.find().map((entry) => {
    switch (entry.kind) {
      case "received":
      case "sent":
        return `${entry.kind}${entry.channel ? ` ${entry.channel}` : ""} ${toLatin1(entry.bytes)}`;
      case "note":
        return `note ${entry.event}`;
      case "end":
        return `end by ${entry.by}${entry.channel ? ` on ${entry.channel}` : ""}`;
      case "close":
        return `close by ${entry.how}${entry.error === undefined ? "" : `: ${entry.error}`}`;
      default:
        return entry.kind;
    }
  });
}

/** Lets everything happen that was put off to a later turn. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
