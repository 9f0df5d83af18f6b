import type { Responder } from "../../src/contract/machine.ts";
import { wouldLoop } from "../../src/wire/datagram-loop.ts";
import { RINGS } from "./ring.ts";

// RFC 864: a random number (between 0 and 512) of characters
const MAX_OCTETS = 512;

/** RFC 864 over UDP: the beginning of the ring, of a random length, for each datagram that comes. */
export function chargenResponder(random: () => number): Responder {
  return {
    // Quirk: another small service is not answered, or the two would never end.
    respond: (_datagram, peer) =>
      wouldLoop(peer.port) ? undefined : RINGS.subarray(0, Math.floor(random() * (MAX_OCTETS + 1))),
  };
}
