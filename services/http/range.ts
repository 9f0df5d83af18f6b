/** Both ends are counted in: `bytes=0-0` is the first octet. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** More in one request ask for more heads than octets. */
const MAX_RANGES = 64;

/**
 * RFC 9110 section 14.1.2: the ranges of `bytes=0-9,-5` that a representation of `octets` can satisfy, in the order in
 * which they were asked for. None, if none can be; `undefined` if the field is to be ignored.
 */
export function parseRanges(field: string, octets: number): readonly ByteRange[] | undefined {
  const [, set] = /^bytes=(.*)$/i.exec(field) ?? [];
  if (set === undefined) return undefined;
  const specs = set.split(",").map((spec) => spec.trim());
  if (specs.length > MAX_RANGES) return undefined;
  const ranges: ByteRange[] = [];
  let asked = 0;
  for (const spec of specs) {
    if (spec === "") continue;
    const [, from = "", to = ""] = /^([0-9]*)-([0-9]*)$/.exec(spec) ?? [];
    if (from === "" && to === "") return undefined;
    if (from !== "" && to !== "" && Number(from) > Number(to)) return undefined;
    asked += 1;
    const first = from === "" ? Math.max(0, octets - Number(to)) : Number(from);
    const last = from === "" || to === "" ? octets - 1 : Math.min(Number(to), octets - 1);
    if (first <= last) ranges.push({ first, last });
  }
  if (asked === 0) return undefined;
  // RFC 9110 section 14.2: ranges that overlap so much that they are more than the whole are ignored.
  const total = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return ranges.length > 1 && total > octets ? undefined : ranges;
}
