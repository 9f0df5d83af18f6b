import { defineService } from "../../src/contract/service.ts";
import { describeExchange, REPLY_FIELDS, REQUEST_FIELDS } from "./exchange.ts";
import { frame } from "./frames.ts";
import { DnsMachine } from "./machine.ts";
import { notation } from "./notation.ts";
import { dnsOptions } from "./options.ts";
import { DnsResponder } from "./responder.ts";
import { dnsStub } from "./stub.ts";
import { triggers } from "./triggers.ts";
import { checkZones } from "./zones.ts";

/** The id of the probe's query, `PW`; its answer has QR, AA and no error. */
const PROBE_QUERY = "id.server TXT class=CH rd=0 id=20567";
const PROBE_ANSWER = "PW\\x84\\x00";

/** Domain Name System, RFC 1034 and RFC 1035: an authoritative server for the world's zones. */
export const dns = defineService({
  name: "dns",
  title: "Domain Name System",
  specs: ["RFC 1034", "RFC 1035", "RFC 2181", "RFC 2308", "RFC 3597", "RFC 4592", "RFC 6891", "RFC 7766"],
  port: 53,
  transports: ["udp", "tcp"],
  scheme: "dns",
  host: "ns1",
  options: dnsOptions,
  request: REQUEST_FIELDS,
  reply: REPLY_FIELDS,
  stub: dnsStub,
  triggers,
  // NXDOMAIN is an answer: clients look for what may not be there.
  isRefusal: ({ rcode }) => rcode !== undefined && rcode !== "NOERROR" && rcode !== "NXDOMAIN",
  names: ({ name }) => (typeof name === "string" ? [name] : []),
  check: ({ world }) => checkZones(world.zones),
  machine: (context, rules) => new DnsMachine(context, rules),
  responder: (context, rules) => new DnsResponder(context, rules),
  exchange: (datagram, answer) => describeExchange(datagram, answer, "udp"),
  notation,
  probe: {
    udp: [{ send: notation.read(PROBE_QUERY) }, { expect: new RegExp(`^${PROBE_ANSWER}`) }],
    tcp: [
      { send: frame(notation.read(PROBE_QUERY)) },
      { expect: new RegExp(`^[\\s\\S]{2}${PROBE_ANSWER}`) },
      { expectEnd: true },
    ],
  },
  example: ({ host, port, transport }) =>
    `dig @${host} -p ${port} www.example.test${transport === "tcp" ? " +tcp" : ""}`,
});
