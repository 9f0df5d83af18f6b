import { concat, EMPTY, fromUtf8 } from "../../src/wire/bytes.ts";
import { durationMs } from "../../src/wire/duration.ts";
import { gzipStored, zlibStored } from "../../src/wire/stored-deflate.ts";
import { type Departures, statusLineOf } from "./departures.ts";
import { hasContent, octetsOf } from "./layout.ts";
import { reasonOf } from "./reasons.ts";
import { type Header, JSON_TYPE, type Reply, TEXT_TYPE } from "./reply.ts";
import type { Request } from "./request.ts";
import { parseTarget, type Target } from "./target.ts";
import type { Written } from "./written.ts";

/** What a rule answers, checked. */
export interface Ruled {
  /** What has to be carried out: the request itself, or the same for another target. */
  readonly own: true | (Target & { readonly target: string }) | undefined;
  /** The client is told to go on, where it waits for that. */
  readonly saysContinue: boolean;
  /** The reply; `own` is the service's answer to what had to be carried out. */
  reply(own: Reply): Reply;
}

const OCTET_TYPE = "application/octet-stream";
const LINE_ENDS = { crlf: "\r\n", lf: "\n", cr: "\r", none: "" } as const;
const METHODS = "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH, TRACE";
const CHALLENGE = 'Basic realm="portwright"';

/** RFC 9110 sections 11.6.1, 15.5.6, 11.7.1 and 15.5.22: fields that these statuses must have. */
const REQUIRED: { readonly [status: number]: Header } = {
  401: ["WWW-Authenticate", CHALLENGE],
  405: ["Allow", METHODS],
  407: ["Proxy-Authenticate", CHALLENGE],
  426: ["Upgrade", "HTTP/2.0"],
};

const NO_REPLY: Reply = { status: 200, headers: [], body: EMPTY };

/** What a rule's reply means. */
export function ruledReply(written: Written): Ruled {
  const { own, continue: saysContinue = true } = written;
  if (own !== undefined) {
    const target = own === true ? undefined : parseTarget("GET", own);
    return {
      own: target && typeof own === "string" ? { ...target, target: own } : true,
      saysContinue,
      reply: (answer) => changed(answer, written),
    };
  }
  const { status = 200 } = written;
  const required = REQUIRED[status];
  const plain = changed({ ...NO_REPLY, status, headers: required ? [required] : [] }, written);
  // One object for one rule's step, as long as it lives: its octets are worth keeping.
  const reply: Reply = plain.departures || plain.pauseMs ? plain : { ...plain, lasting: true };
  return { own: undefined, saysContinue, reply: () => reply };
}

/** The request that a rule has carried out in place of another. */
export function redirected(request: Request, { own }: Ruled): Request {
  if (own === undefined || own === true) return request;
  return { ...request, target: own.target, path: own.path, query: own.query };
}

/** A response with what the rule says put over it. */
function changed(base: Reply, written: Written): Reply {
  const { status = base.status, trailers, pause } = written;
  const coded = inCoding(bodyOf(base, written), written.coding);
  const isChunked = written.chunked ?? (needsChunks(written) || base.chunked === true);
  const body = isChunked ? inPieces(coded, written.chunked) : coded;
  const departures = departuresOf(written);
  const reason = written.reason ?? (written.status === undefined ? base.reason : undefined);
  const pauseMs = pause === undefined ? base.pauseMs : durationMs(pause);
  const reply: Reply = {
    status,
    ...(reason === undefined ? {} : { reason }),
    headers: headersOf(base, written),
    body,
    ...(isChunked ? { chunked: true } : {}),
    ...(trailers ? { trailers: listOf(trailers) } : base.trailers && isChunked ? { trailers: base.trailers } : {}),
    ...(base.delayMs === undefined ? {} : { delayMs: base.delayMs }),
    ...(pauseMs === undefined ? {} : { pauseMs }),
    ...(departures ? { departures } : {}),
  };
  return (written.close ?? (base.close || isOpenEnded(reply, departures))) ? { ...reply, close: true } : reply;
}

function bodyOf(base: Reply, { body, json }: Written): Reply["body"] {
  if (json !== undefined) return fromUtf8(JSON.stringify(json));
  return typeof body === "string" ? fromUtf8(body) : (body ?? base.body);
}

function headersOf(base: Reply, written: Written): Header[] {
  const { headers = {}, body, json, coding, trailers } = written;
  const made: Header[] = [];
  if (json !== undefined) made.push(["Content-Type", JSON_TYPE]);
  else if (body !== undefined) made.push(["Content-Type", typeof body === "string" ? TEXT_TYPE : OCTET_TYPE]);
  if (coding !== undefined) made.push(["Content-Encoding", coding === "deflate" ? "deflate" : "gzip"]);
  if (trailers !== undefined) made.push(["Trailer", Object.keys(trailers).join(", ")]);
  const said = Object.entries(headers);
  const overSaid = new Set(said.map(([name]) => name.toLowerCase()));
  const overMade = new Set(made.map(([name]) => name.toLowerCase()));
  return [
    ...base.headers.filter(([name]) => !overSaid.has(name.toLowerCase()) && !overMade.has(name.toLowerCase())),
    ...made.filter(([name]) => !overSaid.has(name.toLowerCase())),
    ...listOf(headers).filter(([name]) => !isLength(name)),
  ];
}

