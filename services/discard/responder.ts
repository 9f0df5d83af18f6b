import type { Responder } from "../../src/contract/machine.ts";
import { type DatagramRules, NO_RULES } from "../../src/contract/rules.ts";
import { Excerpt } from "../../src/wire/excerpt.ts";

/** RFC 863 over UDP: the datagram is thrown away, and nothing is sent, unless a fault puts octets in the place of nothing. */
export function discardResponder(rules: DatagramRules = NO_RULES): Responder {
  return {
    respond: (datagram, peer) => {
      if (rules.any) rules.ask(Excerpt.of(datagram).fields, peer);
      return undefined;
    },
  };
}
