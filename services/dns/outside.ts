import type { Context } from "../../src/contract/service.ts";
import type { World } from "../../src/contract/world.ts";
import { fromLatin1 } from "../../src/wire/bytes.ts";
import { parseIpv4, parseIpv6, printIpv6 } from "./addresses.ts";
import type { ResourceRecord } from "./message.ts";
import { type Name, parseName, printName, ROOT } from "./names.ts";
import { parseRdata } from "./rdata.ts";
import { CLASS, RCODE, TYPE } from "./types.ts";

/** What there is of a name outside of the zones: records of what is asked for, or none and the SOA. */
export interface OutsideAnswer {
  readonly rcode: number;
  readonly records: readonly ResourceRecord[];
  readonly soa: ResourceRecord;
}

/** Answers for a name, in lower case, that is in no zone; `undefined` where the server knows nothing of it. */
export type Outside = (name: Name, type: number) => OutsideAnswer | undefined;

/** In seconds; soon forgotten, for nothing of it is real. */
const TTL = 60;
const LOOPBACK = ["127.0.0.1", "::1"];

/** The addresses of a name, as text; `undefined` if it does not exist, `"unknown"` if there can be none for it. */
type Addresses = (name: string) => readonly string[] | undefined | "unknown";

/** What `option` says of names outside; `undefined`, for it knows of none, if it is `refused`. */
export function outsideOf(option: string, { world, hostname }: Pick<Context<unknown>, "world" | "hostname">) {
  if (option === "refused") return undefined;
  const soa = {
    ...at(ROOT, TYPE.SOA),
    rdata: parseRdata(TYPE.SOA, [`${hostname}.`, `hostmaster.${world.domain}.`, "1", "1h", "15m", "4w", "1m"], ROOT),
  };
  const addresses = addressesBy(option, world);
  const outside: Outside = (name, type) => {
    // The root is there, with nothing at it.
    if (name === ROOT) return { rcode: RCODE.NOERROR, records: [], soa };
    const text = printName(name).slice(0, -1);
    const back = option === "synthetic" ? addressOfReverse(text) : undefined;
    const target = back === undefined ? undefined : world.addresses.nameOf(back);
    const found = back === undefined ? addresses(text) : target === undefined ? undefined : [];
    if (found === "unknown") return undefined;
    const all = (found ?? []).map((address) => addressRecord(name, address));
    if (target !== undefined) all.push({ ...at(name, TYPE.PTR), rdata: fromLatin1(parseName(target)) });
    const records = all.filter((record) => record.type === type || type === TYPE.ANY);
    return { rcode: found ? RCODE.NOERROR : RCODE.NXDOMAIN, records, soa };
  };
  return outside;
}

/** What `outside` may be: a way, or addresses with spaces between them. */
export function isOutside(option: string): boolean {
  const isAddress = (text: string) => parseIpv4(text) !== undefined || parseIpv6(text) !== undefined;
  return ["refused", "nxdomain", "synthetic"].includes(option) || option.split(/ +/).every(isAddress);
}

/** The name is one of those that addresses are turned into, which come and go with the addresses. */
export function isReverse(name: Name): boolean {
  return /\x04arpa\0$/i.test(name);
}

function addressesBy(option: string, world: World): Addresses {
  if (option === "nxdomain") return () => undefined;
  return (name) => {
    // RFC 6761 sections 6.3 and 6.4.
    if (/(^|\.)localhost$/.test(name)) return LOOPBACK;
    if (/(^|\.)invalid$/.test(name)) return undefined;
    if (option !== "synthetic") return option.split(/ +/);
    // Of an address that is not one of ours nothing is known.
    if (/\.(in-addr|ip6)\.arpa$/.test(name)) return undefined;
    const own = world.addresses.of(name);
    return own ? [own.ipv4, own.ipv6] : "unknown";
  };
}

function at(name: Name, type: number) {
  return { name, type, class: CLASS.IN, ttl: TTL };
}

function addressRecord(name: Name, address: string): ResourceRecord {
  const ipv4 = parseIpv4(address);
  const octets = ipv4 ?? parseIpv6(address) ?? "";
  return { ...at(name, ipv4 === undefined ? TYPE.AAAA : TYPE.A), rdata: fromLatin1(octets) };
}

/** The address that a name such as `4.3.2.1.in-addr.arpa` stands for (RFC 1035 section 3.5, RFC 3596 section 2.5). */
function addressOfReverse(name: string): string | undefined {
  const ipv4 = /^(\d{1,3}(?:\.\d{1,3}){3})\.in-addr\.arpa$/.exec(name)?.[1];
  if (ipv4 !== undefined) return ipv4.split(".").reverse().join(".");
  const digits = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name)?.[1]?.replaceAll(".", "");
  if (digits === undefined) return undefined;
  const octets = [...digits].reverse().join("").match(/../g) ?? [];
  return printIpv6(Uint8Array.from(octets, (octet) => Number.parseInt(octet, 16)));
}
