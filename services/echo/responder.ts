import type { Responder } from "../../src/contract/machine.ts";
import { type DatagramRules, NO_RULES } from "../../src/contract/rules.ts";
import { wouldLoop } from "../../src/wire/datagram-loop.ts";
import { Excerpt } from "../../src/wire/excerpt.ts";

/** RFC 862 over UDP: the same datagram goes back. */
export function echoResponder(rules: DatagramRules<Uint8Array> = NO_RULES): Responder {
  return {
    respond: (datagram, peer) => {
      // Quirk: two echo services would pass one forged datagram to and fro for ever.
      if (wouldLoop(peer.port)) return undefined;
      const ruling = rules.any ? rules.ask(Excerpt.of(datagram).fields, peer) : undefined;
      return ruling?.instead ? undefined : (ruling?.reply ?? datagram);
    },
  };
}
