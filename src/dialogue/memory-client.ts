import type { MemoryClient, MemoryNetwork } from "../transport/memory.ts";
import type { DialogueClient } from "./client.ts";
import { Inbox } from "./client.ts";

/** Turns of the event loop in which a session in memory may still have something to say (a `pull` takes one). */
const QUIET_TURNS = 4;

/** A dialogue's client on a connection in memory: what does not come within a few turns never comes. */
export function memoryClient(
  client: MemoryClient,
  network: MemoryNetwork,
  advance: (ms: number) => void,
): DialogueClient {
  const more = async () => {
    const before = inbox.octets.length;
    for (let turn = 0; turn < QUIET_TURNS; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (inbox.octets.length > before || inbox.over) return true;
    }
    return false;
  };
  const inbox = new Inbox(more);
  client.events = {
    data: (bytes) => inbox.add(bytes),
    end: () => inbox.end("end"),
    reset: () => inbox.end("reset"),
  };
  return {
    inbox,
    settle: async () => {
      if (!inbox.over) await more();
    },
    advance,
    send: (bytes) => client.write(bytes),
    end: () => client.end(),
    close: () => client.end(),
    connect: async (port) => {
      const data = network.dial(port);
      if (!data) throw new Error(`nothing listens on the data port ${port}`);
      return memoryClient(data, network, advance);
    },
  };
}

/** A dialogue's client that hands each datagram to `respond`. */
export function datagramClient(
  respond: (datagram: Uint8Array) => Uint8Array | undefined,
  advance: (ms: number) => void,
): DialogueClient {
  const inbox = new Inbox(async () => false);
  return {
    inbox,
    settle: () => Promise.resolve(),
    advance,
    send: (bytes) => {
      const answer = respond(bytes);
      if (answer) inbox.add(answer);
    },
    end: () => undefined,
    close: () => undefined,
    connect: () => Promise.reject(new Error("a datagram has no data connection")),
  };
}
