import * as v from "valibot";
import { reply } from "./reply.ts";

const code = v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599), v.description("RFC 5321 section 4.2."));
const enhanced = v.pipe(
  v.string(),
  v.regex(/^[245]\.\d{1,3}\.\d{1,3}$/, "an enhanced status code such as 4.2.2"),
  v.description("RFC 3463."),
);

/** `452 4.2.2 mailbox full`. */
const LINE = /^([2-5]\d\d)(?: ([245]\.\d{1,3}\.\d{1,3}))?(?: (.*))?$/s;

/** A reply as rules write it: fields, the line as it is sent, or only the code. */
export const smtpStub = v.union(
  [
    v.pipe(
      v.strictObject({ code, enhanced: v.optional(enhanced), text: v.optional(v.string(), "Said by a rule") }),
      v.transform((written) => reply(written.code, written.enhanced, written.text)),
    ),
    v.pipe(
      v.string(),
      v.regex(LINE, 'a reply such as "452 4.2.2 mailbox full"'),
      v.transform((line) => {
        const [, number, status, text = "Said by a rule"] = LINE.exec(line) ?? [];
        return reply(Number(number), status, text);
      }),
    ),
    v.pipe(
      code,
      v.transform((number) => reply(number, undefined, "Said by a rule")),
    ),
  ],
  "a code, a reply line, or a map of code, enhanced and text",
);
