import type { HttpContext } from "../options.ts";
import { reasonOf } from "../reasons.ts";
import { type Header, jsonReply, type Reply } from "../reply.ts";
import type { Asked } from "../request.ts";

/** The most that an endpoint makes or takes, in octets. */
export const MAX_DEMO_OCTETS = 1024 * 1024;
/** The longest that an endpoint waits, in milliseconds. */
export const MAX_DEMO_MS = 10_000;

/** A path below which something can be tried, after httpbin's example. */
export interface DemoEndpoint {
  /** `/status/{codes}`: each name in braces stands for one segment, with `*` for all that follow. */
  readonly path: string;
  readonly methods: "any" | readonly string[];
  /** What it answers, in one line. */
  readonly doc: string;
  /** The response depends on the request's content. */
  readonly reads?: true;
  /** `parameters` are the decoded segments that the braces stand for. */
  answer(asked: Asked, parameters: readonly string[], context: HttpContext): Reply;
}

/** What a JSON endpoint says when it cannot do what was asked. */
export function demoError(status: number, detail?: string, ...headers: Header[]): Reply {
  return jsonReply(status, { status_code: status, error: reasonOf(status), ...(detail ? { detail } : {}) }, ...headers);
}

/** The argument of a query; the first, if there are several. */
export function argument({ request }: Asked, name: string): string | undefined {
  const value = request.query[name];
  return typeof value === "string" ? value : value?.[0];
}

/** A number in decimal digits within the bounds, or why it is none. */
export function integer(text: string | undefined, name: string, least: number, most: number): number | Reply {
  const value = text !== undefined && /^-?[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  return demoError(400, `invalid ${name}: ${JSON.stringify(text ?? "")} is not in range [${least}, ${most}]`);
}

/** `1.5`, `1.5s` or `200ms` as milliseconds, or why it is none. */
export function duration(text: string, name: string): number | Reply {
  const [, value, unit] = /^([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m)?$/.exec(text) ?? [];
  const ms = Math.round(Number(value ?? Number.NaN) * (unit === "ms" ? 1 : unit === "m" ? 60_000 : 1000));
  if (ms <= MAX_DEMO_MS) return ms;
  return demoError(
    400,
    `invalid ${name}: ${JSON.stringify(text)} is not a time of at most ${MAX_DEMO_MS / 1000} seconds`,
  );
}
