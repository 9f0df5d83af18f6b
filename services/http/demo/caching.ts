import { formatDate } from "../date.ts";
import { emptyReply, JSON_TYPE, jsonReply, type Reply } from "../reply.ts";
import { selectReply } from "../representation.ts";
import type { Asked } from "../request.ts";
import { describeRequest } from "./description.ts";
import { type DemoEndpoint, demoError, integer } from "./endpoint.ts";

const MAX_AGE = 2 ** 31;

/** Endpoints about caches and conditions. */
export const CACHING: readonly DemoEndpoint[] = [
  {
    path: "/cache",
    methods: ["GET"],
    doc: "304 if the request has If-Modified-Since or If-None-Match, else what /get says with validators.",
    answer: cacheReply,
  },
  {
    path: "/cache/{seconds}",
    methods: ["GET"],
    doc: "What /get says, with that max-age.",
    answer: (asked, [text]) => {
      const seconds = integer(text, "seconds", 0, MAX_AGE);
      if (typeof seconds !== "number") return seconds;
      return jsonReply(200, describeRequest(asked), ["Cache-Control", `public, max-age=${seconds}`]);
    },
  },
  {
    path: "/etag/{tag}",
    methods: ["GET"],
    doc: "What /get says, as a thing with that ETag: takes If-None-Match and If-Match.",
    answer: etagReply,
  },
];

function cacheReply(asked: Asked): Reply {
  const { headers } = asked.request;
  if (headers["if-modified-since"] !== undefined || headers["if-none-match"] !== undefined) return emptyReply(304);
  const modified = formatDate(asked.now);
  const tag = Math.floor(asked.now / 1000).toString(16);
  return jsonReply(200, describeRequest(asked), ["Last-Modified", modified], ["ETag", `"${tag}"`]);
}

function etagReply(asked: Asked, [tag = ""]: readonly string[]): Reply {
  // RFC 9110 section 8.8.3: etagc is any visible character but the quote.
  if (!/^[\x21\x23-\x7e]+$/.test(tag)) return demoError(400, "invalid etag");
  const { body } = jsonReply(200, describeRequest(asked));
  if (!(body instanceof Uint8Array)) return demoError(500);
  return selectReply(asked.request, { type: JSON_TYPE, body, etag: `"${tag}"` }, asked.now);
}
