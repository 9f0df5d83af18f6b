import * as v from "valibot";
import { fromUtf8 } from "../../src/wire/bytes.ts";
import { durationMs } from "../../src/wire/duration.ts";
import type { RuledData, RuledReply } from "./ruled-reply.ts";

const LINE = /^([1-9]\d\d)(?:[ -]([^\r]*))?$/;
const LINE_ENDS = { lf: "\n", cr: "\r", none: "" } as const;

const three = v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(999));
const line = v.pipe(v.string(), v.regex(LINE, 'a reply such as "550 No such file."'));
const plain = v.pipe(v.string(), v.regex(/^[^\r]*$/, "a text without CR"));
const octets = v.pipe(v.number(), v.integer(), v.minValue(0));
const described = <Schema extends v.GenericSchema>(schema: Schema, text: string) =>
  v.optional(v.pipe(schema, v.description(text)));

const duration = v.pipe(
  v.union([v.number(), v.string()]),
  v.check((written) => durationMs(written) !== undefined, 'early, never, milliseconds, or a text such as "2s"'),
  v.transform((written) => durationMs(written) ?? 0),
);
const content = v.union(
  [v.string(), v.instance(Uint8Array), v.strictObject({ octets })],
  "a text, octets, or { octets: 1000 }",
);
const listing = v.union(
  [v.string(), v.array(v.string()), v.instance(Uint8Array)],
  "a text, a list of lines, or octets",
);

const fields = v.strictObject({
  code: described(three, "Of the final reply. 4yz and 5yz alone are the only reply; 1yz is the preliminary one."),
  text: described(
    v.union(
      [v.pipe(v.array(plain), v.minLength(1, "at least one line")), plain],
      "a text without CR, or a list of them",
    ),
    "What follows the code; a list, or LF in it, makes several lines. To PASV and EPSV with `{numbers}`, `{address}`, `{port}` of the data connection.",
  ),
  lines: described(
    v.pipe(v.array(v.string()), v.minLength(1, "at least one line")),
    "What is sent in place of code and text, line by line.",
  ),
  lineEnd: described(v.picklist(["lf", "cr", "none"]), "What ends each line in place of CRLF."),
  close: described(
    v.boolean(),
    "The control connection is closed behind it; unless said otherwise, behind 421 and 221.",
  ),
  done: described(
    v.boolean(),
    "What was asked is done; unless said otherwise, with 1yz to 3yz. `false` with 226: nothing is stored.",
  ),
  preliminary: described(
    v.union([three, line, v.literal("none")], 'a code, a reply such as "150 Here it comes.", or none'),
    "The reply before the final one, in place of 150. With it, the transfer takes place whatever the code is.",
  ),
  final: described(
    v.union([v.picklist(["early", "never"]), duration], 'early, never, milliseconds, or a text such as "2s"'),
    "When the final reply comes: `early`, before the data; `never`; or so much later.",
  ),
  after: described(octets, "So many octets of data are moved, if there are as many, and then comes the final reply."),
  data: described(content, "What RETR sends in place of the file; `{ octets: 1000 }` makes as many."),
  listing: described(listing, "What LIST, NLST and MLSD send; each line gets its CRLF, octets stay as they are."),
  size: described(
    v.union([octets, v.literal("none")], "a number of octets, or none"),
    "The size that 150 tells for RETR.",
  ),
  address: described(v.pipe(v.string(), v.ipv4()), "The address that 227 and 229 give."),
  port: described(
    v.union(
      [v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)), v.literal("closed")],
      "a port, or closed",
    ),
    "The port that 227 and 229 give; `closed`: one where nobody listens.",
  ),
  features: described(
    v.array(v.pipe(v.string(), v.regex(/^[^\r\n]*$/, "a text of one line"))),
    "The lines of FEAT, such as `MLST type*;size*;`.",
  ),
});

type Written = v.InferOutput<typeof fields>;
type Spoken = { readonly code: number; readonly text?: string };

/** A reply as rules write it: fields, the line as it is sent, or only the code. What is left out is the service's own. */
export const ftpStub = v.union(
  [
    v.pipe(
      fields,
      v.forward(
        v.check(
          (written) => Object.values(written).some((value) => value !== undefined),
          "a code, or another field, since there is none",
        ),
        ["code"],
      ),
      v.forward(
        v.check(({ data, listing }) => data === undefined || listing === undefined, "data or a listing, not both"),
        ["listing"],
      ),
      v.forward(
        v.check(
          ({ code = 200, preliminary }) => preliminary === undefined || code >= 200,
          "a code from 200, since there is a preliminary one",
        ),
        ["code"],
      ),
      v.transform(ruledOf),
    ),
    v.pipe(
      line,
      v.transform((written) => ruledOf(spokenOf(written))),
    ),
    v.pipe(
      three,
      v.transform((code) => ruledOf({ code })),
    ),
  ],
  'a code from 100 to 999, a reply such as "550 No such file.", or a map of code, text and others',
);

function ruledOf(written: Written): RuledReply {
  const { code = codeOf(written.lines), lines, lineEnd, ...rest } = written;
  const text = typeof written.text === "object" ? written.text.join("\n") : written.text;
  // RFC 959 section 4.2: after 1yz there is another reply
  if (code !== undefined && code < 200 && !lines) {
    const { code: _, text: __, ...others } = written;
    return ruledOf({ ...others, preliminary: text === undefined ? code : `${code} ${text}` });
  }
  return {
    code,
    text,
    lines,
    lineEnd: lineEnd && LINE_ENDS[lineEnd],
    close: rest.close,
    done: rest.done,
    preliminary: preliminaryOf(rest.preliminary),
    final: rest.final,
    after: rest.after,
    data: dataOf(written),
    size: rest.size,
    address: rest.address,
    port: rest.port,
    features: rest.features,
  };
}

/** The code that a client reads at the beginning of these lines. */
function codeOf(lines: readonly string[] | undefined): number | undefined {
  const found = /^\d{3}/.exec(lines?.[0] ?? "");
  return found ? Number(found[0]) : undefined;
}

/** The code and the text of a reply's line. */
function spokenOf(written: string): Spoken {
  const [, code, text] = LINE.exec(written) ?? [];
  // The lines of a long reply may have their codes, or not.
  return {
    code: Number(code),
    ...(text === undefined ? {} : { text: text.replaceAll(new RegExp(`\n${code}[ -]`, "g"), "\n") }),
  };
}

function preliminaryOf(written: number | string | undefined): RuledReply["preliminary"] {
  if (written === undefined || written === "none") return written;
  const { code, text } = typeof written === "number" ? { code: written } : spokenOf(written);
  return { code, text };
}

function dataOf({ data, listing: listed }: Written): RuledData | undefined {
  if (listed === undefined) return typeof data === "string" ? fromUtf8(data) : data;
  if (listed instanceof Uint8Array) return listed;
  const lines = typeof listed === "string" ? listed.replace(/\r?\n$/, "").split(/\r?\n/) : listed;
  const isEmpty = listed.length === 0;
  return fromUtf8(isEmpty ? "" : lines.map((one) => `${one}\r\n`).join(""));
}
