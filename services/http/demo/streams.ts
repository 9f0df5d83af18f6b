import { fromLatin1, fromUtf8 } from "../../../src/wire/bytes.ts";
import { contentReply, type Header, JSON_TYPE, type Reply, TEXT_TYPE } from "../reply.ts";
import { selectReply } from "../representation.ts";
import type { Asked } from "../request.ts";
import { isToken } from "../token.ts";
import { describeRequest } from "./description.ts";
import { echoReply } from "./echoes.ts";
import { argument, type DemoEndpoint, demoError, duration, integer, MAX_DEMO_MS, MAX_DEMO_OCTETS } from "./endpoint.ts";
import { isSoundValue } from "./header-value.ts";
import { seededOctets } from "./seeded-octets.ts";

const OCTET_TYPE = "application/octet-stream";
const MAX_LINES = 100;
/** A timer is not finer than this. */
const LEAST_PAUSE_MS = 5;

/** RFC 9110 section 6.5.1: fields that mean something before the content, and so not after it. */
const NO_TRAILERS = new Set(
  "authorization cache-control content-encoding content-length content-range content-type host max-forwards set-cookie te trailer transfer-encoding".split(
    " ",
  ),
);

/** Endpoints about octets and time: how many, how fast, in which pieces. */
export const STREAMS: readonly DemoEndpoint[] = [
  { path: "/bytes/{n}", methods: "any", doc: "n octets, the same ones for the same `?seed=`.", answer: bytesReply },
  {
    path: "/stream-bytes/{n}",
    methods: "any",
    doc: "The same in chunks of `?chunk_size=` octets.",
    answer: streamBytesReply,
  },
  { path: "/range/{n}", methods: "any", doc: "n octets of the alphabet; takes Range.", answer: rangeReply },
  { path: "/stream/{n}", methods: "any", doc: "n lines of JSON, each a chunk.", answer: streamReply },
  {
    path: "/trailers",
    methods: "any",
    doc: "The request as JSON, in chunks; the query's arguments come as trailer fields.",
    reads: true,
    answer: trailersReply,
  },
  {
    path: "/delay/{seconds}",
    methods: "any",
    doc: "What /anything says, after 1.5, 1.5s or 200ms; at most 10 seconds.",
    reads: true,
    answer: delayReply,
  },
  {
    path: "/drip",
    methods: "any",
    doc: "`?numbytes=` octets over `?duration=` seconds, `?delay=` seconds late, with status `?code=`.",
    answer: dripReply,
  },
];

/** Quirk: without a seed the octets are the same every time too, where httpbin's differ. */
function octetsFor(asked: Asked, count: string | undefined): Uint8Array | Reply {
  const n = integer(count, "byte count", 0, MAX_DEMO_OCTETS);
  const seed = integer(argument(asked, "seed") ?? "0", "seed", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (typeof n !== "number") return n;
  return typeof seed === "number" ? seededOctets(n, seed % 2 ** 31) : seed;
}

function bytesReply(asked: Asked, [n]: readonly string[]): Reply {
  const octets = octetsFor(asked, n);
  return octets instanceof Uint8Array ? contentReply(200, OCTET_TYPE, octets) : octets;
}

function streamBytesReply(asked: Asked, [n]: readonly string[]): Reply {
  const octets = octetsFor(asked, n);
  const size = integer(argument(asked, "chunk_size") ?? "10240", "chunk_size", 1, MAX_DEMO_OCTETS);
  if (!(octets instanceof Uint8Array)) return octets;
  if (typeof size !== "number") return size;
  const count = Math.ceil(octets.length / size);
  const body = Array.from({ length: count }, (_, at) => octets.subarray(at * size, (at + 1) * size));
  return { status: 200, headers: [["Content-Type", OCTET_TYPE]], body, chunked: true };
}

function rangeReply({ request, now }: Asked, [text]: readonly string[]): Reply {
  const n = integer(text, "count", 1, MAX_DEMO_OCTETS);
  if (typeof n !== "number") return n;
  const body = new Uint8Array(n);
  for (let at = 0; at < n; at += 1) body[at] = 0x61 + (at % 26);
  return selectReply(request, { type: TEXT_TYPE, body, etag: `"range${n}"` }, now);
}

function streamReply(asked: Asked, [text]: readonly string[]): Reply {
  const n = integer(text, "count", 1, MAX_LINES);
  if (typeof n !== "number") return n;
  const { method: _, ...shape } = describeRequest(asked);
  const body = Array.from({ length: n }, (_, id) => fromUtf8(`${JSON.stringify({ id, ...shape })}\n`));
  return { status: 200, headers: [["Content-Type", JSON_TYPE]], body, chunked: true };
}

function trailersReply(asked: Asked): Reply {
  const trailers: Header[] = [];
  for (const [name, value] of Object.entries(asked.request.query)) {
    if (!isToken(name) || NO_TRAILERS.has(name.toLowerCase())) return demoError(400, `forbidden trailer: ${name}`);
    const last = typeof value === "string" ? value : (value.at(-1) ?? "");
    if (!isSoundValue(last)) return demoError(400, `forbidden value of trailer: ${name}`);
    trailers.push([name, last]);
  }
  const reply = echoReply(asked);
  const announced: Header[] = trailers.map(([name]) => ["Trailer", name]);
  return { ...reply, headers: [...reply.headers, ...announced], chunked: true, trailers };
}

function delayReply(asked: Asked, [seconds = ""]: readonly string[]): Reply {
  const delayMs = duration(seconds, "duration");
  return typeof delayMs === "number" ? { ...echoReply(asked), delayMs } : delayMs;
}

function dripReply(asked: Asked): Reply {
  const durationMs = duration(argument(asked, "duration") ?? "2s", "duration");
  const delayMs = duration(argument(asked, "delay") ?? "2s", "delay");
  const octets = integer(argument(asked, "numbytes") ?? "10", "numbytes", 1, MAX_DEMO_OCTETS);
  const status = integer(argument(asked, "code") ?? "200", "status code", 200, 599);
  if (typeof durationMs !== "number") return durationMs;
  if (typeof delayMs !== "number") return delayMs;
  if (typeof octets !== "number") return octets;
  if (typeof status !== "number") return status;
  if (durationMs + delayMs > MAX_DEMO_MS) return demoError(400, `too much time: at most ${MAX_DEMO_MS / 1000} seconds`);
  const pieces = Math.max(1, Math.min(octets, Math.floor(durationMs / LEAST_PAUSE_MS)));
  const bounds = Array.from({ length: pieces + 1 }, (_, at) => Math.floor((octets * at) / pieces));
  const body = bounds.slice(1).map((end, at) => fromLatin1("*".repeat(end - (bounds[at] as number))));
  const pauseMs = pieces > 1 ? Math.max(1, Math.round(durationMs / (pieces - 1))) : 0;
  return { status, headers: [["Content-Type", TEXT_TYPE]], body, delayMs, pauseMs };
}
