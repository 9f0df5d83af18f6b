import type { Responder } from "../../src/contract/machine.ts";
import { type DatagramRules, NO_RULES } from "../../src/contract/rules.ts";
import { wouldLoop } from "../../src/wire/datagram-loop.ts";
import { encodeQuote, quoteOf } from "./quote.ts";

/** RFC 865 over UDP: a datagram with the quote for each datagram that comes. */
export function qotdResponder(quotes: readonly string[], rules: DatagramRules<Uint8Array> = NO_RULES): Responder {
  return {
    respond: (datagram, peer, now) => {
      // Quirk: another small service is not answered, or the two would never end.
      if (wouldLoop(peer.port)) return undefined;
      const ruling = rules.any ? rules.ask({ data: datagram }, peer) : undefined;
      return ruling?.instead ? undefined : (ruling?.reply ?? encodeQuote(quoteOf(quotes, now)));
    },
  };
}
