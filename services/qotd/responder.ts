import type { Responder } from "../../src/contract/machine.ts";
import { wouldLoop } from "../../src/wire/datagram-loop.ts";
import { encodeQuote, quoteOf } from "./quote.ts";

/** RFC 865 over UDP: a datagram with the quote for each datagram that comes. */
export function qotdResponder(quotes: readonly string[]): Responder {
  return {
    // Quirk: another small service is not answered, or the two would never end.
    respond: (_datagram, peer, now) => (wouldLoop(peer.port) ? undefined : encodeQuote(quoteOf(quotes, now))),
  };
}
