import { parseDate } from "./date.ts";
import type { FieldMap } from "./request.ts";

/** What a condition is held against: the validators of what is there now, if anything is. */
export interface Validators {
  readonly exists: boolean;
  readonly etag?: string;
  /** Milliseconds since the epoch. */
  readonly modified?: number;
}

/** RFC 9110 section 13.2.2: the conditions in their order. The status to answer with, or `undefined` to go on. */
export function checkPreconditions(
  method: string,
  fields: FieldMap,
  validators: Validators,
  now: number,
): 304 | 412 | undefined {
  const reads = method === "GET" || method === "HEAD";
  const ifMatch = fields["if-match"];
  if (ifMatch !== undefined) {
    // RFC 9110 section 13.1.1: strong comparison.
    if (!matches(ifMatch, validators, true)) return 412;
  } else {
    const since = dateOf(fields["if-unmodified-since"], now);
    if (since !== undefined && validators.modified !== undefined && seconds(validators.modified) > since) return 412;
  }
  const ifNoneMatch = fields["if-none-match"];
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, validators, false)) return reads ? 304 : 412;
  } else if (reads) {
    const since = dateOf(fields["if-modified-since"], now);
    if (since !== undefined && validators.modified !== undefined && seconds(validators.modified) <= since) return 304;
  }
  return undefined;
}

/** RFC 9110 section 13.1.5: the Range field counts, because there is no If-Range, or it names what is there now. */
export function mayUseRange(fields: FieldMap, validators: Validators, now: number): boolean {
  const condition = fields["if-range"];
  if (condition === undefined) return true;
  if (condition.startsWith('"')) return condition === validators.etag;
  const date = dateOf(condition, now);
  return date !== undefined && validators.modified !== undefined && seconds(validators.modified) === date;
}

function matches(list: string, { exists, etag }: Validators, strong: boolean): boolean {
  if (list.trim() === "*") return exists;
  if (etag === undefined) return false;
  for (const [, weak, tag] of list.matchAll(ENTITY_TAG)) {
    if (strong && (weak !== "" || etag.startsWith("W/"))) continue;
    if (tag === etag.replace(/^W\//, "")) return true;
  }
  return false;
}

/** RFC 9110 section 8.8.3: W/ if weak, then an opaque tag in quotes. */
const ENTITY_TAG = /(W\/|)("[\x21\x23-\x7e\x80-\xff]*")/g;

function dateOf(text: string | undefined, now: number): number | undefined {
  return text === undefined ? undefined : parseDate(text, now);
}

/** HTTP's dates have no fractions. */
function seconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
