import * as v from "valibot";
import type { Context, Service } from "../contract/service.ts";
import { Journal } from "../journal/journal.ts";
import { Session } from "../session/session.ts";
import { MemoryNetwork } from "../transport/memory.ts";
import { ManualClock } from "../world/clock.ts";
import { seededRandom } from "../world/random.ts";
import { type Fixtures, MemoryWorld } from "../world/world.ts";
import type { Dialogue } from "./dialogue.ts";
import { datagramClient, memoryClient } from "./memory-client.ts";
import { type PlayOptions, playDialogue } from "./play.ts";

const LOCAL = { address: "127.0.0.1", port: 0 };
/** The octets are what a rehearsal is about. */
const UNREAD = { request: {}, reply: {} };
const PEER = { address: "127.0.0.1", port: 40_000 };

/** Plays a dialogue against a service in memory, with a clock of its own; returns the journal of it. */
export async function rehearse(
  dialogue: Dialogue,
  service: Service,
  fixtures: Fixtures,
  options: PlayOptions,
): Promise<Journal> {
  const clock = new ManualClock(dialogue.clock);
  const journal = new Journal(() => clock.now());
  const world = new MemoryWorld(fixtures);
  const context: Context<unknown> = {
    options: v.parse(service.options, dialogue.options),
    world,
    secure: service.tls !== undefined,
    hostname: `${service.host}.${world.domain}`,
    random: seededRandom(1),
  };
  const advance = (ms: number) => clock.advance(ms);
  if (dialogue.transport === "udp") {
    const responder = service.responder?.(context);
    if (!responder) throw new TypeError(`${service.name} does not answer over UDP`);
    const binding = { service: service.name, name: service.name, local: LOCAL, decode: () => UNREAD };
    const respond = (datagram: Uint8Array) => {
      const answer = responder.respond(datagram, PEER, clock.now());
      journal.datagram(binding, clock.now(), PEER, datagram, answer);
      return answer;
    };
    await playDialogue(dialogue, service, datagramClient(respond, advance), options);
    return journal;
  }
  const machine = service.machine?.(context);
  if (!machine) throw new TypeError(`${service.name} does not answer over TCP`);
  const network = new MemoryNetwork();
  const { server, client } = network.connect(service.port);
  const record = journal.session({
    service: service.name,
    name: service.name,
    transport: "tcp",
    local: server.local,
    peer: server.peer,
  });
  const over = () => undefined;
  const session = new Session({ record, machine, connection: server, network, clock, journal, over });
  const player = memoryClient(client, network, advance);
  session.start();
  await playDialogue(dialogue, service, player, options);
  return journal;
}
