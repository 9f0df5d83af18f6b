import * as v from "valibot";
import { encodeSeconds, secondsSince1900 } from "./seconds.ts";

const LAST_SECOND = 2 ** 32 - 1;
const seconds = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(0),
  v.maxValue(LAST_SECOND),
  v.description("Seconds since 00:00 1 January 1900 GMT."),
);
const MOMENT = "a moment such as 2036-02-07T06:28:16Z";

/** What a rule answers, as it is written: the seconds, the moment, or octets as they are sent, four or not. */
export const timeStub = v.union(
  [
    v.pipe(
      v.strictObject({ seconds }),
      v.transform((written) => encodeSeconds(written.seconds)),
    ),
    v.pipe(seconds, v.transform(encodeSeconds)),
    v.pipe(
      v.string(),
      v.isoTimestamp(MOMENT),
      v.check((text) => !Number.isNaN(Date.parse(text)), MOMENT),
      v.transform((text) => encodeSeconds(secondsSince1900(Date.parse(text)))),
    ),
    v.pipe(
      v.date(),
      v.transform((date) => encodeSeconds(secondsSince1900(date.getTime()))),
    ),
    v.instance(Uint8Array),
  ],
  "seconds since 1900, a moment such as 2036-02-07T06:28:16Z, octets, or a map of seconds",
);
