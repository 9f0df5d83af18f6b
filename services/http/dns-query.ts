import type { AskEnclosed } from "../../src/contract/enclosed.ts";
import { fromBase64 } from "../../src/wire/bytes.ts";
import { contentReply, emptyReply, errorReply, type Reply } from "./reply.ts";
import type { Asked } from "./request.ts";
import type { Resource } from "./resource.ts";

/** RFC 8484 section 6. */
export const DNS_MESSAGE = "application/dns-message";
/** The path of the URI template `/dns-query{?dns}`, which is the one in all examples of RFC 8484. */
export const DNS_QUERY_PATH = "/dns-query";

/** RFC 1035 section 4.2.2: as long as a message can be over TCP. */
const MAX_MESSAGE_OCTETS = 65_535;

/** DNS queries inside HTTP requests (RFC 8484), as far as they are HTTP. */
export function dnsQuery(ask: AskEnclosed): Resource {
  const answer = (asked: Asked): Reply => {
    const message = messageIn(asked);
    if (!(message instanceof Uint8Array)) return message;
    const answered = ask({ octets: message, peer: asked.peer, now: asked.now });
    if (!answered) return errorReply(400, "the content is no DNS query");
    const { octets, freshSeconds, outputs, ruling } = answered;
    // RFC 8484 section 4.2.1: 200, whatever the RCODE is. Section 5.1: as long as the records are good.
    const reply = octets
      ? contentReply(200, DNS_MESSAGE, octets, ["Cache-Control", `max-age=${freshSeconds}`])
      : emptyReply(200);
    return { ...reply, enclosed: { outputs, ruling } };
  };
  return {
    methods: ["GET", "HEAD", "POST", "OPTIONS", "TRACE"],
    answer,
    refuse: (asked) => (asked.request.method === "POST" ? wrongType(asked) : undefined),
  };
}

/** The query's octets, or why there are none. */
function messageIn(asked: Asked): Uint8Array | Reply {
  const { method, body, query } = asked.request;
  if (method === "POST") {
    const refusal = wrongType(asked);
    if (refusal) return refusal;
    return body.length > MAX_MESSAGE_OCTETS
      ? errorReply(413, `a DNS message has at most ${MAX_MESSAGE_OCTETS} octets`)
      : body;
  }
  const { dns } = query;
  if (typeof dns !== "string") {
    return errorReply(400, `${DNS_QUERY_PATH} wants one query, ?dns=, in base64url; or POST it as ${DNS_MESSAGE}`);
  }
  const octets = fromBase64Url(dns);
  if (!octets) return errorReply(400, "dns is not base64url without padding (RFC 4648 section 5)");
  return octets.length > MAX_MESSAGE_OCTETS
    ? errorReply(414, `a DNS message has at most ${MAX_MESSAGE_OCTETS} octets`)
    : octets;
}

function wrongType({ request }: Asked): Reply | undefined {
  const [type = ""] = (request.headers["content-type"] ?? "").split(";", 1);
  if (type.trim().toLowerCase() === DNS_MESSAGE) return undefined;
  // RFC 9110 section 15.5.16: Accept says what would be taken.
  return errorReply(415, `a DNS query comes as ${DNS_MESSAGE}`, ["Accept", DNS_MESSAGE]);
}

/** RFC 8484 section 6: padding characters must not be there. */
function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (text.length % 4)) % 4));
}
