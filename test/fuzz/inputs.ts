import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Service, Transport } from "../../src/contract/service.ts";
import type { Dialogue } from "../../src/dialogue/dialogue.ts";
import { parseDialogue } from "../../src/dialogue/parse-dialogue.ts";
import { fromLatin1 } from "../../src/wire/bytes.ts";

const SERVICES = join(import.meta.dirname, "../../services");
const MAX_OCTETS = 2000;
const MAX_MUTATIONS = 8;

export type Random = () => number;

/** Octets that parsers are known to stumble over. */
const TRAPS = [
  "\r\n",
  "\n",
  "\r",
  "\r\n\r\n",
  "\r\n.\r\n",
  "\0",
  " ",
  "\t",
  ":",
  "<>",
  "%00",
  "../",
  "-1",
  "99999999999999999999",
  "\x7f",
  "\xff",
  "\xff\xf4\xff\xfd\x06", // Telnet: IAC IP IAC DO TIMING-MARK
  "\xc0\x0c", // DNS: a pointer to the question
  "\xc3\x28", // no UTF-8
  "A".repeat(600),
];

/** What clients say in a service's dialogues: for each dialogue the octets, one part for each line or datagram. */
export function clientParts(service: Service, transport: Transport): Uint8Array[][] {
  const folder = join(SERVICES, service.name, "dialogues");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".txt"))
    .map((file) => parseDialogue(readFileSync(join(folder, file), "utf8"), file))
    .filter((dialogue) => dialogue.transport === transport)
    .map((dialogue) => partsOf(dialogue, service))
    .filter((parts) => parts.length > 0);
}

function partsOf(dialogue: Dialogue, service: Service): Uint8Array[] {
  const frame = dialogue.transport === "tcp" ? service.notation?.frame : undefined;
  return dialogue.steps.flatMap((step) => {
    if (step.type === "send" && step.channel === "main") {
      const text = step.text.map((part) => (typeof part === "string" ? part : "0")).join("");
      return [fromLatin1(text + (step.newline ? "\r\n" : ""))];
    }
    if (step.type === "send-message" && service.notation) {
      const message = service.notation.read(step.text);
      return [frame ? frame(message) : message];
    }
    return [];
  });
}

/** One input: what clients really say, so and mutated, or plain garbage. */
export function makeInput(random: Random, dialogues: readonly (readonly Uint8Array[])[]): Uint8Array {
  const kind = random();
  if (dialogues.length === 0 || kind < 0.2) return garbage(random);
  let octets: Uint8Array = Buffer.concat(pick(random, dialogues));
  if (kind < 0.3) return octets;
  const spare = dialogues.flat();
  for (let left = below(random, MAX_MUTATIONS) + 1; left > 0; left -= 1) octets = mutate(random, octets, spare);
  return octets.subarray(0, MAX_OCTETS);
}

function garbage(random: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let left = below(random, 12); left > 0; left -= 1) {
    if (random() < 0.5) parts.push(fromLatin1(pick(random, TRAPS)));
    else parts.push(Uint8Array.from({ length: below(random, 40) }, () => below(random, 256)));
  }
  return Buffer.concat(parts).subarray(0, MAX_OCTETS);
}

function mutate(random: Random, octets: Uint8Array, spare: readonly Uint8Array[]): Uint8Array {
  const at = below(random, octets.length + 1);
  const to = Math.min(octets.length, at + below(random, 30));
  const before = octets.subarray(0, at);
  const range = octets.subarray(at, to);
  const after = octets.subarray(to);
  switch (below(random, 6)) {
    case 0:
      return Buffer.concat([before, after]);
    case 1:
      return Buffer.concat([before, range, range, after]);
    case 2:
      return Buffer.concat([before, fromLatin1(pick(random, TRAPS)), range, after]);
    case 3:
      return Buffer.concat([before, pick(random, spare), range, after]);
    case 4:
      return Buffer.concat([before, range.map((octet) => octet ^ (1 << below(random, 8))), after]);
    default:
      return octets.subarray(0, random() < 0.3 ? at : octets.length);
  }
}

/** The octets in pieces of random lengths, mostly short. */
export function cut(random: Random, octets: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < octets.length; ) {
    const length = 1 + below(random, random() < 0.7 ? 8 : 200);
    pieces.push(octets.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[below(random, from.length)] as T;
}

export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
