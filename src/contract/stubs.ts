import * as v from "valibot";

/** The reply of services that answer with octets and nothing else: a text (as UTF-8), or octets. */
export const octetsStub = v.pipe(
  v.union([v.string(), v.instance(Uint8Array)], "a text or octets"),
  v.transform((written): Uint8Array => (typeof written === "string" ? new TextEncoder().encode(written) : written)),
  v.description("What is sent."),
);

/** The reply of services that never answer. */
export const noStub = v.never("no reply, because this service never answers; a fault it can have");
