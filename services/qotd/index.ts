import * as v from "valibot";
import { defineService } from "../../src/contract/service.ts";
import { textStub } from "../../src/contract/stubs.ts";
import { toUtf8 } from "../../src/wire/bytes.ts";
import { QotdMachine } from "./machine.ts";
import { qotdResponder } from "./responder.ts";

/** Quote of the Day Protocol, RFC 865. */
export const qotd = defineService({
  name: "qotd",
  title: "Quote of the Day Protocol",
  specs: ["RFC 865"],
  port: 17,
  transports: ["tcp", "udp"],
  scheme: "qotd",
  host: "web",
  options: v.strictObject({}),
  request: {
    data: {
      type: "octets",
      doc: "The datagram, which the RFC ignores; absent over TCP, where connecting is the request.",
    },
  },
  reply: {
    text: { type: "string", doc: "The quote, without its last CRLF." },
  },
  stub: textStub,
  greets: true,
  machine: ({ world }, rules) => new QotdMachine(world.quotes, rules),
  responder: ({ world }, rules) => qotdResponder(world.quotes, rules),
  exchange: (datagram, answer) => ({
    request: { data: datagram },
    reply: answer ? { text: toUtf8(answer).trimEnd() } : {},
  }),
  probe: {
    tcp: [{ expect: /\r\n$/ }, { expectEnd: true }],
    udp: [{ send: "\r\n" }, { expect: /\r\n$/ }],
  },
  example: ({ host, port, transport }) =>
    transport === "tcp" ? `nc ${host} ${port}` : `echo | nc -u -w 1 ${host} ${port}`,
});
