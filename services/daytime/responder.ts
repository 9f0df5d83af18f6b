import type { Responder } from "../../src/contract/machine.ts";
import { fromLatin1 } from "../../src/wire/bytes.ts";
import { wouldLoop } from "../../src/wire/datagram-loop.ts";

/** RFC 867 over UDP: a datagram with the time for each datagram that comes. */
export function daytimeResponder(textOf: (now: number) => string): Responder {
  return {
    // Quirk: another small service is not answered, or the two would never end.
    respond: (_datagram, peer, now) => (wouldLoop(peer.port) ? undefined : fromLatin1(`${textOf(now)}\r\n`)),
  };
}
