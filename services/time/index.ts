import * as v from "valibot";
import { defineService } from "../../src/contract/service.ts";
import { TimeMachine } from "./machine.ts";
import { timeResponder } from "./responder.ts";
import { decodeSeconds } from "./seconds.ts";
import { timeStub } from "./stub.ts";

/** Time Protocol, RFC 868. */
export const time = defineService({
  name: "time",
  title: "Time Protocol",
  specs: ["RFC 868"],
  port: 37,
  transports: ["tcp", "udp"],
  scheme: "time",
  host: "web",
  options: v.strictObject({}),
  request: {
    data: {
      type: "octets",
      doc: "The datagram, which ought to be empty; absent over TCP, where connecting is the request.",
    },
  },
  reply: {
    seconds: { type: "number", doc: "Seconds since 00:00 1 January 1900 GMT, modulo 2^32." },
  },
  stub: timeStub,
  greets: true,
  machine: (_context, rules) => new TimeMachine(rules),
  responder: (_context, rules) => timeResponder(rules),
  exchange: (datagram, answer) => ({
    request: { data: datagram },
    reply: answer ? { seconds: decodeSeconds(answer) } : {},
  }),
  probe: {
    tcp: [{ expect: /^[\s\S]{4}$/ }, { expectEnd: true }],
    udp: [{ send: "" }, { expect: /^[\s\S]{4}$/ }],
  },
  example: ({ host, port, transport }) => `rdate -p ${transport === "udp" ? "-u " : ""}-o ${port} ${host}`,
});
