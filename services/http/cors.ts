import type { Header } from "./reply.ts";
import type { Request } from "./request.ts";

const PREFLIGHT: readonly Header[] = [
  ["Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH"],
  ["Access-Control-Max-Age", "3600"],
];

/** What lets pages from elsewhere read the response (WHATWG Fetch section 3.2): everything, to everybody. */
export function corsHeaders({ method, headers }: Request): readonly Header[] {
  const origin = headers.origin;
  if (origin === undefined) return [];
  const allowed: Header[] = [
    ["Access-Control-Allow-Origin", origin],
    ["Access-Control-Allow-Credentials", "true"],
    ["Vary", "Origin"],
  ];
  if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) return allowed;
  const wanted = headers["access-control-request-headers"];
  return [
    ...allowed,
    ...PREFLIGHT,
    ...(wanted === undefined ? [] : [["Access-Control-Allow-Headers", wanted] as const]),
  ];
}
