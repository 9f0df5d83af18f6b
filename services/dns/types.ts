import type { FieldKind } from "./fields.ts";
import { PresentationError } from "./text.ts";

/** The RDATA of a type: its fields in order, by the names its RFC gives them. */
export type RdataShape = { readonly [field: string]: FieldKind };

/**
 * The types whose RDATA can be written and read field by field. Any other type is data all the same (RFC 3597).
 * Only the `name` fields of RFC 1035's own types are compressed when sent (RFC 3597 section 4); the others are `target`.
 */
const SHAPES = {
  A: [1, { address: "ipv4" }],
  NS: [2, { nsdname: "name" }],
  CNAME: [5, { cname: "name" }],
  SOA: [
    6,
    {
      mname: "name",
      rname: "name",
      serial: "u32",
      refresh: "period",
      retry: "period",
      expire: "period",
      minimum: "period",
    },
  ],
  MB: [7, { madname: "name" }],
  MG: [8, { mgmname: "name" }],
  MR: [9, { newname: "name" }],
  PTR: [12, { ptrdname: "name" }],
  HINFO: [13, { cpu: "string", os: "string" }],
  MINFO: [14, { rmailbx: "name", emailbx: "name" }],
  MX: [15, { preference: "u16", exchange: "name" }],
  TXT: [16, { text: "strings" }],
  RP: [17, { mbox: "target", txt: "target" }],
  AFSDB: [18, { subtype: "u16", hostname: "target" }],
  RT: [21, { preference: "u16", host: "target" }],
  AAAA: [28, { address: "ipv6" }],
  LOC: [29, { location: "location" }],
  SRV: [33, { priority: "u16", weight: "u16", port: "u16", target: "target" }],
  NAPTR: [
    35,
    { order: "u16", preference: "u16", flags: "string", services: "string", regexp: "string", replacement: "target" },
  ],
  KX: [36, { preference: "u16", exchanger: "target" }],
  CERT: [37, { type: "u16", keyTag: "u16", algorithm: "u8", certificate: "base64" }],
  DNAME: [39, { target: "target" }],
  DS: [43, { keyTag: "u16", algorithm: "u8", digestType: "u8", digest: "hex" }],
  SSHFP: [44, { algorithm: "u8", type: "u8", fingerprint: "hex" }],
  RRSIG: [
    46,
    {
      covered: "type",
      algorithm: "u8",
      labels: "u8",
      originalTtl: "u32",
      expiration: "time",
      inception: "time",
      keyTag: "u16",
      signer: "target",
      signature: "base64",
    },
  ],
  NSEC: [47, { next: "target", types: "types" }],
  DNSKEY: [48, { flags: "u16", protocol: "u8", algorithm: "u8", key: "base64" }],
  DHCID: [49, { digest: "base64" }],
  NSEC3: [50, { algorithm: "u8", flags: "u8", iterations: "u16", salt: "salt", next: "hash", types: "types" }],
  NSEC3PARAM: [51, { algorithm: "u8", flags: "u8", iterations: "u16", salt: "salt" }],
  TLSA: [52, { usage: "u8", selector: "u8", matching: "u8", data: "hex" }],
  SMIMEA: [53, { usage: "u8", selector: "u8", matching: "u8", data: "hex" }],
  CDS: [59, { keyTag: "u16", algorithm: "u8", digestType: "u8", digest: "hex" }],
  CDNSKEY: [60, { flags: "u16", protocol: "u8", algorithm: "u8", key: "base64" }],
  OPENPGPKEY: [61, { key: "base64" }],
  CSYNC: [62, { serial: "u32", flags: "u16", types: "types" }],
  ZONEMD: [63, { serial: "u32", scheme: "u8", hash: "u8", digest: "hex" }],
  SVCB: [64, { priority: "u16", target: "target", params: "params" }],
  HTTPS: [65, { priority: "u16", target: "target", params: "params" }],
  SPF: [99, { text: "strings" }],
  L32: [105, { preference: "u16", locator: "ipv4" }],
  LP: [107, { preference: "u16", fqdn: "target" }],
  EUI48: [108, { address: "eui48" }],
  EUI64: [109, { address: "eui64" }],
  URI: [256, { priority: "u16", weight: "u16", target: "text" }],
  CAA: [257, { flags: "u8", tag: "tag", value: "text" }],
} as const satisfies { readonly [mnemonic: string]: readonly [number, RdataShape] };

