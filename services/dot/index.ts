import { defineService } from "../../src/contract/service.ts";
import { REQUEST_FIELDS } from "../dns/exchange.ts";
import { dnsCore, STREAM_PROBE } from "../dns/index.ts";
import { streamTriggers } from "../dns/triggers.ts";

/** DNS over TLS, RFC 7858. */
export const dot = defineService({
  ...dnsCore,
  name: "dot",
  title: "DNS over TLS",
  specs: ["RFC 7858", "RFC 8310", "RFC 9103", "RFC 1035", "RFC 7766", "RFC 8446", "RFC 7301"],
  port: 853,
  transports: ["tcp"],
  tls: { alpn: ["dot"] },
  scheme: "tls",
  request: { ...REQUEST_FIELDS, transport: { ...REQUEST_FIELDS.transport, values: ["tls"] } },
  triggers: streamTriggers,
  probe: { tcp: STREAM_PROBE },
  example: ({ host, port }) => `kdig @${host} -p ${port} +tls www.example.test`,
});
