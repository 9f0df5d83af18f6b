import * as v from "valibot";
import { defineService } from "../../src/contract/service.ts";
import { noStub } from "../../src/contract/stubs.ts";
import { Excerpt } from "../../src/wire/excerpt.ts";
import { DiscardMachine } from "./machine.ts";
import { discardResponder } from "./responder.ts";

/** Discard Protocol, RFC 863. */
export const discard = defineService({
  name: "discard",
  title: "Discard Protocol",
  specs: ["RFC 863"],
  port: 9,
  transports: ["tcp", "udp"],
  scheme: "discard",
  host: "web",
  options: v.strictObject({
    idleMs: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.description("A TCP session without traffic for so many milliseconds is closed."),
      ),
      300_000,
    ),
  }),
  request: {
    octets: { type: "number", doc: "How many octets came: in the whole TCP session, or in the datagram." },
    data: { type: "octets", doc: "The first 1,024 of them." },
  },
  reply: {},
  stub: noStub,
  machine: ({ options }, rules) => new DiscardMachine(options.idleMs, rules),
  responder: (_context, rules) => discardResponder(rules),
  exchange: (datagram) => ({ request: Excerpt.of(datagram).fields, reply: {} }),
  // Over UDP there is nothing to expect.
  probe: {
    tcp: [{ send: "portwright\r\n" }, { expectEnd: true }],
    // Nothing comes back: that it arrived is the proof.
    udp: [{ send: "portwright\r\n" }],
  },
  example: ({ host, port, transport }) =>
    transport === "tcp" ? `echo hello | nc -N ${host} ${port}` : `echo hello | nc -u -w 1 ${host} ${port}`,
});
