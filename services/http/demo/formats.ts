import { fromBase64, fromUtf8, toBase64 } from "../../../src/wire/bytes.ts";
import { gzipStored, zlibStored } from "../../../src/wire/stored-deflate.ts";
import type { HttpContext } from "../options.ts";
import {
  contentReply,
  emptyReply,
  type Header,
  HTML_TYPE,
  JSON_TYPE,
  jsonReply,
  type Reply,
  TEXT_TYPE,
} from "../reply.ts";
import type { Asked } from "../request.ts";
import { isToken } from "../token.ts";
import { describeRequest } from "./description.ts";
import { argument, type DemoEndpoint, demoError } from "./endpoint.ts";
import { isSoundValue } from "./header-value.ts";
import { PAGE, SLIDES, SLIDES_XML } from "./samples.ts";

/** RFC 9112 section 6, section 9.6: what frames the message is not for the query to say. */
const FRAMING = new Set(["connection", "content-length", "transfer-encoding", "upgrade"]);

/** Endpoints that answer in a certain format. */
export const FORMATS: readonly DemoEndpoint[] = [
  { path: "/html", methods: ["GET"], doc: "A page of HTML.", answer: () => contentReply(200, HTML_TYPE, PAGE) },
  { path: "/json", methods: ["GET"], doc: "A document of JSON.", answer: () => jsonReply(200, SLIDES) },
  {
    path: "/xml",
    methods: ["GET"],
    doc: "The same document as XML.",
    answer: () => contentReply(200, "application/xml", SLIDES_XML),
  },
  {
    path: "/robots.txt",
    methods: ["GET"],
    doc: "Asks robots to stay away from /deny.",
    answer: () => contentReply(200, TEXT_TYPE, "User-agent: *\nDisallow: /deny\n"),
  },
  {
    path: "/deny",
    methods: ["GET"],
    doc: "Where robots should not be.",
    answer: () => contentReply(200, TEXT_TYPE, "robots.txt asks robots not to come here.\n"),
  },
  {
    path: "/gzip",
    methods: ["GET"],
    doc: "What /get says, in gzip (stored, not compressed).",
    answer: (asked) => codedReply(asked, "gzip", gzipStored, "gzipped"),
  },
  {
    path: "/deflate",
    methods: ["GET"],
    doc: "What /get says, in deflate (stored, not compressed).",
    answer: (asked) => codedReply(asked, "deflate", zlibStored, "deflated"),
  },
  {
    path: "/response-headers",
    methods: ["GET", "POST"],
    doc: "Sends the query's arguments as header fields.",
    answer: responseHeadersReply,
  },
  {
    path: "/base64/{data}",
    methods: ["GET"],
    doc: "What the base64 stands for.",
    answer: (asked, [data = ""]) => decodedReply(asked, data),
  },
  {
    path: "/base64/decode/{data}",
    methods: ["GET"],
    doc: "The same.",
    answer: (asked, [data = ""]) => decodedReply(asked, data),
  },
  {
    path: "/base64/encode/{data}",
    methods: ["GET"],
    doc: "The text as base64url.",
    answer: (_asked, [data = ""]) => contentReply(200, TEXT_TYPE, base64Url(data)),
  },
  {
    path: "/uuid",
    methods: ["GET"],
    doc: "A random UUID (RFC 9562 section 5.4).",
    answer: (_asked, _parameters, context) => jsonReply(200, { uuid: uuid(context) }),
  },
  {
    path: "/hostname",
    methods: ["GET"],
    doc: "The name of this host.",
    answer: (_asked, _parameters, { hostname }) => jsonReply(200, { hostname }),
  },
];

function codedReply(asked: Asked, coding: string, code: (octets: Uint8Array) => Uint8Array, mark: string): Reply {
  const shape = `${JSON.stringify({ ...describeRequest(asked), [mark]: true }, undefined, 2)}\n`;
  return contentReply(200, JSON_TYPE, code(fromUtf8(shape)), ["Content-Encoding", coding]);
}

function responseHeadersReply({ request }: Asked): Reply {
  const headers: Header[] = [];
  for (const [name, value] of Object.entries(request.query)) {
    const values = typeof value === "string" ? [value] : value;
    if (!isToken(name) || FRAMING.has(name.toLowerCase()) || !values.every(isSoundValue)) {
      return demoError(400, `invalid response header: ${name}`);
    }
    for (const one of values) headers.push([name, one]);
  }
  const typed = headers.some(([name]) => name.toLowerCase() === "content-type");
  if (!typed) headers.push(["Content-Type", JSON_TYPE]);
  const lists: { [name: string]: string[] } = Object.create(null);
  for (const [name, value] of headers) lists[name] = [...(lists[name] ?? []), value];
  return { ...emptyReply(200, ...headers), body: fromUtf8(`${JSON.stringify(lists, undefined, 2)}\n`) };
}

function decodedReply(asked: Asked, data: string): Reply {
  const plain = data.replaceAll("-", "+").replaceAll("_", "/");
  const octets = fromBase64(plain.padEnd(Math.ceil(plain.length / 4) * 4, "="));
  if (!octets) return demoError(400, "base64 decode failed");
  const type = argument(asked, "content-type") ?? TEXT_TYPE;
  return isSoundValue(type) ? contentReply(200, type, octets) : demoError(400, "invalid content-type");
}

function base64Url(text: string): string {
  return toBase64(fromUtf8(text)).replaceAll("+", "-").replaceAll("/", "_");
}

function uuid(context: HttpContext): string {
  const digits = Array.from({ length: 32 }, (_, at) => {
    const digit = Math.floor(context.random() * 16);
    // Version 4, variant 10.
    if (at === 12) return "4";
    return (at === 16 ? (digit & 3) | 8 : digit).toString(16);
  }).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
