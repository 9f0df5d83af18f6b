import * as v from "valibot";
import { octetsStub } from "../../src/contract/stubs.ts";

/** What a rule has sent back, as it is written: the octets, or a map of them. */
export const echoStub = v.union(
  [
    octetsStub,
    v.pipe(
      v.strictObject({ data: v.pipe(octetsStub, v.description("What goes back: a text (as UTF-8), or octets.")) }),
      v.transform(({ data }) => data),
    ),
  ],
  "a text, octets, or a map of data",
);
