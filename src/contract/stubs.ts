import * as v from "valibot";

/** The reply of services that answer with octets and nothing else: a text (as UTF-8), or octets. */
export const octetsStub = v.pipe(
  v.union([v.string(), v.instance(Uint8Array)], "a text or octets"),
  v.transform((written): Uint8Array => (typeof written === "string" ? new TextEncoder().encode(written) : written)),
  v.description("What is sent."),
);

/** The reply of services that never answer. */
export const noStub = v.never("no reply, because this service never answers; a fault it can have");

const text = v.pipe(v.string(), v.description("The line, without its end; as UTF-8."));
const end = v.pipe(v.string(), v.description("What ends the line: CRLF, unless said otherwise."));

/** The reply of services that answer with a text, whose last line ends in CRLF. */
export const textStub = v.union(
  [
    v.pipe(
      v.strictObject({ text, end: v.optional(end, "\r\n") }),
      v.transform((written) => utf8(written.text + written.end)),
    ),
    v.pipe(
      v.string(),
      v.transform((line) => utf8(`${line.replace(/\r?\n$/, "")}\r\n`)),
    ),
    v.instance(Uint8Array),
  ],
  "a text, octets, or a map of text and end",
);

function utf8(written: string): Uint8Array {
  return new TextEncoder().encode(written);
}
