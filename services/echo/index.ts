import * as v from "valibot";
import { defineService } from "../../src/contract/service.ts";
import { Excerpt } from "../../src/wire/excerpt.ts";
import { EchoMachine } from "./machine.ts";
import { echoResponder } from "./responder.ts";
import { echoStub } from "./stub.ts";

/** Echo Protocol, RFC 862. */
export const echo = defineService({
  name: "echo",
  title: "Echo Protocol",
  specs: ["RFC 862"],
  port: 7,
  transports: ["tcp", "udp"],
  scheme: "echo",
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
  reply: {
    octets: { type: "number", doc: "How many octets went back." },
    data: { type: "octets", doc: "The first 1,024 of them." },
  },
  stub: echoStub,
  machine: ({ options }, rules) => new EchoMachine(options.idleMs, rules),
  responder: (_context, rules) => echoResponder(rules),
  exchange: (datagram, answer) => ({
    request: Excerpt.of(datagram).fields,
    reply: answer ? Excerpt.of(answer).fields : {},
  }),
  probe: {
    tcp: [{ send: "portwright\r\n" }, { expect: "portwright\r\n" }, { expectEnd: true }],
    udp: [{ send: "portwright\r\n" }, { expect: "portwright\r\n" }],
  },
  example: ({ host, port, transport }) =>
    transport === "tcp" ? `echo hello | nc -N ${host} ${port}` : `echo hello | nc -u -w 1 ${host} ${port}`,
});
