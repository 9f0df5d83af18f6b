import type { Responder } from "../../src/contract/machine.ts";
import { wouldLoop } from "../../src/wire/datagram-loop.ts";

/** RFC 862 over UDP: the same datagram goes back. */
export const echoResponder: Responder = {
  // Quirk: two echo services would pass one forged datagram to and fro for ever.
  respond: (datagram, peer) => (wouldLoop(peer.port) ? undefined : datagram),
};