type FieldsWritten = NonNullable<Written["headers"]>;

function listOf(fields: FieldsWritten): Header[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    value === false ? [] : [value].flat().map((one) => [name, String(one)] as const),
  );
}

function needsChunks({ trailers, chunkSize, chunkExtension, lastChunk, pause }: Written): boolean {
  return [trailers, chunkSize, chunkExtension, lastChunk, pause].some((one) => one !== undefined);
}

/** A body cut into pieces for chunks: as it comes, or of these sizes. */
function inPieces(body: Reply["body"], sizes: Written["chunked"]): Reply["body"] {
  if (typeof sizes === "boolean" || sizes === undefined || !(body instanceof Uint8Array)) return body;
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < body.length; ) {
    const size = typeof sizes === "number" ? sizes : (sizes[pieces.length] ?? body.length);
    pieces.push(body.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

/** Where in a gzip stream of one stored block its length stands, the second time, in one's complement. */
const GZIP_CHECK_AT = 13;
const GZIP_TAIL_OCTETS = 8;

function inCoding(body: Reply["body"], coding: Written["coding"]): Reply["body"] {
  if (coding === undefined) return body;
  const whole = body instanceof Uint8Array ? body : concat(body);
  if (coding === "deflate") return zlibStored(whole);
  const zipped = gzipStored(whole);
  if (coding === "gzip-cut") return zipped.subarray(0, -GZIP_TAIL_OCTETS);
  if (coding === "gzip-corrupt") zipped[GZIP_CHECK_AT] = (zipped[GZIP_CHECK_AT] ?? 0) ^ 0xff;
  return zipped;
}

/** `undefined` if there are none. */
function departuresOf(written: Written): Departures | undefined {
  const { raw, statusLine, version, headers = {}, lineEnd, status = 200 } = written;
  const { blankLine, head, forceBody, chunkSize, chunkExtension, lastChunk } = written;
  const interim = interimOf(written.interim);
  const without = new Set(Object.entries(headers).flatMap(([name, value]) => (value === false ? [name] : [])));
  const contentLength = lengthsOf(written);
  const lines = linesOf(written);
  const departures: Departures = {
    ...(interim === "" ? {} : { interim }),
    ...(raw === undefined ? {} : { raw: typeof raw === "string" ? fromUtf8(raw) : raw }),
    ...(statusLine === undefined ? {} : { statusLine }),
    ...(version === undefined ? {} : { version }),
    ...(without.size === 0 ? {} : { without: new Set([...without].map((name) => name.toLowerCase())) }),
    ...(contentLength ? { contentLength } : {}),
    ...(lines.length === 0 ? {} : { lines }),
    ...(lineEnd === undefined ? {} : { lineEnd: LINE_ENDS[lineEnd] }),
    ...(blankLine === undefined ? {} : { blankLine }),
    ...(head === undefined ? {} : { head }),
    ...(forceBody === undefined ? {} : { forceBody }),
    ...(chunkSize === undefined ? {} : { chunkSize }),
    ...(chunkExtension === undefined ? {} : { chunkExtension }),
    ...(lastChunk === undefined ? {} : { lastChunk }),
  };
  // A status of one or two digits is none.
  return Object.keys(departures).length > 0 || status < 100 ? departures : undefined;
}

function interimOf(written: Written["interim"]): string {
  if (written === undefined) return "";
  return [written]
    .flat()
    .map((one) => (typeof one === "number" ? { status: one } : one))
    .map(({ status, headers = {}, times = 1 }) => {
      const fields = listOf(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      return `${statusLineOf(status, reasonOf(status), {})}\r\n${fields.join("")}\r\n`.repeat(times);
    })
    .join("");
}

function isLength(name: string): boolean {
  return name.toLowerCase() === "content-length";
}

/** A length among the header fields is the same as one beside them. */
function lengthsOf({ contentLength, headers = {} }: Written): readonly string[] | undefined {
  const length = contentLength ?? Object.entries(headers).find(([name]) => isLength(name))?.[1];
  if (length === undefined) return undefined;
  return length === false ? [] : [length].flat().map(String);
}

const FILLER = "x";

function linesOf({ lines = [], manyHeaders = 0, bigHeader = 0 }: Written): readonly string[] {
  const many = Array.from({ length: manyHeaders }, (_, at) => `X-Filler-${at + 1}: ${FILLER}`);
  return [...many, ...(bigHeader > 0 ? [`X-Filler: ${FILLER.repeat(bigHeader)}`] : []), ...lines];
}

/** The client could not tell where the response ends, unless the connection does. */
function isOpenEnded({ status, body, chunked }: Reply, departures: Departures | undefined): boolean {
  if (!departures) return false;
  const { raw, head, blankLine, lineEnd, lastChunk, chunkSize, contentLength } = departures;
  if (raw || head === false || blankLine === false || lastChunk === false || chunkSize !== undefined) return true;
  if (lineEnd === "" || lineEnd === "\r") return true;
  if (!contentLength || chunked || !hasContent(status)) return false;
  const [length] = contentLength;
  const octets = octetsOf(body instanceof Uint8Array ? [body] : body);
  return length === undefined || !/^\d+$/.test(length) || Number(length) > octets;
}
