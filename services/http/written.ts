import * as v from "valibot";
import { durationMs } from "../../src/wire/duration.ts";
import { parseTarget } from "./target.ts";

const MOST_OCTETS = 64 * 1024 * 1024;
const MOST_FIELDS = 100_000;
const MOST_INTERIM = 100_000;
const MOST_PIECES = 100_000;

const octets = v.instance(Uint8Array, "octets");
export const textOrOctets = v.union([v.string(), octets], "a text or octets");
/** RFC 9110 section 15: three digits. */
export const status = whole(0, 999);
const latin1 = v.pipe(v.string(), v.regex(/^[\0-\xff]*$/, "a text of characters up to U+00FF"));
/** RFC 9110 section 5.5, and no more: a line end that slipped in would be another field. */
const fieldText = v.pipe(
  v.string(),
  v.regex(
    /^(?:[\t\x20-\x7e\x80-\xff])*$/,
    "a field value: no line end, no control character, nothing above U+00FF (what is no sound field goes into lines)",
  ),
);
const fieldValue = v.union([fieldText, v.number()], "a text or a number");
const fieldName = v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "a field name (RFC 9110 section 5.1)"));
const headers = v.record(
  fieldName,
  v.union([fieldValue, v.array(fieldValue), v.literal(false)], "a text, a number, a list of them, or false"),
);
const trailers = v.record(fieldName, v.union([fieldValue, v.array(fieldValue)], "a text, a number, or a list of them"));

const interimStatus = v.union(
  [
    whole(100, 199),
    v.strictObject({
      status: whole(100, 199),
      headers: v.optional(headers),
      times: v.optional(whole(1, MOST_INTERIM)),
    }),
  ],
  "a status from 100 to 199, or a map of status, headers and times",
);

const json = v.pipe(
  v.union(
    [v.string(), v.number(), v.boolean(), v.null(), v.array(v.unknown()), v.looseObject({})],
    "what JSON can say",
  ),
  v.check((value) => isJson(value), "what JSON can say"),
);

/** Every key of a reply: what any response has, and then where it departs from HTTP. */
const entries = {
  status: said(status, "RFC 9110 section 15, from 0 to 999; 200, or that of the own answer."),
  reason: said(
    v.pipe(latin1, v.regex(/^[^\r\n]*$/, "a phrase on one line (what breaks it goes into statusLine)")),
    "The phrase behind the status; the usual one.",
  ),
  headers: said(
    headers,
    "Fields by their name: a text, a number, a list for one that is repeated, or `false` for one that is left out, such as Date. 401, 405, 407 and 426 have those that they need.",
  ),
  body: said(textOrOctets, "The content: text (as UTF-8, `text/plain`) or octets (`application/octet-stream`)."),
  json: said(json, "The content as JSON, `application/json`."),
  own: said(
    v.union(
      [
        v.literal(true),
        v.pipe(
          v.string(),
          v.startsWith("/", "a path such as /pub/hello.txt, with its query"),
          v.check(
            (target) => parseTarget("GET", target) !== undefined,
            "a path such as /pub/hello.txt, with its query",
          ),
        ),
      ],
      "true, or a path such as /pub/hello.txt, with its query",
    ),
    "The service's own answer, to this request or to another path; everything else here changes it. Without it nothing is carried out: a PUT stores nothing.",
  ),
  trailers: said(trailers, "Fields behind the last chunk (RFC 9112 section 7.1.2); announced in Trailer."),
  chunked: said(
    v.union(
      [v.boolean(), whole(1, MOST_OCTETS), v.pipe(v.array(whole(1, MOST_OCTETS)), v.maxLength(MOST_PIECES))],
      "true, a size, or a list of sizes",
    ),
    "In chunks: one, or of this size, or of these sizes and then the rest.",
  ),
  pause: said(
    v.pipe(
      v.union([v.number(), v.string()], 'milliseconds or a text such as "50ms"'),
      v.check((value) => durationMs(value) !== undefined, 'milliseconds or a text such as "50ms", "2s" or "10m"'),
    ),
    "Time between two chunks.",
  ),
  coding: said(
    v.picklist(
      ["gzip", "deflate", "gzip-corrupt", "gzip-cut"],
      "gzip, deflate, gzip-corrupt (it does not decode) or gzip-cut (its end is missing)",
    ),
    "The content in this Content-Encoding: `gzip`, `deflate`; `gzip-corrupt` does not decode, and of `gzip-cut` the end is missing.",
  ),
  interim: said(
    v.union([interimStatus, v.array(interimStatus)], "1xx statuses"),
    "What comes before the response: `103`, `{ status: 102, times: 1000 }`, `{ status: 103, headers: { link: ... } }`, or a list.",
  ),
  continue: said(
    v.literal(false),
    "`false`: no `100 Continue`, though the client waits for it; the content is still read.",
  ),
  close: said(
    v.boolean(),
    "The connection ends after it, as `Connection: close` says. By itself so where the client could not tell where the response ends; `false` keeps it open then.",
  ),
  contentLength: said(
    v.union(
      [whole(0, Number.MAX_SAFE_INTEGER), latin1, v.literal(false), v.array(v.union([v.number(), latin1]))],
      "a number, a text, a list of them, or false",
    ),
    "In place of the right Content-Length: more, less, any text, a list for several fields, `false` for none; beside `chunked` too.",
  ),
  statusLine: said(latin1, "The whole first line, such as `HTTP/1.1 abc`."),
  version: said(latin1, "In place of `HTTP/1.1`."),
  lines: said(
    v.array(latin1),
    "Lines behind the header fields, as they are: without a colon, folded, with NUL or CR ...",
  ),
  manyHeaders: said(whole(1, MOST_FIELDS), "So many header fields more."),
  bigHeader: said(whole(1, MOST_OCTETS), "A header field of so many octets more."),
  lineEnd: said(
    v.picklist(["crlf", "lf", "cr", "none"], "crlf, lf, cr or none"),
    "What ends the lines of the head: `lf`, `cr` or `none` in place of `crlf`.",
  ),
  blankLine: said(v.literal(false), "`false`: no empty line between head and body."),
  head: said(v.literal(false), "`false`: the body and nothing before it, as in HTTP/0.9."),
  forceBody: said(v.literal(true), "The body even to HEAD, or with 1xx, 204, 205 or 304."),
  chunkSize: said(latin1, "In place of every chunk's size, such as `xyz`."),
  chunkExtension: said(latin1, "Behind every chunk's size and a semicolon (RFC 9112 section 7.1.1)."),
  lastChunk: said(v.literal(false), "`false`: the last chunk never comes."),
  raw: said(textOrOctets, "These octets in place of the whole response."),
} as const;

/** A reply as a map. */
export const written = v.strictObject(entries);

/** A reply as a rule writes it. */
export type Written = v.InferOutput<typeof written>;

function said<const Schema extends v.GenericSchema>(schema: Schema, description: string) {
  return v.optional(v.pipe(schema, v.description(description)));
}

/** Nothing in it is beyond JSON, such as a circle. */
function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false; // the only failure is a value that has no text
  }
}

function whole(least: number, most: number) {
  return v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
}
