import { fromBase64, toBase64, toLatin1 } from "../../src/wire/bytes.ts";
import { parseIpv4, parseIpv6, printIpv4, printIpv6 } from "./addresses.ts";
import { OctetReader, type OctetWriter } from "./octets.ts";
import { PresentationError, quote, unescapeString } from "./text.ts";

/** How the value of one service parameter reads and lies on the wire (RFC 9460 section 14.3.2). */
interface Param {
  readonly code: number;
  readonly expected: string;
  /** The value's octets, one character each; `undefined` if the text is none. */
  parse(value: string): string | undefined;
  /** `undefined` if the octets are no such value. */
  print(octets: Uint8Array): string | undefined;
}

const PARAMS: { readonly [key: string]: Param } = {
  mandatory: {
    code: 0,
    expected: "a list of keys",
    parse(value) {
      const codes = value.split(",").map(codeOf);
      return codes.every((code) => code !== undefined)
        ? [...new Set(codes)].sort((a, b) => a - b).reduce((all, code) => all + u16(code), "")
        : undefined;
    },
    print: (octets) => list(octets, 2, (two) => keyOf(((two[0] ?? 0) << 8) | (two[1] ?? 0))),
  },
  alpn: {
    code: 1,
    expected: "a list of protocols such as h2,http/1.1",
    parse(value) {
      // RFC 9460 appendix A.1: a comma or backslash within an item stands behind a backslash.
      const items = [...value.matchAll(/((?:[^,\\]|\\.)*)(?:,|$)/gs)]
        .slice(0, value === "" ? 1 : -1)
        .map(([, item = ""]) => item.replace(/\\(.)/gs, "$1"));
      if (value.endsWith(",") || items.some((item) => item.length === 0 || item.length > 255)) return undefined;
      return items.reduce((all, item) => all + String.fromCharCode(item.length) + item, "");
    },
    print(octets) {
      const reader = new OctetReader(octets);
      const items: string[] = [];
      while (reader.left > 0) items.push(reader.string().replace(/[,\\]/g, "\\$&"));
      return reader.problem || items.length === 0 ? undefined : quote(items.join(","));
    },
  },
  "no-default-alpn": {
    code: 2,
    expected: "no value",
    parse: (value) => (value === "" ? "" : undefined),
    print: (octets) => (octets.length === 0 ? "" : undefined),
  },
  port: {
    code: 3,
    expected: "a port from 0 to 65535",
    parse: (value) => (/^\d{1,5}$/.test(value) && Number(value) <= 0xffff ? u16(Number(value)) : undefined),
    print: (octets) => (octets.length === 2 ? String(((octets[0] ?? 0) << 8) | (octets[1] ?? 0)) : undefined),
  },
  ipv4hint: {
    code: 4,
    expected: "a list of IPv4 addresses",
    parse: (value) => joined(value.split(",").map(parseIpv4)),
    print: (octets) => list(octets, 4, printIpv4),
  },
  ech: {
    code: 5,
    expected: "base64",
    parse(value) {
      const octets = fromBase64(value);
      return octets && octets.length > 0 ? toLatin1(octets) : undefined;
    },
    print: (octets) => (octets.length > 0 ? toBase64(octets) : undefined),
  },
  ipv6hint: {
    code: 6,
    expected: "a list of IPv6 addresses",
    parse: (value) => joined(value.split(",").map(parseIpv6)),
    print: (octets) => list(octets, 16, printIpv6),
  },
};

const byCode = new Map(Object.entries(PARAMS).map(([key, param]) => [param.code, { key, ...param }]));

function codeOf(key: string): number | undefined {
  if (Object.hasOwn(PARAMS, key)) return PARAMS[key]?.code;
  const digits = /^key(0|[1-9]\d{0,4})$/.exec(key)?.[1];
  return digits !== undefined && Number(digits) <= 0xffff ? Number(digits) : undefined;
}

function keyOf(code: number): string {
  return byCode.get(code)?.key ?? `key${code}`;
}

function u16(value: number): string {
  return String.fromCharCode(value >> 8, value & 0xff);
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  return parts.every((part) => part !== undefined) ? parts.join("") : undefined;
}

function list(octets: Uint8Array, size: number, print: (item: Uint8Array) => string): string | undefined {
  if (octets.length === 0 || octets.length % size !== 0) return undefined;
  return Array.from({ length: octets.length / size }, (_, at) =>
    print(octets.subarray(at * size, (at + 1) * size)),
  ).join(",");
}

/** Writes `alpn=h2 port=8443` in the order of the keys' numbers (RFC 9460 section 2.2). */
export function parseParams(texts: readonly string[], out: OctetWriter): void {
  const values = new Map<number, string>();
  for (const text of texts) {
    const [, key = "", given = ""] = /^([^=]*)=?(.*)$/s.exec(text) ?? [];
    const code = codeOf(key);
    if (code === undefined)
      throw new PresentationError(`expected a parameter such as alpn, port or key65280, not "${key}"`);
    if (values.has(code)) throw new PresentationError(`expected each parameter once; ${key} is there twice`);
    const value = unescapeString(given);
    const octets = byCode.has(code) ? byCode.get(code)?.parse(value) : value;
    if (octets === undefined) throw new PresentationError(`${key}: expected ${byCode.get(code)?.expected}`);
    values.set(code, octets);
  }
  for (const [code, octets] of [...values].sort(([a], [b]) => a - b)) {
    out.u16(code);
    out.u16(octets.length);
    out.latin1(octets);
  }
}

/** The parameters as text; those whose value makes no sense by their number. */
export function printParams(rdata: OctetReader): string {
  const texts: string[] = [];
  for (let last = -1; rdata.left > 0; ) {
    const code = rdata.u16();
    if (code <= last) rdata.fail("the parameters are not in order");
    last = code;
    const octets = rdata.octets(rdata.u16());
    const known = byCode.get(code)?.print(octets);
    const key = known === undefined ? `key${code}` : keyOf(code);
    const value = known ?? (octets.length > 0 ? quote(toLatin1(octets)) : "");
    texts.push(value === "" ? key : `${key}=${value}`);
  }
  return texts.join(" ");
}
