import { asBuffer, copyOf } from "../../src/wire/bytes.ts";
import type { ResourceRecord } from "./message.ts";

/** SERIAL, REFRESH, RETRY, EXPIRE and MINIMUM (RFC 1035 section 3.3.13) end the RDATA of an SOA. */
const NUMBERS_OCTETS = 20;
const HALF = 2 ** 31;

export function serialOf(soa: ResourceRecord): number {
  return asBuffer(soa.rdata).readUInt32BE(soa.rdata.length - NUMBERS_OCTETS);
}

export function withSerial(soa: ResourceRecord, serial: number): ResourceRecord {
  const rdata = copyOf(soa.rdata);
  asBuffer(rdata).writeUInt32BE(serial, rdata.length - NUMBERS_OCTETS);
  return { ...soa, rdata };
}

/** RFC 1982 section 3.2: serial numbers go round. */
export function isNewer(serial: number, than: number): boolean {
  const ahead = (serial - than) >>> 0;
  return ahead > 0 && ahead < HALF;
}

/** RFC 2136 section 3.6: the next one, and never 0. */
export function nextSerial(serial: number): number {
  return (serial + 1) >>> 0 || 1;
}
