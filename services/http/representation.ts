import { concat, EMPTY, fromLatin1 } from "../../src/wire/bytes.ts";
import { formatDate } from "./date.ts";
import { checkPreconditions, mayUseRange } from "./precondition.ts";
import { type ByteRange, parseRanges } from "./range.ts";
import { emptyReply, errorReply, type Header, type Reply } from "./reply.ts";
import type { Request } from "./request.ts";

/** Something that can be had whole, in part, or not at all if the client has it already (RFC 9110 section 8.1). */
export interface Representation {
  readonly type: string;
  readonly body: Uint8Array;
  readonly etag?: string;
  /** Milliseconds since the epoch. */
  readonly modified?: number;
  readonly headers?: readonly Header[];
}

/** The response of a GET or HEAD, with conditions and ranges as the request has them. */
export function selectReply(request: Request, representation: Representation, now: number): Reply {
  const { headers } = request;
  const condition = checkPreconditions(request.method, headers, { ...representation, exists: true }, now);
  if (condition === 412) return errorReply(412, "what is here is not what the request is about");
  // RFC 9110 section 15.4.5: a 304 repeats the validators.
  if (condition === 304) return emptyReply(304, ...validatorHeaders(representation));
  // RFC 9110 section 14.2: Range has a meaning for GET only.
  const field = request.method === "GET" ? headers.range : undefined;
  if (field !== undefined && mayUseRange(headers, { ...representation, exists: true }, now)) {
    const ranges = parseRanges(field, representation.body.length);
    if (ranges) return partialReply(representation, ranges);
  }
  return wholeReply(representation);
}

const CRLF = fromLatin1("\r\n");

export function wholeReply(representation: Representation): Reply {
  return { status: 200, headers: headersOf(representation), body: representation.body };
}

function partialReply(representation: Representation, ranges: readonly ByteRange[]): Reply {
  const { body, type } = representation;
  const [range, ...more] = ranges;
  // RFC 9110 section 15.5.17: say how long it is.
  if (!range) {
    return errorReply(416, `there are ${body.length} octets`, ["Content-Range", `bytes */${body.length}`]);
  }
  if (more.length === 0) {
    const headers: Header[] = [...headersOf(representation), ["Content-Range", contentRange(range, body)]];
    return { status: 206, headers, body: cut(range, body) };
  }
  // RFC 9110 section 14.6: several ranges are several parts, each with its own Content-Range.
  const boundary = boundaryFor(ranges);
  const parts = ranges.flatMap((part) => [
    fromLatin1(`--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${contentRange(part, body)}\r\n\r\n`),
    cut(part, body),
    CRLF,
  ]);
  const multipart = { ...representation, type: `multipart/byteranges; boundary=${boundary}` };
  return {
    status: 206,
    headers: headersOf(multipart),
    body: concat([...parts, fromLatin1(`--${boundary}--\r\n`)]),
  };
}

function headersOf(representation: Representation): Header[] {
  return [["Content-Type", representation.type], ["Accept-Ranges", "bytes"], ...validatorHeaders(representation)];
}

function validatorHeaders({ etag, modified, headers = [] }: Representation): Header[] {
  return [
    ...(modified === undefined ? [] : [["Last-Modified", formatDate(modified)] as const]),
    ...(etag === undefined ? [] : [["ETag", etag] as const]),
    ...headers,
  ];
}

function contentRange({ first, last }: ByteRange, body: Uint8Array): string {
  return `bytes ${first}-${last}/${body.length}`;
}

function cut({ first, last }: ByteRange, body: Uint8Array): Uint8Array {
  return last < first ? EMPTY : body.subarray(first, last + 1);
}

/** The same request always gets the same octets. Long enough to stand in no text by chance. */
function boundaryFor(ranges: readonly ByteRange[]): string {
  let sum = 0x811c9dc5;
  for (const { first, last } of ranges) sum = Math.imul(Math.imul(sum ^ first, 0x01000193) ^ last, 0x01000193) >>> 0;
  return `portwright-byteranges-${sum.toString(16).padStart(8, "0")}`;
}
