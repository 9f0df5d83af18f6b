import type { Responder } from "../../src/contract/machine.ts";
import { wouldLoop } from "../../src/wire/datagram-loop.ts";
import { encodeSeconds, secondsSince1900 } from "./seconds.ts";

/** RFC 868 over UDP: four octets for each datagram that comes, the empty one of the RFC or any other. */
export const timeResponder: Responder = {
  // Quirk: another small service is not answered, or the two would never end.
  respond: (_datagram, peer, now) => (wouldLoop(peer.port) ? undefined : encodeSeconds(secondsSince1900(now))),
};
