import type { Rules } from "../../src/contract/rules.ts";
import { type Context, defineService, type ProbeStep, type Service } from "../../src/contract/service.ts";
import type { DnsReply } from "./dns-reply.ts";
import { enclosed } from "./enclosed.ts";
import { describeExchange, REPLY_FIELDS, REQUEST_FIELDS } from "./exchange.ts";
import { frame } from "./frames.ts";
import { DnsMachine } from "./machine.ts";
import { notation } from "./notation.ts";
import { type DnsOptions, dnsOptions } from "./options.ts";
import { DnsResponder } from "./responder.ts";
import { dnsStub } from "./stub.ts";
import { summarise } from "./summary.ts";
import { triggers } from "./triggers.ts";
import { checkZones } from "./zones.ts";

/** The id of the probe's query, `PW`; its answer has QR, AA and no error. */
const PROBE_QUERY = "id.server TXT class=CH rd=0 id=20567";
const PROBE_ANSWER = "PW\\x84\\x00";

/** What `dns` and `dot` have in common: the machine, its options and its fields. */
export const dnsCore = {
  host: "ns1",
  options: dnsOptions,
  reply: REPLY_FIELDS,
  stub: dnsStub,
  summary: summarise,
  // NXDOMAIN is an answer: clients look for what may not be there.
  isRefusal: ({ rcode }) => rcode !== undefined && rcode !== "NOERROR" && rcode !== "NXDOMAIN",
  names: ({ name }) => (typeof name === "string" ? [name] : []),
  check: ({ world }) => checkZones(world.zones),
  machine: (context: Context<DnsOptions>, rules?: Rules<DnsReply>) => new DnsMachine(context, rules),
  notation,
} as const satisfies Partial<Service<string, typeof dnsOptions, typeof dnsStub>>;

/** The exchange that proves an endpoint over a stream. */
export const STREAM_PROBE = [
  { send: frame(notation.read(PROBE_QUERY)) },
  { expect: new RegExp(`^[\\s\\S]{2}${PROBE_ANSWER}`) },
  { expectEnd: true },
] as const satisfies readonly ProbeStep[];

/** Domain Name System, RFC 1034 and RFC 1035: an authoritative server for the world's zones. */
export const dns = defineService({
  ...dnsCore,
  name: "dns",
  title: "Domain Name System",
  specs: [
    "RFC 1034",
    "RFC 1035",
    "RFC 1995",
    "RFC 1996",
    "RFC 2136",
    "RFC 2181",
    "RFC 2308",
    "RFC 3597",
    "RFC 4592",
    "RFC 6891",
    "RFC 7766",
    "RFC 7873",
    "RFC 8945",
  ],
  port: 53,
  transports: ["udp", "tcp"],
  scheme: "dns",
  request: REQUEST_FIELDS,
  triggers,
  enclosed,
  responder: (context, rules) => new DnsResponder(context, rules),
  exchange: (datagram, answer) => describeExchange(datagram, answer, "udp"),
  probe: {
    udp: [{ send: notation.read(PROBE_QUERY) }, { expect: new RegExp(`^${PROBE_ANSWER}`) }],
    tcp: STREAM_PROBE,
  },
  example: ({ host, port, transport }) =>
    `dig @${host} -p ${port} www.example.test${transport === "tcp" ? " +tcp" : ""}`,
});
