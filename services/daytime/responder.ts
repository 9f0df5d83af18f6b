import type { Responder } from "../../src/contract/machine.ts";
import { type DatagramRules, NO_RULES } from "../../src/contract/rules.ts";
import { fromLatin1 } from "../../src/wire/bytes.ts";
import { wouldLoop } from "../../src/wire/datagram-loop.ts";

/** RFC 867 over UDP: a datagram with the time for each datagram that comes. */
export function daytimeResponder(
  textOf: (now: number) => string,
  rules: DatagramRules<Uint8Array> = NO_RULES,
): Responder {
  return {
    respond: (datagram, peer, now) => {
      // Quirk: another small service is not answered, or the two would never end.
      if (wouldLoop(peer.port)) return undefined;
      const ruling = rules.any ? rules.ask({ data: datagram }, peer) : undefined;
      return ruling?.instead ? undefined : (ruling?.reply ?? fromLatin1(`${textOf(now)}\r\n`));
    },
  };
}
