import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import type { DnsReply } from "../../services/dns/dns-reply.ts";
import { frame, unframe } from "../../services/dns/frames.ts";
import { DnsMachine } from "../../services/dns/machine.ts";
import { decode } from "../../services/dns/message.ts";
import { DnsResponder } from "../../services/dns/responder.ts";
import { printRcode } from "../../services/dns/types.ts";
import type { Input, Output } from "../../src/contract/machine.ts";
import type { DatagramRules } from "../../src/contract/rules.ts";
import { concat, toHex } from "../../src/wire/bytes.ts";
import { seededRandom } from "../../src/world/random.ts";
import { rulesOf } from "../services/dns/ruled.ts";
import { SECRET } from "../services/dns/tsig-client.ts";
import { contextOf, PEER } from "../services/dns/world.ts";
import { mutatedPacket } from "./dns-packets.ts";

/** Packets: a million by night. A failure names its packet's number: `PORTWRIGHT_DNS_FROM=1234 PORTWRIGHT_DNS=1`. */
const PACKETS = Number(process.env.PORTWRIGHT_DNS ?? (process.env.PORTWRIGHT_FUZZ ? 1_000_000 : 100_000));
const FROM = Number(process.env.PORTWRIGHT_DNS_FROM ?? 1);
const TIMEOUT_MS = 60_000 + PACKETS;

const OPTIONS = { keys: { "test-key": SECRET } };

/** A packet that takes so long is read in a circle; a busy machine takes less. */
const MAX_PACKET_MS = 2000;
/** An update that is valid stays: after so many packets the world is a new one. */
const WORLD_PACKETS = 5000;
/** How many packets one connection brings, if it lives so long. */
const CONNECTION_PACKETS = 16;
/** What may stay behind: answers that are kept, of which there are bounds, and whatever the test itself holds. */
const MAX_GROWTH = 24 * 1024 * 1024;

/** So many packets of this kind bring every one of these. */
const RCODES = ["NOERROR", "FORMERR", "NXDOMAIN", "NOTIMP", "REFUSED", "NXRRSET", "NOTAUTH", "NOTZONE", "BADVERS"];

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
const heapOctets = () => {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const seen = new Set<string>();

/** Whatever is sent in answer must be a response to it, whole, and never an answer to an answer (RFC 1035 section 4.1.1). */
function check(packet: Uint8Array, answer: Uint8Array | undefined): void {
  if (!answer) return;
  const asked = decode(packet)?.message;
  const decoded = decode(answer);
  if (!asked || asked.response) throw new Error(`this is answered: ${toHex(packet)}`);
  if (!decoded || decoded.problem !== undefined) throw new Error(`cannot be read: ${toHex(answer)}`);
  seen.add(printRcode(decoded.message.rcode));
  if (!decoded.message.response || decoded.message.id !== asked.id)
    throw new Error(`answers another: ${toHex(answer)}`);
}

/** Rules that good packets meet, and bad ones. */
function ruledResponder(): DnsResponder {
  const rules = rulesOf(
    { when: { problem: { present: true }, name: { present: true } }, reply: "NOTIMP" },
    { when: { type: ["MX", "TXT"] }, reply: { rcode: "SERVFAIL", edns: { ede: { code: 9 } } } },
    { when: { opcode: "UPDATE" }, reply: "REFUSED" },
    { when: { edns: { min: 1 }, type: "A" }, reply: "192.0.2.1", every: 2 },
  );
  return new DnsResponder(contextOf(OPTIONS), rules.forDatagrams(() => undefined) as DatagramRules<DnsReply>);
}

/** Packets in one direction, machines that come and go. */
class Connections {
  #machine: DnsMachine | undefined;
  #left = 0;

  /** What is sent in answer to one packet, in its frame. */
  answer(packet: Uint8Array, context: ReturnType<typeof contextOf>): Uint8Array {
    if (!this.#machine || this.#left === 0 || this.#machine.state === "CLOSED") {
      this.#machine = new DnsMachine(context);
      this.#left = CONNECTION_PACKETS;
      this.#tell(this.#machine, { type: "open", now: 0, local: PEER, peer: PEER });
    }
    this.#left -= 1;
    return concat(this.#tell(this.#machine, { type: "data", now: 0, bytes: frame(packet) }));
  }

  #tell(machine: DnsMachine, input: Input): Uint8Array[] {
    const outputs: Output[] = [...machine.handle(input)];
    const isPaused = outputs.some((output) => output.do === "pull");
    const sent = outputs.flatMap((output) => (output.do === "send" ? [output.bytes] : []));
    return isPaused ? [...sent, ...this.#tell(machine, { type: "pull", now: 0 })] : sent;
  }
}

it(
  `survives ${PACKETS} packets that were good once, keeps its memory, and answers none that is an answer`,
  () => {
    let context = contextOf(OPTIONS);
    let responder = new DnsResponder(context);
    let ruled = ruledResponder();
    const connections = new Connections();
    const counts = { datagrams: 0, messages: 0, silent: 0 };
    let warm = 0;
    for (let round = FROM; round < FROM + PACKETS; round += 1) {
      if (round % WORLD_PACKETS === 0) {
        context = contextOf(OPTIONS);
        responder = new DnsResponder(context);
        ruled = ruledResponder();
      }
      const packet = mutatedPacket(seededRandom(round));
      const start = performance.now();
      try {
        const datagram = responder.respond(packet, PEER, 0);
        check(packet, datagram);
        check(packet, ruled.respond(packet, PEER, 0));
        const stream = connections.answer(packet, context);
        const messages = unframe(stream);
        for (const message of messages) check(packet, message);
        if (messages.reduce((octets, { length }) => octets + 2 + length, 0) !== stream.length)
          throw new Error(`frames and octets differ: ${toHex(stream)}`);
        if (datagram) counts.datagrams += 1;
        else counts.silent += 1;
        counts.messages += messages.length;
        const ms = performance.now() - start;
        if (ms > MAX_PACKET_MS) throw new Error(`took ${ms} ms`);
      } catch (cause) {
        throw new Error(`packet ${round}: ${toHex(packet)}: ${(cause as Error).message}`, { cause });
      }
      if (round === FROM + Math.floor(PACKETS / 5)) warm = heapOctets();
    }
    if (PACKETS >= WORLD_PACKETS) {
      expect(heapOctets() - warm).toBeLessThan(MAX_GROWTH);
      // They are no mere noise: most are still understood well enough to be answered.
      expect(counts.datagrams).toBeGreaterThan(PACKETS / 2);
      expect(counts.messages).toBeGreaterThan(PACKETS / 2);
      expect(counts.silent).toBeGreaterThan(PACKETS / 100);
      expect([...seen]).toEqual(expect.arrayContaining(RCODES));
    }
  },
  TIMEOUT_MS,
);