/** Types that have a name, but no shape here. */
const NAMES_ONLY = {
  OPT: 41,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const;

type Mnemonic = keyof typeof SHAPES | keyof typeof NAMES_ONLY;

const codes = Object.fromEntries([
  ...Object.entries(SHAPES).map(([mnemonic, [code]]) => [mnemonic, code]),
  ...Object.entries(NAMES_ONLY),
]) as { readonly [M in Mnemonic]: number };

/** The number of each type that has a name. */
export const TYPE = codes;

const shapes = new Map<number, RdataShape>(Object.values(SHAPES).map(([code, shape]) => [code, shape]));
const typeNames = new Map<number, string>(Object.entries(codes).map(([mnemonic, code]) => [code, mnemonic]));

/** How the RDATA of a type is made up; `undefined` for a type of which only the octets are known. */
export function shapeOf(type: number): RdataShape | undefined {
  return shapes.get(type);
}

/** `A`, or `TYPE65280` for a type without a name (RFC 3597 section 5). */
export function printType(type: number): string {
  return typeNames.get(type) ?? `TYPE${type}`;
}

/** `undefined` if the text names no type. */
export function findType(text: string): number | undefined {
  return findCode(text, "TYPE", codes);
}

/** Reads `A` or `TYPE65280`, in any case. */
export function parseType(text: string): number {
  const type = findType(text);
  if (type === undefined) throw new PresentationError(`expected a type such as A, MX or TYPE65280, not "${text}"`);
  return type;
}

/** RFC 1035 sections 3.2.4 and 3.2.5. */
export const CLASS = { IN: 1, CS: 2, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;
const classNames = new Map<number, string>(Object.entries(CLASS).map(([mnemonic, code]) => [code, mnemonic]));

/** `IN`, or `CLASS32` for a class without a name (RFC 3597 section 5). */
export function printClass(code: number): string {
  return classNames.get(code) ?? `CLASS${code}`;
}

/** `undefined` if the text names no class. */
export function findClass(text: string): number | undefined {
  return findCode(text, "CLASS", CLASS);
}

function findCode(text: string, prefix: string, known: { readonly [mnemonic: string]: number }): number | undefined {
  const upper = text.toUpperCase();
  if (Object.hasOwn(known, upper)) return known[upper];
  const digits = upper.startsWith(prefix) ? /^\d{1,5}$/.exec(upper.slice(prefix.length))?.[0] : undefined;
  return digits !== undefined && Number(digits) <= 0xffff ? Number(digits) : undefined;
}

/** RFC 1035 section 4.1.1, RFC 2136 section 2.2, RFC 6891 section 9, RFC 7873 section 8, RFC 8490 and RFC 8945. */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  DSOTYPENI: 11,
  BADVERS: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADMODE: 19,
  BADNAME: 20,
  BADALG: 21,
  BADTRUNC: 22,
  BADCOOKIE: 23,
} as const;
const rcodeNames = new Map<number, string>(Object.entries(RCODE).map(([mnemonic, code]) => [code, mnemonic]));

export function printRcode(rcode: number): string {
  return rcodeNames.get(rcode) ?? `RCODE${rcode}`;
}

/** RFC 6891 section 6.1.3: with the eight bits that EDNS adds there are twelve. */
const MAX_RCODE = 0xfff;

/** `undefined` if the text names no rcode. */
export function findRcode(text: string): number | undefined {
  const rcode = findCode(text, "RCODE", RCODE);
  return rcode === undefined || rcode > MAX_RCODE ? undefined : rcode;
}

/** RFC 1035 section 4.1.1, RFC 1996, RFC 2136. */
export const OPCODE = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5 } as const;
const opcodeNames = new Map<number, string>(Object.entries(OPCODE).map(([mnemonic, code]) => [code, mnemonic]));

export function printOpcode(opcode: number): string {
  return opcodeNames.get(opcode) ?? `OPCODE${opcode}`;
}

/** `undefined` if the text names no opcode. */
export function findOpcode(text: string): number | undefined {
  const opcode = findCode(text, "OPCODE", OPCODE);
  return opcode === undefined || opcode > 15 ? undefined : opcode;
}
