import * as v from "valibot";
import { defineService } from "../../src/contract/service.ts";
import { ChargenMachine } from "./machine.ts";
import { chargenResponder } from "./responder.ts";
import { chargenStub } from "./stub.ts";

/** Character Generator Protocol, RFC 864. */
export const chargen = defineService({
  name: "chargen",
  title: "Character Generator Protocol",
  specs: ["RFC 864"],
  port: 19,
  transports: ["tcp", "udp"],
  scheme: "chargen",
  host: "web",
  options: v.strictObject({
    lines: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(0),
        v.description("A TCP session ends after so many lines of 72 characters; 0 is without end, as the RFC has it."),
      ),
      0,
    ),
    idleMs: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.description("A TCP session whose peer has read nothing for so many milliseconds is reset."),
      ),
      300_000,
    ),
  }),
  request: {
    data: {
      type: "octets",
      doc: "The datagram, which the RFC ignores; absent over TCP, where connecting is the request.",
    },
  },
  reply: {
    octets: {
      type: "number",
      doc: "How many octets were sent: in the whole TCP session, or in the datagram (0 to 512).",
    },
  },
  stub: chargenStub,
  greets: true,
  machine: ({ options }, rules) => new ChargenMachine(options, rules),
  responder: (context, rules) => chargenResponder(() => context.random(), rules),
  exchange: (datagram, answer) => ({
    request: { data: datagram },
    reply: answer ? { octets: answer.length } : {},
  }),
  probe: {
    tcp: [{ expect: " !\"#$%&'()*+,-./0123456789" }],
    // None would be an answer too; it is asked again.
    udp: [{ send: "\r\n" }, { expect: " " }],
  },
  example: ({ host, port, transport }) =>
    transport === "tcp" ? `nc ${host} ${port} | head -5` : `echo | nc -u -w 1 ${host} ${port}`,
});
