import * as v from "valibot";
import type { Context } from "../../src/contract/service.ts";

/** The options of `http` and `https`. */
export const httpOptions = v.strictObject({
  server: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/, "a field value has visible characters only"),
      v.description("The Server field of every response; empty for none."),
    ),
    "Portwright",
  ),
  writable: v.optional(v.pipe(v.boolean(), v.description("PUT and DELETE change the file tree.")), true),
  listings: v.optional(v.pipe(v.boolean(), v.description("A directory without index.html is shown as a list.")), true),
  demo: v.optional(v.pipe(v.boolean(), v.description("Serve the demo endpoints beside the file tree.")), true),
  maxRequestLineOctets: v.optional(
    // RFC 9112 section 3: at least 8,000 octets.
    count("A longer request line is answered with 414."),
    8192,
  ),
  maxHeadOctets: v.optional(count("A longer request head, or trailer section, is answered with 431."), 32_768),
  maxHeaders: v.optional(count("More header fields in one section are answered with 431."), 100),
  maxBodyOctets: v.optional(count("A larger request body is answered with 413."), 16 * 1024 * 1024),
  headMs: v.optional(count("Milliseconds within which a request's head must arrive; 408 after that."), 15_000),
  bodyMs: v.optional(count("Milliseconds within which a request's body must arrive; 408 after that."), 60_000),
  idleMs: v.optional(count("A connection without traffic for so many milliseconds is closed."), 60_000),
});

export type HttpOptions = v.InferOutput<typeof httpOptions>;
export type HttpContext = Context<HttpOptions>;

function count(description: string) {
  return v.pipe(v.number(), v.integer(), v.minValue(1), v.description(description));
}
