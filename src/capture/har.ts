/** HTTP exchanges as HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), which browsers' tools open. */
import type { Fields, FieldValue } from "../contract/machine.ts";
import type { Entry, SessionRecord } from "../journal/entry.ts";
import { isMap, REDACTED } from "../journal/print.ts";
import { isUtf8, toBase64, toLatin1, toUtf8 } from "../wire/bytes.ts";
import { requestCookies, responseCookies } from "./har-cookies.ts";
import { PRODUCT } from "./product.ts";

type Exchange = Extract<Entry, { kind: "exchange" }>;

/** Fields as they may be shown. */
export type Show = (fields: Fields, side: "request" | "reply", service: string) => Fields;

/** What stands before the first entry, and behind the last. */
export const HAR_HEAD = `{"log":{"version":"1.2","creator":${JSON.stringify(PRODUCT)},"entries":[`;
export const HAR_TAIL = "]}}\n";

/** When the octets of one exchange came and went, in milliseconds since the epoch. */
interface Times {
  asked: number;
  read: number;
  answered: number | undefined;
}

/** Makes HAR entries of a journal's entries. */
export class HarEntries {
  readonly #show: Show;
  readonly #times = new Map<number, Times>();

  constructor(show: Show) {
    this.#show = show;
  }

  /** Takes what happened next; returns the HAR entry as JSON if it was an exchange over HTTP. */
  entry(entry: Entry): string | undefined {
    const { session, time } = entry;
    const times = this.#times.get(session.id);
    switch (entry.kind) {
      case "received":
        if (!times) this.#times.set(session.id, { asked: time, read: time, answered: undefined });
        else if (times.answered === undefined) times.read = time;
        return undefined;
      case "sent":
        if (times) times.answered ??= time;
        return undefined;
      case "exchange":
        // It may be one inside HTTP.
        if (!isHttp(entry.request)) return undefined;
        this.#times.delete(session.id);
        return JSON.stringify(this.#exchange(entry, times));
      case "close":
        this.#times.delete(session.id);
        return undefined;
      default:
        return undefined;
    }
  }

  #exchange({ session, time, ...exchange }: Exchange, times: Times | undefined): object {
    const request = this.#show(exchange.request, "request", session.service);
    const reply = this.#show(exchange.reply, "reply", session.service);
    const { asked, read } = times ?? { asked: time, read: time };
    const answered = times?.answered ?? time;
    const timings = { send: later(asked, read), wait: later(read, answered), receive: later(answered, time) };
    return {
      startedDateTime: new Date(asked).toISOString(),
      time: timings.send + timings.wait + timings.receive,
      request: harRequest(request, session),
      response: harResponse(reply, request),
      cache: {},
      timings,
      serverIPAddress: session.local.address,
      connection: String(session.id),
      comment: `${session.name} on port ${session.local.port}`,
    };
  }
}

function later(from: number, to: number): number {
  return Math.max(0, to - from);
}

/** The fields are those of a request in HTTP. */
function isHttp(request: Fields): boolean {
  return typeof request.method === "string" && typeof request.target === "string";
}

function harRequest(request: Fields, session: SessionRecord): object {
  const headers = headersOf(request);
  const body = octetsOf(request.body);
  return {
    method: request.method,
    url: urlOf(request, session),
    httpVersion: versionOf(request),
    cookies: requestCookies(shown(headers, "cookie")),
    headers,
    queryString: pairsOf(request.query),
    headersSize: -1,
    bodySize: body.length,
    ...(body.length > 0 ? { postData: postData(body, find(headers, "content-type") ?? "") } : {}),
  };
}

function harResponse(reply: Fields, request: Fields): object {
  const headers = headersOf(reply);
  const body = octetsOf(reply.body);
  const { status } = reply;
  return {
    // As browsers write it where no response came.
    status: typeof status === "number" ? status : 0,
    statusText: typeof reply.reason === "string" ? reply.reason : "",
    httpVersion: versionOf(request),
    cookies: headers
      .filter(({ name }) => name === "set-cookie")
      .flatMap(({ value }) => responseCookies(unlessRedacted(value))),
    headers,
    content: { size: body.length, mimeType: find(headers, "content-type") ?? "", ...content(body) },
    redirectURL: find(headers, "location") ?? "",
    headersSize: -1,
    bodySize: body.length,
    ...(status === undefined ? { _error: "no response" } : {}),
  };
}

function content(body: Uint8Array): object {
  if (body.length === 0) return {};
  return isUtf8(body) ? { text: toUtf8(body) } : { text: toBase64(body), encoding: "base64" };
}

/** HAR has no word for requests whose bodies are no text; names of one's own begin with an underscore. */
function postData(body: Uint8Array, mimeType: string): object {
  if (mimeType.startsWith("application/x-www-form-urlencoded")) {
    const params = [...new URLSearchParams(toLatin1(body))].map(([name, value]) => ({ name, value }));
    return { mimeType, params };
  }
  return isUtf8(body) ? { mimeType, text: toUtf8(body) } : { mimeType, text: toBase64(body), _encoding: "base64" };
}

/** The whole URL; where no URL was asked for (a Host that is none, octets that are no HTTP), the service's own. */
function urlOf({ target, host, secure }: Fields, { local, tls }: SessionRecord): string {
  const text = String(target);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) && URL.canParse(text)) return text; // RFC 9112 section 3.2.2: absolute-form
  const scheme = secure === true || tls !== undefined ? "https" : "http";
  const address = local.address.includes(":") ? `[${local.address}]` : local.address;
  const own = `${scheme}://${address}:${local.port}`;
  const origin = typeof host === "string" && host !== "" ? `${scheme}://${host}` : own;
  // Section 3.2.3, authority-form: a host and its port.
  const other = text === "*" ? origin : /^[^/]+:\d+$/.test(text) ? `${scheme}://${text}` : "";
  const url = text.startsWith("/") ? `${origin}${text}` : other;
  return URL.canParse(url) ? url : `${own}/`;
}

function versionOf({ version }: Fields): string {
  return `HTTP/${typeof version === "string" ? version : "1.1"}`;
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

function headersOf({ headers }: Fields): Pair[] {
  return pairsOf(headers);
}

/** A map's names and values; one pair for each item of a list. */
function pairsOf(map: FieldValue): Pair[] {
  if (!isMap(map)) return [];
  return Object.entries(map).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? value : [value];
    return values.map((item) => ({ name, value: item instanceof Uint8Array ? toLatin1(item) : String(item ?? "") }));
  });
}

function find(headers: readonly Pair[], wanted: string): string | undefined {
  return headers.find(({ name }) => name === wanted)?.value;
}

function shown(headers: readonly Pair[], wanted: string): string {
  return unlessRedacted(find(headers, wanted) ?? "");
}

function unlessRedacted(value: string): string {
  return value === REDACTED ? "" : value;
}

function octetsOf(value: FieldValue): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(0);
}
