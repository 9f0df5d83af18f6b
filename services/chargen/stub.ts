import * as v from "valibot";
import { octetsStub } from "../../src/contract/stubs.ts";
import { ringOf } from "./ring.ts";

/** Sixteen mebioctets: more at once would be held at once. */
const MOST_OCTETS = 16 * 1024 * 1024;

/** What a rule has generated, as it is written: so many octets of the ring, or any others; then a TCP session ends. */
export const chargenStub = v.union(
  [
    v.pipe(
      v.strictObject({
        octets: v.pipe(
          v.number(),
          v.integer(),
          v.minValue(0),
          v.maxValue(MOST_OCTETS),
          v.description("So many octets of the ring, and over TCP the end; a datagram ought to have 512 at most."),
        ),
      }),
      v.transform(({ octets }) => ringOf(octets)),
    ),
    octetsStub,
  ],
  "a text, octets, or a map of octets",
);
