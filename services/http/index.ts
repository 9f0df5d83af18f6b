import type { Rules } from "../../src/contract/rules.ts";
import { defineService, type Service } from "../../src/contract/service.ts";
import { hostName } from "./hosts.ts";
import { HttpMachine } from "./machine.ts";
import { type HttpContext, httpOptions } from "./options.ts";
import type { Ruled } from "./ruled.ts";
import { type Shared, share } from "./shared.ts";
import { httpStub } from "./stub.ts";
import { httpTriggers } from "./triggers.ts";

const sharedBy = new WeakMap<HttpContext, Shared>();

const lowerCase = (text: string) => text.toLowerCase();

/** What `http` and `https` have in common: the machine, its options and its fields. */
export const httpCore = {
  transports: ["tcp"],
  host: "web",
  options: httpOptions,
  request: {
    method: {
      type: "string",
      doc: "RFC 9110 section 9: `GET`, `POST` ...; case counts.",
      canonical: (text) => text.toUpperCase(),
    },
    target: { type: "string", doc: "The request target as it came (RFC 9112 section 3.2)." },
    path: {
      type: "string",
      doc: "The target's path, decoded, without `.` and `..`; `*` in asterisk-form.",
      values: ["*"],
      others: /^\//,
    },
    query: { type: "map", doc: "The target's query, decoded; a list where a name is repeated." },
    version: { type: "string", doc: "`1.1` or `1.0`." },
    host: { type: "string", doc: "The host and port that were asked for (RFC 9110 section 7.2)." },
    headers: {
      type: "map",
      doc: "The header fields, names in lower case, repeated ones joined with a comma.",
      secret: ["authorization", "cookie", "proxy-authorization"],
      canonical: lowerCase,
    },
    trailers: {
      type: "map",
      doc: "The trailer fields behind a chunked body, likewise (RFC 9110 section 6.5).",
      canonical: lowerCase,
    },
    body: { type: "octets", doc: "The content, without its transfer coding." },
    secure: { type: "boolean", doc: "The request came over TLS." },
    ordinal: { type: "number", doc: "Which request of its connection it is, from 1." },
  },
  reply: {
    status: { type: "number", doc: "RFC 9110 section 15: 200, 404 ..." },
    reason: { type: "string", doc: "The reason phrase behind the status." },
    headers: {
      type: "map",
      doc: "The header fields, names in lower case; a list where a name is repeated.",
      secret: ["set-cookie"],
    },
    body: {
      type: "octets",
      doc: "The content, without its transfer coding; nothing for HEAD, 204 and 304. Of a raw reply, all octets.",
    },
  },
  stub: httpStub,
  triggers: httpTriggers,
  names: ({ host }) => (typeof host === "string" ? [hostName(host)] : []),
  isRefusal: ({ status }) => typeof status === "number" && status >= 400,
  machine: (context: HttpContext, rules?: Rules<Ruled>) => {
    let shared = sharedBy.get(context);
    if (!shared) {
      shared = share(context);
      sharedBy.set(context, shared);
    }
    return new HttpMachine(context, shared, rules);
  },
  probe: {
    tcp: [
      { send: "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" },
      { expect: /^HTTP\/1\.1 [2-4][0-9][0-9] / },
      { expectEnd: true },
    ],
  },
} as const satisfies Partial<Service<"http", typeof httpOptions, typeof httpStub>>;

/** Hypertext Transfer Protocol 1.1, RFC 9110 and RFC 9112. */
export const http = defineService({
  ...httpCore,
  name: "http",
  title: "Hypertext Transfer Protocol",
  specs: ["RFC 9110", "RFC 9112", "RFC 5789", "RFC 6585"],
  port: 80,
  scheme: "http",
  example: ({ host, port }) => `curl http://${inUrl(host)}:${port}/`,
});

/** An address as a URL writes it: RFC 3986 section 3.2.2 wants brackets around IPv6. */
export function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
