/** The four octets of `192.0.2.1`, one character each, or `undefined`. */
export function parseIpv4(text: string): string | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const octets = text.split(".").map(Number);
  return octets.every((octet) => octet <= 255) ? String.fromCharCode(...octets) : undefined;
}

export function printIpv4(octets: Uint8Array): string {
  return octets.join(".");
}

/** The sixteen octets of an address as RFC 4291 section 2.2 writes it, one character each, or `undefined`. */
export function parseIpv6(text: string): string | undefined {
  const tail = /^(.*:)([^:]*\.[^:]*)$/.exec(text);
  const embedded = tail ? parseIpv4(tail[2] as string) : "";
  if (embedded === undefined) return undefined;
  const halves = (tail ? `${tail[1]}${hexGroup(embedded, 0)}:${hexGroup(embedded, 2)}` : text).split("::");
  if (halves.length > 2) return undefined;
  const [before, after] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const count = (before?.length ?? 0) + (after?.length ?? 0);
  if (after ? count > 7 : count !== 8) return undefined;
  const groups = [...(before ?? []), ...Array<string>(8 - count).fill("0"), ...(after ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => parseInt(group, 16)).reduce((all, group) => all + pair(group), "");
}

function hexGroup(octets: string, at: number): string {
  return ((octets.charCodeAt(at) << 8) | octets.charCodeAt(at + 1)).toString(16);
}

function pair(group: number): string {
  return String.fromCharCode(group >> 8, group & 0xff);
}

/** RFC 5952 section 4: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
export function printIpv6(octets: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) => ((octets[2 * at] ?? 0) << 8) | (octets[2 * at + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${printIpv4(octets.subarray(12))}`; // RFC 5952 section 5
  let start = 0;
  let length = 1;
  for (let at = 0; at < 8; at += 1) {
    let end = at;
    while (groups[end] === 0) end += 1;
    if (end - at > length) [start, length] = [at, end - at];
  }
  const hex = groups.map((group) => group.toString(16));
  if (length === 1) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}
