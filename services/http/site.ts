import { fromLatin1 } from "../../src/wire/bytes.ts";
import { corsHeaders } from "./cors.ts";
import { describeEndpoints, findEndpoint } from "./demo/directory.ts";
import { DNS_MESSAGE, DNS_QUERY_PATH, dnsQuery } from "./dns-query.ts";
import type { Files } from "./files.ts";
import { Hosts } from "./hosts.ts";
import type { HttpContext } from "./options.ts";
import { contentReply, emptyReply, errorReply, type Reply, TEXT_TYPE } from "./reply.ts";
import type { Asked, Request } from "./request.ts";
import type { Resource } from "./resource.ts";
import { encodePath, rawPath } from "./target.ts";

/** RFC 9110 section 9.1 and RFC 5789: the methods known here. CONNECT is known, and refused. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"];

/** RFC 9110 section 9.3.8: what a TRACE must not show to others. */
const SECRET_FIELDS = new Set(["authorization", "cookie", "proxy-authorization"]);

/** What a binding serves: the file tree, then DNS queries and the demo endpoints, then the reason why there is nothing. */
export class Site {
  readonly #context: HttpContext;
  readonly #hosts: Hosts;
  readonly #file: Resource;
  readonly #absent: Resource;
  readonly #dnsQuery: Resource | undefined;

  constructor(context: HttpContext) {
    this.#context = context;
    this.#hosts = new Hosts(context);
    const changes = context.options.writable ? ["PUT", "DELETE"] : [];
    this.#file = {
      methods: ["GET", "HEAD", ...changes, "OPTIONS", "TRACE"],
      answer: (asked) => this.#answerFile(asked),
      refuse: (asked) =>
        asked.request.method === "PUT" ? this.#files(asked).refusePut(asked) : this.#answerFile(asked),
    };
    // RFC 8484 section 5: https URIs only.
    const ask = context.secure ? context.enclosed?.(DNS_MESSAGE) : undefined;
    this.#dnsQuery = ask && dnsQuery(ask);
    this.#absent = {
      methods: METHODS,
      answer: (asked) => (this.#mayPut(asked) ? this.#files(asked).put(asked) : this.#notFound(asked)),
      refuse: (asked) => (this.#mayPut(asked) ? this.#files(asked).refusePut(asked) : this.#notFound(asked)),
    };
  }

  /** The kept response to a plain GET of a file. */
  lasting({ host, path }: Request): Reply | undefined {
    return this.#hosts.filesOf(host).lasting(path);
  }

  answer(asked: Asked): Reply {
    const reply = this.#general(asked) ?? this.#resource(asked).answer(asked);
    return this.#shared(asked, reply);
  }

  /** The final response to a request whose content makes no difference, so that nobody need send it. */
  refuse(asked: Asked): Reply | undefined {
    const reply = this.#general(asked) ?? this.#resource(asked).refuse(asked);
    return reply && this.#shared(asked, reply);
  }

  /** What the method alone decides. */
  #general(asked: Asked): Reply | undefined {
    const { method, path } = asked.request;
    if (path === "*") return emptyReply(204, ["Allow", METHODS.join(", ")]);
    // RFC 9110 section 9.3.6: after a CONNECT the octets might be anything.
    if (method === "CONNECT") {
      return { ...errorReply(405, "this is no proxy", ["Allow", METHODS.join(", ")]), close: true };
    }
    // RFC 9110 section 9.1: 501 for a method that nobody here knows.
    if (!METHODS.includes(method)) return errorReply(501, `the methods here are ${METHODS.join(", ")}`);
    if (method === "TRACE") return asked.framing === 0 ? traceReply(asked) : errorReply(400, "TRACE has no content");
    return undefined;
  }

  #resource(asked: Asked): Resource {
    const { method } = asked.request;
    const resource = this.#find(asked);
    if (method === "OPTIONS" || !resource.methods.includes(method)) {
      const allow = ["Allow", resource.methods.join(", ")] as const;
      const reply =
        method === "OPTIONS" ? emptyReply(204, allow) : errorReply(405, `${method} is not for what is here`, allow);
      return { ...resource, answer: () => reply, refuse: () => reply };
    }
    return resource;
  }

  #find({ request }: Asked): Resource {
    if (this.#hosts.filesOf(request.host).has(request.path)) return this.#file;
    if (this.#dnsQuery && request.path === DNS_QUERY_PATH) return this.#dnsQuery;
    const raw = rawPath(request.target);
    const found = this.#context.options.demo && findEndpoint(/\/[./]/.test(raw) ? encodePath(request.path) : raw);
    if (!found) return this.#absent;
    const { endpoint, parameters } = found;
    const { methods } = endpoint;
    const answer = (asked: Asked) => endpoint.answer(asked, parameters, this.#context);
    return {
      methods: methods === "any" ? METHODS : withHead(methods),
      answer,
      refuse: (asked) => (endpoint.reads ? undefined : answer(asked)),
    };
  }

  #answerFile(asked: Asked): Reply {
    switch (asked.request.method) {
      case "PUT":
        return this.#files(asked).put(asked);
      case "DELETE":
        return this.#files(asked).remove(asked);
      default:
        return this.#files(asked).show(asked);
    }
  }

  #files({ request }: Asked): Files {
    return this.#hosts.filesOf(request.host);
  }

  #mayPut({ request }: Asked): boolean {
    return request.method === "PUT" && this.#context.options.writable;
  }

  #notFound({ request }: Asked): Reply {
    const { demo, writable } = this.#context.options;
    const files = `Files are below /, with a list in every directory${writable ? "; PUT makes one" : ""}.\n`;
    const endpoints = demo ? `\nThese answer without a file:\n${describeEndpoints()}` : "";
    const why = `there is nothing at ${request.path}`;
    return contentReply(404, TEXT_TYPE, `404 Not Found: ${why}\n\n${files}${endpoints}`);
  }

  #shared(asked: Asked, reply: Reply): Reply {
    const extra = corsHeaders(asked.request);
    return extra.length === 0 ? reply : { ...reply, headers: [...reply.headers, ...extra] };
  }
}

function withHead(methods: readonly string[]): readonly string[] {
  const all = methods.includes("GET") ? ["HEAD", ...methods] : methods;
  return METHODS.filter((method) => all.includes(method) || method === "OPTIONS" || method === "TRACE");
}

/** RFC 9110 section 9.3.8: the head as it came, but for what is secret. */
function traceReply({ request, fields }: Asked): Reply {
  let head = `${request.method} ${request.target} HTTP/${request.version}\r\n`;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    if (!SECRET_FIELDS.has(name.toLowerCase())) head += `${name}: ${fields[at + 1]}\r\n`;
  }
  return contentReply(200, "message/http", fromLatin1(`${head}\r\n`));
}
