import type { Responder } from "../../src/contract/machine.ts";
import { type DatagramRules, NO_RULES } from "../../src/contract/rules.ts";
import { wouldLoop } from "../../src/wire/datagram-loop.ts";
import { encodeSeconds, secondsSince1900 } from "./seconds.ts";

/** RFC 868 over UDP: four octets for each datagram that comes, the empty one of the RFC or any other. */
export function timeResponder(rules: DatagramRules<Uint8Array> = NO_RULES): Responder {
  return {
    respond: (datagram, peer, now) => {
      // Quirk: another small service is not answered, or the two would never end.
      if (wouldLoop(peer.port)) return undefined;
      const ruling = rules.any ? rules.ask({ data: datagram }, peer) : undefined;
      return ruling?.instead ? undefined : (ruling?.reply ?? encodeSeconds(secondsSince1900(now)));
    },
  };
}
