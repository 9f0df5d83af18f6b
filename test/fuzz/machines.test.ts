import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { loadFixtures } from "../../fixtures/load.ts";
import { services } from "../../services/registry.ts";
import type { Machine, Responder } from "../../src/contract/machine.ts";
import type { Context, ProbeStep, Service } from "../../src/contract/service.ts";
import { fromLatin1, toLatin1 } from "../../src/wire/bytes.ts";
import { seededRandom } from "../../src/world/random.ts";
import { MemoryWorld } from "../../src/world/world.ts";
import { clientParts, cut, makeInput, pick } from "./inputs.ts";
import { MachineDriver, type Outcome } from "./machine-driver.ts";

/** Sessions (and datagrams) for each service: more by night, `PORTWRIGHT_FUZZ=20000`. */
const ROUNDS = Number(process.env.PORTWRIGHT_FUZZ ?? 300);
/** The first round's seed; a failure names the round that failed: `PORTWRIGHT_FUZZ_FROM=1234 PORTWRIGHT_FUZZ=1`. */
const FROM = Number(process.env.PORTWRIGHT_FUZZ_FROM ?? 1);
const TIMEOUT_MS = 20_000 + ROUNDS * 100;

const MAX_DATAGRAM_OCTETS = 65_507;
const PEER = { address: "127.0.0.1", port: 40_000 };
const ENDINGS = ["end", "idle", "shutdown"] as const;
type Ending = (typeof ENDINGS)[number];

const fixtures = loadFixtures();

function contextOf(service: Service): Context<unknown> {
  const world = new MemoryWorld(fixtures);
  return {
    options: v.parse(service.options, {}),
    world,
    secure: service.tls !== undefined,
    hostname: `${service.host}.${world.domain}`,
    random: seededRandom(1),
  };
}

function machineOf(service: Service, context: Context<unknown>): Machine {
  const machine = service.machine?.(context);
  if (!machine) throw new TypeError(`${service.name} has no machine`);
  return machine;
}

function responderOf(service: Service): Responder {
  const responder = service.responder?.(contextOf(service));
  if (!responder) throw new TypeError(`${service.name} has no responder`);
  return responder;
}

/** A whole session: the pieces, one kind of end, everything that was waiting, and at last the harness's shutdown. */
function converse(driver: MachineDriver, pieces: readonly Uint8Array[], ending: Ending): Outcome {
  for (const bytes of pieces) driver.tell({ type: "data", bytes });
  driver.settle();
  driver.tell(ending === "shutdown" ? { type: "shutdown", reason: "stopping" } : { type: ending });
  driver.settle();
  driver.tell({ type: "shutdown", reason: "stopping" });
  driver.settle();
  return driver.outcome;
}

/** Where two outcomes part, in words. */
function firstDifference(one: Outcome, other: Outcome): string | undefined {
  for (const channel of new Set([...one.sent.keys(), ...other.sent.keys()])) {
    const a = toLatin1(one.sent.get(channel) ?? fromLatin1(""));
    const b = toLatin1(other.sent.get(channel) ?? fromLatin1(""));
    if (a === b) continue;
    let at = 0;
    while (a[at] === b[at]) at += 1;
    const show = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 60), at + 60));
    return `octet ${at} sent on ${channel || "the connection"}: ${show(a)} or ${show(b)}`;
  }
  if (one.closed !== other.closed) return `it closes with ${one.closed} or with ${other.closed}`;
  const records = Math.max(one.records.length, other.records.length);
  for (let at = 0; at < records; at += 1) {
    if (isDeepStrictEqual(one.records[at], other.records[at])) continue;
    return `record ${at}: ${JSON.stringify(one.records[at])} or ${JSON.stringify(other.records[at])}`;
  }
  return undefined;
}

/** The service's own probe, step by step. */
function isServed(driver: MachineDriver, steps: readonly ProbeStep[]): boolean {
  let read = 0;
  for (const step of steps) {
    const came = toLatin1(driver.outcome.sent.get("") ?? fromLatin1("")).slice(read);
    if ("send" in step) {
      driver.tell({ type: "data", bytes: typeof step.send === "string" ? fromLatin1(step.send) : step.send });
    } else if ("expect" in step) {
      if (typeof step.expect === "string" ? !came.startsWith(step.expect) : !step.expect.test(came)) return false;
      read += came.length;
    } else {
      driver.tell({ type: "end" });
      if (!driver.closed) return false;
    }
  }
  return true;
}

/** Says in which round, and for what input, a failure came about; the input as a dialogue's client line. */
function explained(round: string, input: Uint8Array, run: () => void): void {
  try {
    run();
  } catch (cause) {
    const text = toLatin1(input).replace(/[^\x20-\x7e]|[\\{]/g, (char) => {
      return char === "{" || char === "\\" ? `\\${char}` : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
    });
    throw new Error(`${cause instanceof Error ? cause.message : cause}\n${round}\nC| ${text}`, { cause });
  }
}

const all = Object.values(services) as readonly Service[];
const overTcp = all.filter((service) => service.machine).map((service) => [service.name, service] as const);
const overUdp = all.filter((service) => service.responder).map((service) => [service.name, service] as const);

describe("whatever octets arrive, in whatever pieces", () => {
  it.each(overTcp)(
    "%s stays within bounds, says the same, ends, and serves the next",
    (_name, service) => {
      const dialogues = clientParts(service, "tcp");
      for (let round = FROM; round < FROM + ROUNDS; round += 1) {
        const random = seededRandom(round);
        const input = makeInput(random, dialogues);
        const ending = pick(random, ENDINGS);
        explained(`round ${round}, then ${ending}`, input, () => {
          const context = contextOf(service);
          const fresh = (pulls?: "late") =>
            new MachineDriver(machineOf(service, contextOf(service)), service.port, pulls);

          const whole = converse(new MachineDriver(machineOf(service, context), service.port), [input], ending);
          expect(whole.closed, "it ends").toBeDefined();
          const octets = converse(
            fresh(),
            Array.from(input, (octet) => Buffer.of(octet)),
            ending,
          );
          expect(firstDifference(whole, octets), "octet by octet").toBeUndefined();
          const pieces = converse(fresh("late"), cut(random, input), ending);
          expect(firstDifference(whole, pieces), "in pieces, with late pulls").toBeUndefined();

          const next = new MachineDriver(machineOf(service, context), service.port);
          expect(isServed(next, service.probe.tcp ?? []), "the next session is served").toBe(true);
        });
      }
    },
    TIMEOUT_MS,
  );

  it.each(overUdp)(
    "%s answers a datagram with at most one, and records it",
    (_name, service) => {
      const datagrams = clientParts(service, "udp").flatMap((parts) => parts.map((datagram) => [datagram]));
      const [one, same] = [responderOf(service), responderOf(service)];
      for (let round = FROM; round < FROM + ROUNDS; round += 1) {
        const input = makeInput(seededRandom(round), datagrams);
        explained(`round ${round}`, input, () => {
          const answer = one.respond(input, PEER, 0);
          expect(answer?.length ?? 0).toBeLessThanOrEqual(MAX_DATAGRAM_OCTETS);
          expect(same.respond(Buffer.from(input), PEER, 0), "the same seed answers the same").toEqual(answer);
          expect(service.exchange?.(input, answer)).toHaveProperty("request");
        });
      }
    },
    TIMEOUT_MS,
  );
});
