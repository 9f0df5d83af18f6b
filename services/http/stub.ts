import * as v from "valibot";
import { type Ruled, ruledReply } from "./ruled.ts";
import { status, textOrOctets, type Written, written } from "./written.ts";

/** Of each, what would have no meaning beside it. */
const EXCLUSIONS: { readonly [key in keyof Written]?: readonly (keyof Written)[] } = {
  raw: (Object.keys(written.entries) as (keyof Written)[]).filter(
    (key) => !["raw", "close", "interim", "continue"].includes(key),
  ),
  head: "statusLine version reason headers trailers coding contentLength lines manyHeaders bigHeader lineEnd blankLine chunked chunkSize chunkExtension lastChunk".split(
    " ",
  ) as (keyof Written)[],
  body: ["json"],
  statusLine: ["reason", "version"],
  lastChunk: ["trailers"],
};

const reply = v.pipe(
  written,
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed ? problemOf(dataset.value) : undefined;
    if (problem) addIssue({ message: problem.message, path: [pathTo(dataset.value as Written, problem.key)] });
  }),
  v.transform(ruledReply),
);

/** A reply as rules write it: its fields, a status, or a content. */
export const httpStub = v.union(
  [
    reply,
    v.pipe(
      status,
      v.transform((number): Ruled => ruledReply({ status: number })),
    ),
    v.pipe(
      textOrOctets,
      v.transform((body): Ruled => ruledReply({ body })),
    ),
  ],
  "a status, a content, or a map of status, headers, body and the like",
);

function problemOf(value: Written): { readonly key: keyof Written; readonly message: string } | undefined {
  for (const [key, others] of Object.entries(EXCLUSIONS) as [keyof Written, readonly (keyof Written)[]][]) {
    if (value[key] === undefined) continue;
    const other = others.find((one) => value[one] !== undefined);
    if (other) return { key: other, message: `nothing, because there is ${key}` };
  }
  const key = (["trailers", "chunkSize", "chunkExtension", "lastChunk", "pause"] as const).find(
    (one) => value[one] !== undefined,
  );
  if (value.chunked === false && key) return { key: "chunked", message: `true, because there is ${key}` };
  return undefined;
}

function pathTo(input: Written, key: keyof Written): v.ObjectPathItem {
  return { type: "object", origin: "value", input: input as Record<string, unknown>, key, value: input[key] };
}
