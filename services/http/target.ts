import { toUtf8 } from "../../src/wire/bytes.ts";
import type { Query } from "./request.ts";

export const NO_QUERY: Query = Object.freeze({});

/** A request target taken apart. */
export interface Target {
  /** Decoded, without `.` and `..`, with its final slash if it has one; `*` in asterisk-form. */
  readonly path: string;
  readonly query: Query;
  /** The authority in absolute-form and authority-form. */
  readonly host?: string;
}

/** RFC 9112 section 3.2: the four forms of a request target. `undefined` if it is none that the method may have. */
export function parseTarget(method: string, target: string): Target | undefined {
  // RFC 9112 section 3.2.3: authority-form is only for CONNECT.
  if (method === "CONNECT") return isAuthority(target) ? { path: "", query: NO_QUERY, host: target } : undefined;
  if (target.startsWith("/")) return parseOrigin(target);
  // RFC 9112 section 3.2.4: asterisk-form is only for OPTIONS.
  if (target === "*") return method === "OPTIONS" ? { path: "*", query: NO_QUERY } : undefined;
  const [, host, rest] = /^https?:\/\/([^/?]+)(.*)$/is.exec(target) ?? [];
  if (host === undefined || rest === undefined || !isAuthority(host)) return undefined;
  const origin = parseOrigin(rest.startsWith("/") ? rest : `/${rest}`);
  return origin && { ...origin, host };
}

/** The host may be empty, and the port absent (RFC 9110 section 7.2). */
export function isAuthority(text: string): boolean {
  return /^(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?$/.test(text);
}

/** The path of a target as it came, without the query: what still tells `/` from `%2F`. */
export function rawPath(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?]*/i, "");
  const end = path.indexOf("?");
  return end < 0 ? path : path.slice(0, end);
}

/** The octets that a text with `%XX` stands for, read as UTF-8; `undefined` if a `%` is not followed by two digits. */
export function decodePercent(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  return decodeLeniently(text);
}

/** The same, leaving a `%` that begins nothing as it is. */
export function decodeLeniently(text: string): string {
  if (!/[%\x80-\xff]/.test(text)) return text;
  const octets = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    const high = char === PERCENT ? hexDigit(text.charCodeAt(at + 1)) : -1;
    const low = high < 0 ? -1 : hexDigit(text.charCodeAt(at + 2));
    octets[length++] = low < 0 ? char : high * 16 + low;
    if (low >= 0) at += 2;
  }
  return toUtf8(octets.subarray(0, length));
}

/** A path for a URL: every name encoded, slashes kept. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeName).join("/");
}

export function encodeName(name: string): string {
  // A lone surrogate has no encoding.
  return encodeURIComponent(name.replace(/\p{Surrogate}/gu, "\ufffd"));
}

/** `a=1&b=2`, with `+` for a space (WHATWG URL, application/x-www-form-urlencoded). */
export function parseQuery(text: string): Query {
  const query: { [name: string]: string | string[] } = Object.create(null);
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const end = pair.indexOf("=");
    const name = decodeArgument(end < 0 ? pair : pair.slice(0, end));
    const value = end < 0 ? "" : decodeArgument(pair.slice(end + 1));
    const before = query[name];
    if (before === undefined) query[name] = value;
    else if (typeof before === "string") query[name] = [before, value];
    else before.push(value);
  }
  return query;
}

const PERCENT = 0x25;

/** The value of a hexadecimal digit; -1 if it is none. */
function hexDigit(char: number): number {
  if (char >= 0x30 && char <= 0x39) return char - 0x30;
  const lower = char | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function decodeArgument(text: string): string {
  return decodeLeniently(text.replaceAll("+", " "));
}

function parseOrigin(target: string): Target | undefined {
  const end = target.indexOf("?");
  const decoded = decodePercent(end < 0 ? target : target.slice(0, end));
  if (decoded === undefined || decoded.includes("\0")) return undefined;
  const path = removeDots(decoded);
  return { path, query: end < 0 ? NO_QUERY : parseQuery(target.slice(end + 1)) };
}

/** RFC 3986 section 5.2.4, after decoding, so that nothing can hide; doubled slashes count once. */
function removeDots(path: string): string {
  if (!/\/(?:\.|\/)/.test(path)) return path;
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") names.pop();
    else names.push(name);
  }
  const slash = names.length > 0 && /\/\.{0,2}$/.test(path);
  return `/${names.join("/")}${slash ? "/" : ""}`;
}
