import * as v from "valibot";
import type { DnsReply } from "./dns-reply.ts";
import { Mistake, readFields, readText } from "./read-reply.ts";
import { replyFields } from "./reply-fields.ts";

/** Turns what was written into a reply; what is wrong with it becomes an issue at its place. */
function reading<Input>(read: (written: Input) => DnsReply) {
  return v.rawTransform<Input, DnsReply>(({ dataset, addIssue, NEVER }) => {
    try {
      return read(dataset.value);
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      const { message, keys, input } = error;
      const path = keys.map((key) => ({ type: "unknown", origin: "value", input, key, value: input }) as const);
      const [first, ...rest] = path;
      addIssue({ message, input, ...(first ? { path: [first, ...rest] } : {}) });
      return NEVER;
    }
  });
}

/** A reply as rules write it: an rcode, addresses, records, or a map of fields. */
export const dnsStub = v.union(
  [
    v.pipe(replyFields, reading(readFields)),
    v.pipe(v.string(), reading(readText)),
    v.pipe(
      v.array(v.string()),
      reading((lines) => readFields({ answers: lines })),
    ),
  ],
  ({ issues }) =>
    issues?.find(({ type, path }) => type === "raw_transform" && !path)?.message ??
    'an rcode such as "SERVFAIL", an address, records, or a map of rcode, answers and the like',
);
