import { decodePercent } from "../target.ts";
import { CACHING } from "./caching.ts";
import { CREDENTIALS } from "./credentials.ts";
import { ECHOES } from "./echoes.ts";
import type { DemoEndpoint } from "./endpoint.ts";
import { FORMATS } from "./formats.ts";
import { STATUSES } from "./statuses.ts";
import { STREAMS } from "./streams.ts";

/** Every demo endpoint. */
export const ENDPOINTS: readonly DemoEndpoint[] = [
  ...ECHOES,
  ...STATUSES,
  ...STREAMS,
  ...CACHING,
  ...CREDENTIALS,
  ...FORMATS,
];

/** An endpoint, and what its path's braces stand for. */
export interface Found {
  readonly endpoint: DemoEndpoint;
  readonly parameters: readonly string[];
}

interface Pattern {
  readonly endpoint: DemoEndpoint;
  readonly segments: readonly string[];
}

/** By their first segment: a request looks at a handful of patterns at most. */
const PATTERNS = new Map<string, Pattern[]>();
for (const endpoint of ENDPOINTS) {
  const segments = endpoint.path.slice(1).split("/");
  const [first = ""] = segments;
  PATTERNS.set(first, [...(PATTERNS.get(first) ?? []), { endpoint, segments }]);
}

/** The endpoint at a path as it came, before decoding: `/base64/a%2Fb` has two segments. */
export function findEndpoint(rawPath: string): Found | undefined {
  const segments = rawPath.slice(1).split("/").map(decodePercent);
  for (const pattern of PATTERNS.get(segments[0] ?? "") ?? []) {
    const parameters = match(pattern.segments, segments);
    if (parameters) return { endpoint: pattern.endpoint, parameters };
  }
  return undefined;
}

/** A line for each endpoint, for people. */
export function describeEndpoints(): string {
  const width = Math.max(...ENDPOINTS.map(({ path }) => path.length));
  return ENDPOINTS.map(({ path, doc }) => `  ${path.padEnd(width)}  ${doc}\n`).join("");
}

function match(pattern: readonly string[], segments: readonly (string | undefined)[]): string[] | undefined {
  const parameters: string[] = [];
  for (const [at, part] of pattern.entries()) {
    if (part.endsWith("*}")) return [...parameters, segments.slice(at).join("/")];
    const segment = segments[at];
    if (segment === undefined) return undefined;
    if (part.startsWith("{")) parameters.push(segment);
    else if (part !== segment) return undefined;
  }
  return pattern.length === segments.length ? parameters : undefined;
}
