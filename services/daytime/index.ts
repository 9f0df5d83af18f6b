import * as v from "valibot";
import { defineService } from "../../src/contract/service.ts";
import { textStub } from "../../src/contract/stubs.ts";
import { toUtf8 } from "../../src/wire/bytes.ts";
import { formats } from "./formats.ts";
import { DaytimeMachine } from "./machine.ts";
import { daytimeResponder } from "./responder.ts";

/** Daytime Protocol, RFC 867. */
export const daytime = defineService({
  name: "daytime",
  title: "Daytime Protocol",
  specs: ["RFC 867"],
  port: 13,
  transports: ["tcp", "udp"],
  scheme: "daytime",
  host: "web",
  options: v.strictObject({
    format: v.optional(
      v.pipe(
        v.picklist(["rfc867", "iso8601"]),
        v.description("How the time is written: `Thursday, January 1, 2026 00:00:00-UTC` or `2026-01-01T00:00:00Z`."),
      ),
      "rfc867",
    ),
  }),
  request: {
    data: {
      type: "octets",
      doc: "The datagram, which the RFC ignores; absent over TCP, where connecting is the request.",
    },
  },
  reply: {
    text: { type: "string", doc: "The line, without its CRLF." },
  },
  stub: textStub,
  greets: true,
  machine: ({ options }, rules) => new DaytimeMachine(formats[options.format], rules),
  responder: ({ options }, rules) => daytimeResponder(formats[options.format], rules),
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
