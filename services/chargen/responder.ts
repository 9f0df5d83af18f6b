import type { Responder } from "../../src/contract/machine.ts";
import { type DatagramRules, NO_RULES } from "../../src/contract/rules.ts";
import { wouldLoop } from "../../src/wire/datagram-loop.ts";
import { RINGS } from "./ring.ts";

// RFC 864: a random number (between 0 and 512) of characters
const MAX_OCTETS = 512;

/** RFC 864 over UDP: the beginning of the ring, of a random length, for each datagram that comes. */
export function chargenResponder(random: () => number, rules: DatagramRules<Uint8Array> = NO_RULES): Responder {
  return {
    respond: (datagram, peer) => {
      // Quirk: another small service is not answered, or the two would never end.
      if (wouldLoop(peer.port)) return undefined;
      const ruling = rules.any ? rules.ask({ data: datagram }, peer) : undefined;
      if (ruling?.instead) return undefined;
      return ruling?.reply ?? RINGS.subarray(0, Math.floor(random() * (MAX_OCTETS + 1)));
    },
  };
}
