import { isUtf8, toBase64, toLatin1, toUtf8 } from "../../../src/wire/bytes.ts";
import type { Asked } from "../request.ts";
import { decodeLeniently, parseQuery } from "../target.ts";
import { boundaryOf, parseForm } from "./multipart.ts";

type Lists = { readonly [name: string]: readonly string[] };

/** A request without its content, in the words of go-httpbin. */
export interface RequestShape {
  readonly args: Lists;
  readonly headers: Lists;
  readonly method: string;
  readonly origin: string;
  readonly url: string;
}

export interface ContentShape {
  readonly data: string;
  readonly files: Lists;
  readonly form: Lists;
  readonly json: unknown;
}

export function describeRequest(asked: Asked): RequestShape {
  return {
    args: listsOf(asked.request.query),
    headers: describeFields(asked.fields),
    method: asked.request.method,
    origin: asked.origin,
    url: urlOf(asked),
  };
}

/** The fields by their names as people write them (`User-Agent`), each with all its values. */
export function describeFields(pairs: readonly string[]): Lists {
  const lists: { [name: string]: string[] } = Object.create(null);
  for (let at = 0; at < pairs.length; at += 2) {
    const name = canonicalName(pairs[at] as string);
    const value = decodeUtf8(pairs[at + 1] as string);
    const list = lists[name];
    if (list) list.push(value);
    else lists[name] = [value];
  }
  return sorted(lists);
}

/** What the content says in its own format; a text where it does not read as that format. */
export function describeContent({ request }: Asked): ContentShape | string {
  const { body } = request;
  const empty = { data: "", files: {}, form: {}, json: null };
  if (body.length === 0) return empty;
  const contentType = request.headers["content-type"] ?? "";
  const [type = ""] = contentType.toLowerCase().split(";");
  const text = { ...empty, data: isUtf8(body) ? toUtf8(body) : dataUrl(type, body) };
  switch (type.trim()) {
    case "text/html":
    case "text/plain":
      return text;
    case "application/x-www-form-urlencoded":
      return { ...text, form: listsOf(parseQuery(toLatin1(body))) };
    case "multipart/form-data": {
      const boundary = boundaryOf(contentType);
      const form = boundary === undefined ? undefined : parseForm(body, boundary);
      return form
        ? { ...text, form: sorted(form.fields), files: sorted(form.files) }
        : "the parts cannot be told apart";
    }
    case "application/json":
      try {
        return { ...text, json: JSON.parse(toUtf8(body)) };
      } catch {
        return "it is not JSON";
      }
    default:
      return { ...empty, data: dataUrl(type, body) };
  }
}

/** The URL that the client must have asked for. */
export function urlOf({ request }: Asked): string {
  const { target, host, secure } = request;
  const path = target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/?]*/i, "");
  return `${secure ? "https" : "http"}://${host}${path}`;
}

/** `USER-agent` as `User-Agent`. */
function canonicalName(name: string): string {
  return name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

function decodeUtf8(latin1: string): string {
  return decodeLeniently(latin1.replaceAll("%", "%25"));
}

function listsOf(query: { readonly [name: string]: string | readonly string[] }): Lists {
  const lists: { [name: string]: readonly string[] } = Object.create(null);
  for (const [name, value] of Object.entries(query)) lists[name] = typeof value === "string" ? [value] : value;
  return sorted(lists);
}

/** By name, so that the same request always reads the same. */
function sorted(lists: Lists): Lists {
  return Object.fromEntries(Object.entries(lists).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function dataUrl(type: string, body: Uint8Array): string {
  const base64url = toBase64(body).replaceAll("+", "-").replaceAll("/", "_");
  return `data:${type.trim() || "application/octet-stream"};base64,${base64url}`;
}
